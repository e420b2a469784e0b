// Owns what history says of a merge: name, parameters and metrics as Spark writes them. Pure.
#pragma once

#include "commit/commit.h"
#include "deltic/merge.h"
#include "dml/merge_plan.h"

namespace deltic {

Operation DescribeMerge(const MergeRules& rules, const MergePlan& plan, const MergeOutcome& outcome);

}  // namespace deltic
