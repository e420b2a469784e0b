// Owns the rules; see the header.
#include "storage/byte_range.h"

#include "base/error.h"

namespace deltic {

Status CheckRange(const ObjectStore& store, std::string_view key, ByteRange range) {
  if (range.offset >= 0 && range.length >= 0) return {};
  return InvalidArgument("{}{}: a range from {} of {} bytes", store.uri(), key, range.offset, range.length);
}

std::optional<int64_t> LastByte(ByteRange range) {
  int64_t end = 0;
  if (range.length == 0 || __builtin_add_overflow(range.offset, range.length, &end)) return std::nullopt;
  return end - 1;
}

Result<std::string> AnswerBySize(ObjectStore& store, std::string_view key, ByteRange range) {
  DELTIC_TRY(const ObjectMeta meta, store.Head(key));
  if (range.length == 0 && range.offset <= meta.size_bytes) return std::string();
  return Corrupt("{}{}: it has {} bytes, and {} from byte {} were expected", store.uri(), key, meta.size_bytes,
                 range.length, range.offset);
}

}  // namespace deltic
