// Owns the reading of a descriptor: where the bytes of a deletion vector are. Reads none of them.
// Protocol: "Deletion Vector Descriptor Schema", "Derived Fields".
#include "base/error.h"
#include "base/url.h"
#include "base/uuid.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

constexpr size_t kEncodedUuidSize = 20;

// `[prefix]<uuid in Z85>` is the file `[prefix/]deletion_vector_<uuid>.bin`.
Result<std::string> KeyOfUuid(std::string_view text) {
  if (text.size() < kEncodedUuidSize) {
    return Corrupt("deletion vector '{}' should end with a UUID of {} characters", text, kEncodedUuidSize);
  }
  const std::string_view prefix = text.substr(0, text.size() - kEncodedUuidSize);
  auto bytes = DecodeZ85(text.substr(prefix.size()));
  if (!bytes.ok()) return std::move(bytes).error().Wrap(fmt::format("deletion vector '{}'", text));
  Uuid uuid;
  if (bytes->size() != uuid.bytes.size()) return Corrupt("deletion vector '{}' does not end with a UUID", text);
  for (size_t i = 0; i < uuid.bytes.size(); ++i) uuid.bytes[i] = static_cast<uint8_t>((*bytes)[i]);
  std::string key = fmt::format("{}{}deletion_vector_{}.bin", prefix, prefix.empty() ? "" : "/", FormatUuid(uuid));
  const Status usable = CheckKey(key);
  if (!usable.ok()) return Corrupt("deletion vector '{}': {}", text, usable.error().message());
  return key;
}

Result<std::string> AbsolutePlace(std::string_view text) {
  if (UrlScheme(text)) return std::string(text);
  if (!text.starts_with('/')) return Corrupt("deletion vector '{}' should be an absolute path or a URL", text);
  return PercentDecode(text);
}

}  // namespace

Result<DeletionVectorLocation> LocateDeletionVector(const DeletionVectorDescriptor& descriptor) {
  const std::string_view text = descriptor.path_or_inline_dv;
  if (descriptor.size_in_bytes < 0) {
    return Corrupt("deletion vector '{}' has a size of {} bytes", text.substr(0, 64), descriptor.size_in_bytes);
  }
  if (descriptor.cardinality < 0) {
    return Corrupt("deletion vector '{}' has a cardinality of {}", text.substr(0, 64), descriptor.cardinality);
  }
  if (descriptor.offset.value_or(0) < 0) {
    return Corrupt("deletion vector '{}' is at byte {} of its file", text.substr(0, 64), *descriptor.offset);
  }
  DeletionVectorLocation location;
  switch (descriptor.storage_type) {
    case 'i':
      location.inline_data = true;
      return location;
    case 'u': {
      DELTIC_TRY(location.key, KeyOfUuid(text));
      return location;
    }
    case 'p': {
      DELTIC_TRY(location.absolute, AbsolutePlace(text));
      return location;
    }
    default:
      return Corrupt("deletion vector '{}' is of storage type '{}', which is none of u, i and p", text.substr(0, 64),
                     descriptor.storage_type);
  }
}

}  // namespace deltic
