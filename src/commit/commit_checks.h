// Owns what must be true of a commit's actions, whatever operation they come from: each refused by name before a byte
// is written. Pure. Protocol: "Add File and Remove File", "Append-only Tables", "Domain Metadata", "Deletion Vectors",
// "Writer Requirements for IcebergCompatV1", "Table Features".
#pragma once

#include <set>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "features/features.h"
#include "snapshot/snapshot.h"

namespace deltic {

// The table as it is before the commit (null: there is none) and as it will be after it.
struct CommitContext {
  const Snapshot* before = nullptr;
  const ObjectStore* store = nullptr;
  Protocol protocol;
  Metadata metadata;
  Fields schema;
  TableConfig config;
  bool may_drop_features = false;
};

Status CheckActions(const CommitContext& context, const std::vector<Action>& actions);

}  // namespace deltic
