// Owns the judgement of a table's health: which numbers call for which maintenance. Pure. Names only maintenance that
// exists in deltic or in other writers of the table.
#pragma once

#include <vector>

#include "deltic/health.h"

namespace deltic {

// What judging needs to know beside the numbers.
struct HealthRules {
  int64_t checkpoint_interval = 10;  // delta.checkpointInterval
  bool has_partition_columns = false;
};

// The most pressing first.
std::vector<HealthFinding> FindProblems(const TableHealth& health, const HealthRules& rules);

}  // namespace deltic
