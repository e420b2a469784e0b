// Owns the order of rows along a curve, as SQL for a write: the columns that may make one, and the ranges of their
// values, by a sample of the files. Writes nothing; the curves are the engine's (engine/curve.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/engine.h"
#include "optimize/plan.h"
#include "snapshot/snapshot.h"

namespace deltic {

enum class Curve : uint8_t { kZOrder, kHilbert };

// The columns by their names in the schema. InvalidArgument, naming it, for a column that is not there, is named twice,
// is a partition column, has no order, or no statistics by which readers could skip files.
Result<std::vector<ColumnPath>> FindCurveColumns(const Snapshot& table, const std::vector<std::string>& names);

// The order of the group's rows. Reads the columns of all its files; along one column it is the column itself.
Result<RowOrder> CurveOrder(Engine& engine, const std::shared_ptr<const Snapshot>& table, const FileGroup& group,
                            const std::vector<ColumnPath>& columns, Curve curve, const CancelToken& cancel);

}  // namespace deltic
