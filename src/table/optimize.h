// Owns rearranging of files that can be stopped while it runs, for front ends that answer Ctrl-C. Not part of the
// public interface.
#pragma once

#include "base/cancel.h"
#include "deltic/optimize.h"

namespace deltic {

// As Optimize and Reorg; Cancelled once `cancel` is.
Result<OptimizeOutcome> OptimizeTo(Table& table, const OptimizeRequest& request, const CancelToken& cancel);
Result<OptimizeOutcome> ReorgTo(Table& table, const ReorgRequest& request, const CancelToken& cancel);

}  // namespace deltic
