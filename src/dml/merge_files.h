// Owns the choice of the table's files that a merge must read: by conditions over the table alone and by the values
// that the source has in the columns that are compared. Reads the kept source, not the table's data.
#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "dml/merge_plan.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct MergeFiles {
  Predicate predicate;         // true of every row of the table that the merge looks at
  bool everything = false;     // the predicate says nothing
  std::vector<AddFile> files;  // that may hold such rows
  int64_t skipped = 0;         // the others
};

// `source`: the name under which the session keeps the source.
struct MergeFilesRequest {
  const MergeRules& rules;
  const MergePlan& plan;
  const Fields& source_columns;
  std::string source;
  int64_t source_rows = 0;
  CancelToken cancel;
};
Result<MergeFiles> ChooseMergeFiles(Engine& engine, WorkSession& session, const Snapshot& table,
                                    const MergeFilesRequest& request);

}  // namespace deltic
