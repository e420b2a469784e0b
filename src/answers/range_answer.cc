// Owns the judgement; see the header.
#include "answers/range_answer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/number_text.h"
#include "http/http_date.h"

namespace deltic {

std::string RangeHeader(int64_t first, int64_t last) { return fmt::format("bytes={}-{}", first, last); }

int64_t MostRangeBytes(ByteRange range) {
  constexpr int64_t kMost = int64_t{1} << 40;
  constexpr int64_t kErrorBytes = 64 << 10;
  return std::min(range.length, kMost) + kErrorBytes;
}

std::optional<Result<std::string>> BytesOf(HttpAnswer& answer, ByteRange range, std::string_view object) {
  const bool exact = answer.body.size() == static_cast<size_t>(range.length);
  if (exact && (answer.status == 206 || (answer.status == 200 && range.offset == 0))) return std::move(answer.body);
  if (answer.status == 416 || answer.status == 206) return TooShort(range, object);
  return std::nullopt;
}

Error TooShort(ByteRange range, std::string_view object) {
  return Corrupt("{}: it is shorter than expected: bytes {} to {} are not there", object, range.offset,
                 range.offset + range.length - 1);
}

std::optional<ObjectTail> TailOf(HttpAnswer& answer, std::string_view key, int64_t length) {
  const auto body_bytes = static_cast<int64_t>(answer.body.size());
  const int64_t size = answer.status == 200 ? body_bytes : SizeOfContentRange(answer.Header("content-range"));
  const auto modified_ms = ParseHttpDate(answer.Header("last-modified"));
  if (!modified_ms || body_bytes < std::min(size, length) || body_bytes > size) return std::nullopt;
  if (body_bytes > length) answer.body.erase(0, static_cast<size_t>(body_bytes - length));
  return ObjectTail{.meta = {.key = std::string(key), .size_bytes = size, .modified_ms = *modified_ms},
                    .bytes = std::move(answer.body)};
}

int64_t SizeOfContentRange(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return -1;
  return ParseInt64(text.substr(slash + 1)).value_or(-1);
}

}  // namespace deltic
