// Owns a vacuum that can be stopped while it runs, for front ends that answer Ctrl-C. Not part of the public interface.
#pragma once

#include "base/cancel.h"
#include "deltic/vacuum.h"

namespace deltic {

// As Vacuum; Cancelled once `cancel` is. What was deleted until then is gone; VACUUM END says FAILED.
Result<VacuumOutcome> VacuumTable(Table& table, const VacuumRequest& request, const CancelToken& cancel);

}  // namespace deltic
