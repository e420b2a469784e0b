// Owns the RoaringBitmapArray: 64-bit row numbers as one 32-bit Roaring bitmap for each value of their high half.
//
//   array    = portable / native / native_big
//   portable = i32:1681511377 u64:count count * (u32:key bitmap)             little-endian; keys ascending, below 2^31
//   native   = i32:1681511376 i32:count count * (i32:size_bytes bitmap)      little-endian; keys are 0, 1, 2, ...
//   native_big = native with its i32s big-endian
//   bitmap   = see dv/roaring_check.cc (always little-endian)
//
// The protocol names only `portable`. Spark's reader also knows `native`, which it wrote before the format was public;
// and the protocol's own inline example ("JSON Example 3") is native_big. The magic numbers tell them apart.
// Writing is SerializeRowSet's (dv/row_set.cc). Protocol: "Deletion Vector Format".
#include <roaring/roaring.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/error.h"
#include "dv/byte_reader.h"
#include "dv/deletion_vector.h"
#include "dv/roaring_check.h"
#include "dv/row_set.h"

namespace deltic {
namespace {

constexpr uint32_t kPortableMagic = 1'681'511'377;
constexpr uint32_t kNativeMagic = 1'681'511'376;
constexpr uint32_t kMaxKey = 0x7FFFFFFF;
constexpr uint64_t kBucketRows = uint64_t{1} << 32;
constexpr uint64_t kSmallestBitmapBytes = 8;

// A bucket of the rows and what is asked of it most.
struct Bounded {
  uint32_t key = 0;
  const roaring_bitmap_t* bitmap = nullptr;
  uint32_t smallest = 0;
  uint32_t largest = 0;
};

constexpr uint64_t kWindowRows = 2'048;
constexpr uint64_t kWordRows = 64;

// A part of a Keep request that lies in one bucket: rows [low, low + count) of it, which are the offsets
// [offset, offset + count) of the request. At most kWindowRows.
struct Window {
  uint64_t low = 0;
  uint64_t count = 0;
  uint32_t offset = 0;
};

// Appends `count` offsets from `first` on.
uint32_t* KeepAll(uint32_t first, uint64_t count, uint32_t* keep) {
  std::iota(keep, keep + count, first);
  return keep + count;
}

// Appends those of `count` offsets from `first` on whose bit in `deleted` is not set. Writes each and counts only the
// living, which costs the same for any pattern; no write is beyond the offset it is about.
uint32_t* KeepLiving(uint32_t first, uint64_t count, uint64_t deleted, uint32_t* keep) {
  for (uint32_t i = 0; i < count; ++i) {
    *keep = first + i;
    keep += ~(deleted >> i) & 1;
  }
  return keep;
}

// Appends to `keep` the offsets of the window's rows that the bitmap does not hold.
uint32_t* KeepInWindow(const Bounded& bucket, Window window, uint32_t* keep) {
  const uint64_t end = window.low + window.count;  // may be 2^32
  if (end <= bucket.smallest || window.low > bucket.largest) return KeepAll(window.offset, window.count, keep);
  std::array<uint64_t, kWindowRows / kWordRows> deleted{};
  roaring_uint32_iterator_t it;
  roaring_init_iterator(bucket.bitmap, &it);
  roaring_move_uint32_iterator_equalorlarger(&it, static_cast<uint32_t>(window.low));
  // Small portions: where deletions are rare, a window has few, and what is read beyond it is wasted.
  std::array<uint32_t, 64> rows;
  while (it.has_value && it.current_value < end) {
    const uint32_t count = roaring_read_uint32_iterator(&it, rows.data(), rows.size());
    for (uint32_t i = 0; i < count && rows[i] < end; ++i) {
      const uint64_t place = rows[i] - window.low;
      deleted[place / kWordRows] |= uint64_t{1} << (place % kWordRows);
    }
  }
  for (uint64_t begin = 0; begin < window.count; begin += kWordRows) {
    const uint64_t count = std::min(kWordRows, window.count - begin);
    const auto first = static_cast<uint32_t>(window.offset + begin);
    const uint64_t word = deleted[begin / kWordRows];
    keep = word == 0 ? KeepAll(first, count, keep) : KeepLiving(first, count, word, keep);
  }
  return keep;
}

class RoaringArray : public DeletionVector {
 public:
  explicit RoaringArray(RowSet rows) : rows_(std::move(rows)), cardinality_(rows_.cardinality()) {
    buckets_.reserve(rows_.buckets().size());
    for (const RowSet::Bucket& bucket : rows_.buckets()) {
      buckets_.push_back({.key = bucket.key,
                          .bitmap = bucket.bitmap.get(),
                          .smallest = roaring_bitmap_minimum(bucket.bitmap.get()),
                          .largest = roaring_bitmap_maximum(bucket.bitmap.get())});
    }
  }

  const RowSet& rows() const override { return rows_; }
  int64_t cardinality() const override { return cardinality_; }

  bool Contains(uint64_t row) const override { return rows_.Contains(row); }

  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    uint32_t* end = keep;
    for (uint64_t done = 0; done < count;) {
      const uint64_t row = start + done;
      Window window{.low = row % kBucketRows, .offset = static_cast<uint32_t>(done)};
      window.count = std::min({count - done, kBucketRows - window.low, kWindowRows});
      done += window.count;
      const Bounded* bucket = Find(row / kBucketRows);
      end = bucket == nullptr ? KeepAll(window.offset, window.count, end) : KeepInWindow(*bucket, window, end);
    }
    return static_cast<uint64_t>(end - keep);
  }

  std::vector<uint64_t> ToRows() const override { return rows_.ToRows(); }

 private:
  const Bounded* Find(uint64_t key) const {
    // Almost always there is one bucket, and its key is 0.
    const auto it = std::lower_bound(buckets_.begin(), buckets_.end(), key,
                                     [](const Bounded& bucket, uint64_t wanted) { return bucket.key < wanted; });
    return it != buckets_.end() && it->key == key ? &*it : nullptr;
  }

  const RowSet rows_;
  const int64_t cardinality_;
  std::vector<Bounded> buckets_;  // ascending by key
};

// The bitmap at the front of `reader` becomes the bucket of `key`.
Status TakeBucket(ByteReader& reader, uint32_t key, RowSet& rows) {
  auto checked = CheckRoaring(reader.rest());
  if (!checked.ok()) return std::move(checked).error().Wrap(fmt::format("bitmap {}", key));
  const std::string_view bytes = *reader.TakeBytes(checked->size_bytes);
  if (checked->cardinality == 0) return {};
  RowSet::Bucket bucket{.key = key};
  bucket.bitmap.reset(roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size()));
  if (bucket.bitmap == nullptr || roaring_bitmap_get_cardinality(bucket.bitmap.get()) != checked->cardinality) {
    return Corrupt("bitmap {} is not a Roaring bitmap", key);
  }
  rows.Append(std::move(bucket));
  return {};
}

Error CutArray(std::string_view what) { return Corrupt("the deletion vector is cut in its {}", what); }

Status TakePortable(ByteReader& reader, RowSet& rows) {
  const auto count = reader.TakeLittle<uint64_t>();
  if (!count) return CutArray("number of bitmaps");
  // Asked before the loop, so that a huge number fails at once.
  if (*count > reader.left() / (4 + kSmallestBitmapBytes)) {
    return Corrupt("a deletion vector claims {} bitmaps in {} bytes", *count, reader.left());
  }
  int64_t last_key = -1;
  for (uint64_t i = 0; i < *count; ++i) {
    const auto key = reader.TakeLittle<uint32_t>();
    if (!key) return CutArray("keys");
    if (*key > kMaxKey) return Corrupt("key {} of bitmap {} is above 2^31 - 1", *key, i);
    if (*key <= last_key) return Corrupt("key {} of bitmap {} does not ascend", *key, i);
    last_key = *key;
    DELTIC_CHECK(TakeBucket(reader, *key, rows));
  }
  return {};
}

Status TakeNative(ByteReader& reader, RowSet& rows, std::endian order) {
  const auto take = [&] {
    return order == std::endian::big ? reader.TakeBig<uint32_t>() : reader.TakeLittle<uint32_t>();
  };
  const auto count = take();
  if (!count) return CutArray("number of bitmaps");
  if (*count > reader.left() / (4 + kSmallestBitmapBytes)) {
    return Corrupt("a deletion vector claims {} bitmaps in {} bytes", *count, reader.left());
  }
  for (uint32_t key = 0; key < *count; ++key) {
    const auto size = take();
    if (!size) return CutArray("lengths");
    const size_t before = reader.left();
    DELTIC_CHECK(TakeBucket(reader, key, rows));
    if (before - reader.left() != *size) {
      return Corrupt("bitmap {} has {} bytes, its length says {}", key, before - reader.left(), *size);
    }
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const DeletionVector>> ParseDeletionVector(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto big = ByteReader(bytes).TakeBig<uint32_t>();
  const auto magic = reader.TakeLittle<uint32_t>();
  if (!magic) return CutArray("magic number");
  RowSet rows;
  if (*magic == kPortableMagic) {
    DELTIC_CHECK(TakePortable(reader, rows));
  } else if (*magic == kNativeMagic) {
    DELTIC_CHECK(TakeNative(reader, rows, std::endian::little));
  } else if (*big == kNativeMagic) {
    DELTIC_CHECK(TakeNative(reader, rows, std::endian::big));
  } else {
    return Corrupt("a deletion vector begins with {}, not with the magic number {}", *magic, kPortableMagic);
  }
  if (reader.left() != 0) return Corrupt("{} bytes follow the end of a deletion vector", reader.left());
  return std::shared_ptr<const DeletionVector>(std::make_shared<RoaringArray>(std::move(rows)));
}

}  // namespace deltic
