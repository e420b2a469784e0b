// Owns the check of a merge's expressions before a row is read: each binds to its tables' columns, also those that will
// meet no row, conditions are boolean, and an update loses no field of a struct. Reads no row.
#pragma once

#include "dml/merge_plan.h"
#include "engine/work_session.h"

namespace deltic {

// `table` is the table as it is; the plan has it as it will be. InvalidArgument saying which expression and why.
Status CheckMergeSql(WorkSession& session, const MergeRules& rules, const MergePlan& plan, const Fields& table,
                     const Fields& source);

}  // namespace deltic
