// Owns the finding of files that still hold columns which the table has no more. Reads footers, no rows. Protocol:
// "Column Mapping": only with it can columns be dropped without rewriting files.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/engine.h"
#include "optimize/plan.h"
#include "snapshot/snapshot.h"

namespace deltic {

// The paths of such files. Reads nothing where no column can have been dropped.
Result<std::set<std::string>> FilesWithDroppedColumns(Engine& engine, const Snapshot& table,
                                                      const std::vector<CandidateFile>& files,
                                                      const CancelToken& cancel);

}  // namespace deltic
