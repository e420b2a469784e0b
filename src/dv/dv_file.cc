// Owns the way from a descriptor to the bitmap: the file or the inline text, its framing, its checks.
//
//   file  = version *entry
//   version = u8:1
//   entry = u32:size_bytes bytes u32:crc32(bytes)           big-endian; a descriptor's offset is that of its entry
//
// Each call opens one file: it keeps nothing open and remembers nothing.
// Protocol: "Deletion Vector File Storage Format".
#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/url.h"
#include "dv/byte_reader.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

constexpr uint8_t kFileVersion = 1;
constexpr int64_t kFrameBytes = 8;  // size and checksum
// Up to here it is cheaper to read a file from its beginning than to ask a second time for the version.
constexpr int64_t kReadFromStart = 64 * 1024;
// The same behind a network, where a second request costs more than these bytes.
constexpr int64_t kReadFromStartFar = 1 << 20;

struct Entry {
  int64_t offset = 0;
  int64_t size_bytes = 0;
};

Status CheckVersion(uint8_t version) {
  if (version == kFileVersion) return {};
  return Corrupt("the file's version is {}, this reads version {}", version, kFileVersion);
}

// The bytes of the entry with its frame.
Result<std::string> ReadFrame(ObjectStore& store, const std::string& key, Entry entry) {
  const int64_t length = entry.size_bytes + kFrameBytes;
  if (entry.offset <= (store.remote() ? kReadFromStartFar : kReadFromStart)) {
    DELTIC_TRY(std::string bytes, store.GetRange(key, {.offset = 0, .length = entry.offset + length}));
    DELTIC_CHECK(CheckVersion(static_cast<uint8_t>(bytes[0])));
    bytes.erase(0, static_cast<size_t>(entry.offset));
    return bytes;
  }
  DELTIC_TRY(const std::string version, store.GetRange(key, {.offset = 0, .length = 1}));
  DELTIC_CHECK(CheckVersion(static_cast<uint8_t>(version[0])));
  return store.GetRange(key, {.offset = entry.offset, .length = length});
}

Result<std::string> ReadEntry(ObjectStore& store, const std::string& key, Entry entry) {
  DELTIC_TRY(const std::string frame, ReadFrame(store, key, entry));
  ByteReader reader(frame);
  const auto size = reader.TakeBig<uint32_t>();
  if (!size || *size != entry.size_bytes) {
    return Corrupt("the descriptor says {} bytes, the file says {}", entry.size_bytes, size.value_or(0));
  }
  const auto bytes = reader.TakeBytes(*size);
  const auto expected = reader.TakeBig<uint32_t>();
  if (!bytes || !expected) return Corrupt("the file is cut");
  const auto crc =
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes->data()), bytes->size()));
  if (crc != *expected) return Corrupt("its checksum is {:08x}, the file says {:08x}", crc, *expected);
  return std::string(*bytes);
}

// The text is filled up to whole groups of four bytes: the descriptor tells how many of them count.
Result<std::string> DecodeInline(const DeletionVectorDescriptor& descriptor) {
  DELTIC_TRY(std::string bytes, DecodeZ85(descriptor.path_or_inline_dv));
  const auto size = static_cast<size_t>(descriptor.size_in_bytes);
  if (size > bytes.size() || bytes.size() - size > 3) {
    return Corrupt("the descriptor says {} bytes, its text holds {}", size, bytes.size());
  }
  bytes.resize(size);
  return bytes;
}

Result<std::string> ReadBytes(ObjectStore& store, const DeletionVectorDescriptor& descriptor) {
  DELTIC_TRY(const DeletionVectorLocation location, LocateDeletionVector(descriptor));
  if (location.inline_data) return DecodeInline(descriptor);
  // The protocol reads an absent offset as 0; the version is there, so it means the first entry, behind it.
  const int64_t offset = std::max(descriptor.offset.value_or(0), 1);
  const Entry entry{.offset = offset, .size_bytes = descriptor.size_in_bytes};
  if (location.absolute.empty()) return ReadEntry(store, location.key, entry);
  DELTIC_TRY(const ObjectPlace place, PlaceBeside(store, location.absolute));
  return ReadEntry(*place.store, place.key, entry);
}

Result<std::shared_ptr<const DeletionVector>> ReadChecked(ObjectStore& store,
                                                          const DeletionVectorDescriptor& descriptor) {
  DELTIC_TRY(const std::string bytes, ReadBytes(store, descriptor));
  DELTIC_TRY(auto vector, ParseDeletionVector(bytes));
  if (vector->cardinality() != descriptor.cardinality) {
    return Corrupt("it deletes {} rows, its descriptor says {}", vector->cardinality(), descriptor.cardinality);
  }
  return vector;
}

std::string Describe(const ObjectStore& store, const DeletionVectorDescriptor& descriptor) {
  const std::string_view text = descriptor.path_or_inline_dv;
  if (descriptor.storage_type == 'i') {
    return fmt::format("inline deletion vector '{}{}'", text.substr(0, 40), text.size() > 40 ? "..." : "");
  }
  auto location = LocateDeletionVector(descriptor);
  const std::string place = !location.ok()               ? fmt::format("'{}'", text)
                            : location->absolute.empty() ? store.uri() + location->key
                                                         : location->absolute;
  return fmt::format("deletion vector {} at byte {}", place, descriptor.offset.value_or(0));
}

}  // namespace

Result<std::shared_ptr<const DeletionVector>> ReadDeletionVector(ObjectStore& store,
                                                                 const DeletionVectorDescriptor& descriptor) {
  auto vector = ReadChecked(store, descriptor);
  if (!vector.ok()) {
    // A name that no store can hold is the table's fault, not the caller's.
    const Error& error = vector.error();
    const Code code = error.code() == Code::kInvalidArgument ? Code::kCorrupt : error.code();
    return Error(code, error.message()).Wrap(Describe(store, descriptor));
  }
  return vector;
}

}  // namespace deltic
