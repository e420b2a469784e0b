// Owns which columns a checkpoint has struct statistics and parsed partition values for, by the names that files use.
// Protocol: "Checkpoint Schema"; the columns are those that writers collect statistics of ("Per-file Statistics").
#pragma once

#include "schema/types.h"
#include "snapshot/snapshot.h"

namespace deltic {

// Data columns with physical names, at most those that delta.dataSkippingStatsColumns names, or of which
// delta.dataSkippingNumIndexedCols counts the leaves.
Fields StatsFields(const Snapshot& snapshot);
Fields PartitionFields(const Snapshot& snapshot);

}  // namespace deltic
