// Owns restore, clone and convert that can be stopped while they run, for front ends that answer Ctrl-C. Not part of
// the public interface.
#pragma once

#include <string>

#include "base/cancel.h"
#include "deltic/clone.h"

namespace deltic {

// As Restore, Clone and Convert; Cancelled once `cancel` is.
Result<RestoreOutcome> RestoreTo(Table& table, const RestoreRequest& request, const CancelToken& cancel);
Result<CloneOutcome> CloneTo(const std::string& source, const std::string& target, const CloneRequest& request,
                             const CancelToken& cancel);
Result<ConvertOutcome> ConvertFolder(const std::string& folder, const ConvertRequest& request,
                                     const CancelToken& cancel);

}  // namespace deltic
