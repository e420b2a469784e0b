// Feeds bytes to Z85, to the place a deletion vector descriptor names and, for inline ones, to its whole reading. A key
// that comes out must be one that a store takes, so that no descriptor leads out of the table. Seeds: the first byte is
// the storage type, the next eight are size and offset, the rest is pathOrInlineDv.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "dv/deletion_vector.h"
#include "storage/object_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  constexpr size_t kHead = 9;
  if (size < kHead) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  const auto bytes = DecodeZ85(text);
  if (bytes.ok()) {
    const auto again = DecodeZ85(EncodeZ85(*bytes));
    if (!again.ok() || !again->starts_with(*bytes) || again->size() - bytes->size() > 3) std::abort();
  }
  DeletionVectorDescriptor descriptor{.storage_type = static_cast<char>(data[0]),
                                      .path_or_inline_dv = std::string(text)};
  int32_t offset = 0;
  std::memcpy(&descriptor.size_in_bytes, data + 1, 4);
  std::memcpy(&offset, data + 5, 4);
  if (offset != 0) descriptor.offset = offset;
  const auto location = LocateDeletionVector(descriptor);
  if (!location.ok()) return 0;
  if (descriptor.size_in_bytes < 0 || offset < 0) std::abort();
  if (!location->key.empty() && !CheckKey(location->key).ok()) std::abort();
  if (location->key.empty() && location->absolute.empty() && !location->inline_data) std::abort();
  if (descriptor.storage_type == 'p') return 0;  // would open files of this machine
  const auto store = MakeMemoryStore();
  if (location->inline_data) {
    (void)ReadDeletionVector(*store, descriptor).ok();
  } else if (store->Put(location->key, text).ok()) {
    (void)ReadDeletionVector(*store, descriptor).ok();
  }
  return 0;
}
