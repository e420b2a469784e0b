// Owns merges that can be stopped while they run, for front ends that answer Ctrl-C. Not part of the public interface.
#pragma once

#include "base/cancel.h"
#include "deltic/merge.h"

namespace deltic {

// As Merge; Cancelled once `cancel` is.
Result<MergeOutcome> MergeTo(Table& table, const RowsToWrite& source, const MergeRequest& request,
                             const CancelToken& cancel);

}  // namespace deltic
