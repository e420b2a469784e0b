// Owns deletes and updates that can be stopped while they run, for front ends that answer Ctrl-C. Not part of the
// public interface.
#pragma once

#include "base/cancel.h"
#include "deltic/change.h"

namespace deltic {

// As Delete and Update; Cancelled once `cancel` is.
Result<DeleteOutcome> DeleteFrom(Table& table, const DeleteRequest& request, const CancelToken& cancel);
Result<UpdateOutcome> UpdateIn(Table& table, const UpdateRequest& request, const CancelToken& cancel);

}  // namespace deltic
