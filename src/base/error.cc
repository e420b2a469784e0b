// Owns the names of the error codes.
#include "base/error.h"

namespace deltic {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "Ok";
    case Code::kInvalidArgument:
      return "InvalidArgument";
    case Code::kNotFound:
      return "NotFound";
    case Code::kAlreadyExists:
      return "AlreadyExists";
    case Code::kConflict:
      return "Conflict";
    case Code::kUnsupported:
      return "Unsupported";
    case Code::kCorrupt:
      return "Corrupt";
    case Code::kConstraintViolation:
      return "ConstraintViolation";
    case Code::kPermissionDenied:
      return "PermissionDenied";
    case Code::kUnavailable:
      return "Unavailable";
    case Code::kCommitUnknown:
      return "CommitUnknown";
    case Code::kCancelled:
      return "Cancelled";
    case Code::kInternal:
      return "Internal";
  }
  return "Internal";
}

std::string_view ConflictName(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kNone:
      return "";
    case ConflictKind::kConcurrentAppend:
      return "ConcurrentAppend";
    case ConflictKind::kConcurrentDeleteRead:
      return "ConcurrentDeleteRead";
    case ConflictKind::kConcurrentDeleteDelete:
      return "ConcurrentDeleteDelete";
    case ConflictKind::kMetadataChanged:
      return "MetadataChanged";
    case ConflictKind::kProtocolChanged:
      return "ProtocolChanged";
    case ConflictKind::kConcurrentTransaction:
      return "ConcurrentTransaction";
  }
  return "";
}

}  // namespace deltic
