// Owns the short ways to make an Error with a formatted message. Knows nothing of Delta.
#pragma once

#include <fmt/format.h>

#include "deltic/result.h"

namespace deltic {

// Corrupt("{}: line {}", file, n), NotFound(...), ...: the code is the name, the rest goes to fmt::format.
#define DELTIC_ERROR_MAKER(name)                                                 \
  template <class... Args>                                                       \
  Error name(fmt::format_string<Args...> text, Args&&... args) {                 \
    return Error(Code::k##name, fmt::format(text, std::forward<Args>(args)...)); \
  }
DELTIC_ERROR_MAKER(InvalidArgument)
DELTIC_ERROR_MAKER(NotFound)
DELTIC_ERROR_MAKER(AlreadyExists)
DELTIC_ERROR_MAKER(Conflict)
DELTIC_ERROR_MAKER(Unsupported)
DELTIC_ERROR_MAKER(Corrupt)
DELTIC_ERROR_MAKER(ConstraintViolation)
DELTIC_ERROR_MAKER(PermissionDenied)
DELTIC_ERROR_MAKER(Unavailable)
DELTIC_ERROR_MAKER(CommitUnknown)
DELTIC_ERROR_MAKER(Cancelled)
DELTIC_ERROR_MAKER(Internal)
#undef DELTIC_ERROR_MAKER

}  // namespace deltic
