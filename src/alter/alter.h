// Owns ALTER: a change applied to a table, the rows that are there looked at where the change is only right for some,
// and one commit (two when a reader's feature is dropped). What a change makes of a table is in alter/changes.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alter/changes.h"
#include "commit/commit.h"
#include "snapshot/snapshot.h"

namespace deltic {

// The snapshot as a definition, with its domains. May read the log's domains.
Result<TableDefinition> DefinitionOf(const Snapshot& snapshot);

// The errors of ApplyChange and Commit; ConstraintViolation, saying how many, when rows that are there break the
// change. A change that changes nothing makes no version: it answers the snapshot as it is. Looking at rows
// (constraints, NOT NULL), at files (row tracking) or dropping a feature reads the whole table, so that a concurrent
// append is a conflict.
// `extras` go with the change's commit; of a feature that is dropped in two, with the last.
struct AlterExtras {
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  std::vector<SetTransaction> transactions;
};
Result<Committed> AlterTable(const std::shared_ptr<const Snapshot>& snapshot, const Change& change,
                             const CommitOptions& options, const AlterExtras& extras = {});

}  // namespace deltic
