// Owns MERGE as one operation on a snapshot: the source kept, the rows found, their new versions written, the commit.
// What clauses mean is merge_plan.h's, which files are read merge_files.h's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "commit/commit.h"
#include "deltic/merge.h"
#include "dml/merge_plan.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"
#include "write/write.h"

namespace deltic {

struct MergeContext {
  MergeRules rules;
  WriteOptions write;
  std::vector<SetTransaction> transactions;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  CommitOptions commit;
  ProgressCallback progress;
  // Whether the source or a text reads this very table's newest rows by a query; see RowChange (dml/change_rows.h).
  std::function<bool()> reads_table;
};

struct Merged {
  MergeOutcome outcome;
  std::shared_ptr<const Snapshot> snapshot;
};

// `table` is the newest snapshot known. On every error but CommitUnknown no file is left (or it is named).
Result<Merged> MergeRows(Engine& engine, const std::shared_ptr<const Snapshot>& table, std::unique_ptr<RowInput> source,
                         const TableResolver& resolver, const MergeContext& context);

}  // namespace deltic
