// Owns a repair that can be stopped while it runs, for front ends that answer Ctrl-C. Not part of the public interface.
#pragma once

#include "base/cancel.h"
#include "deltic/repair.h"

namespace deltic {

// As Repair; Cancelled, with nothing changed, once `cancel` is.
Result<RepairOutcome> RepairTable(Table& table, const RepairRequest& request, const CancelToken& cancel);

}  // namespace deltic
