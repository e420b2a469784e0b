// Owns the operations on row sets, bucket by bucket. Protocol: "Deletion Vector Format".
#include "dv/row_set.h"

#include <roaring/roaring.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dv/deletion_vector.h"

namespace deltic {
namespace {

constexpr uint64_t kBucketRows = uint64_t{1} << 32;
constexpr uint32_t kPortableMagic = 1'681'511'377;

using Bitmap = std::unique_ptr<roaring_bitmap_s, RowSet::FreeBitmap>;

uint32_t KeyOf(uint64_t row) { return static_cast<uint32_t>(row / kBucketRows); }
uint32_t LowOf(uint64_t row) { return static_cast<uint32_t>(row % kBucketRows); }

bool BeforeKey(const RowSet::Bucket& bucket, uint64_t key) { return bucket.key < key; }

Bitmap CopyOf(const Bitmap& bitmap) { return Bitmap(roaring_bitmap_copy(bitmap.get())); }

template <class T>
void AppendLittle(std::string& bytes, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

// Calls visit(first, second) for each key that is in both.
template <class Visit>
bool AnyCommonBucket(const std::vector<RowSet::Bucket>& a, const std::vector<RowSet::Bucket>& b, Visit visit) {
  for (auto one = a.begin(), other = b.begin(); one != a.end() && other != b.end();) {
    if (one->key < other->key) {
      ++one;
    } else if (other->key < one->key) {
      ++other;
    } else if (visit(one->bitmap.get(), other->bitmap.get())) {
      return true;
    } else {
      ++one, ++other;
    }
  }
  return false;
}

}  // namespace

void RowSet::FreeBitmap::operator()(roaring_bitmap_s* bitmap) const { roaring_bitmap_free(bitmap); }

RowSet::RowSet(const RowSet& other) {
  buckets_.reserve(other.buckets_.size());
  for (const Bucket& bucket : other.buckets_) buckets_.push_back({bucket.key, CopyOf(bucket.bitmap)});
}

RowSet& RowSet::operator=(const RowSet& other) {
  if (this != &other) *this = RowSet(other);
  return *this;
}

RowSet::Bucket& RowSet::At(uint32_t key) {
  auto place = std::lower_bound(buckets_.begin(), buckets_.end(), key, BeforeKey);
  if (place == buckets_.end() || place->key != key) {
    place = buckets_.insert(place, Bucket{key, Bitmap(roaring_bitmap_create())});
  }
  return *place;
}

const RowSet::Bucket* RowSet::Find(uint64_t key) const {
  const auto place = std::lower_bound(buckets_.begin(), buckets_.end(), key, BeforeKey);
  return place != buckets_.end() && place->key == key ? &*place : nullptr;
}

void RowSet::Append(Bucket bucket) {
  if (!roaring_bitmap_is_empty(bucket.bitmap.get())) buckets_.push_back(std::move(bucket));
}

bool RowSet::Add(uint64_t row) { return roaring_bitmap_add_checked(At(KeyOf(row)).bitmap.get(), LowOf(row)); }

void RowSet::AddMany(const uint64_t* rows, size_t count) {
  std::array<uint32_t, 1024> lows;
  for (size_t done = 0; done < count;) {
    const uint32_t key = KeyOf(rows[done]);
    size_t taken = 0;
    while (done < count && taken < lows.size() && KeyOf(rows[done]) == key) lows[taken++] = LowOf(rows[done++]);
    roaring_bitmap_add_many(At(key).bitmap.get(), taken, lows.data());
  }
}

void RowSet::AddMany(const int64_t* rows, size_t count) {
  // The two types may alias, and a row that is not negative reads the same as both.
  AddMany(reinterpret_cast<const uint64_t*>(rows), count);
}

void RowSet::AddRange(uint64_t first, uint64_t count) {
  while (count > 0) {
    const uint32_t low = LowOf(first);
    const uint64_t here = std::min(count, kBucketRows - low);
    roaring_bitmap_add_range_closed(At(KeyOf(first)).bitmap.get(), low, static_cast<uint32_t>(low + here - 1));
    first += here;
    count -= here;
  }
}

void RowSet::Merge(const RowSet& other) {
  for (const Bucket& bucket : other.buckets_) {
    roaring_bitmap_or_inplace(At(bucket.key).bitmap.get(), bucket.bitmap.get());
  }
}

void RowSet::Merge(const DeletionVector& deleted) { Merge(deleted.rows()); }

bool RowSet::Contains(uint64_t row) const {
  const Bucket* bucket = Find(KeyOf(row));
  return bucket != nullptr && roaring_bitmap_contains(bucket->bitmap.get(), LowOf(row));
}

bool RowSet::Intersects(const RowSet& other) const {
  return AnyCommonBucket(buckets_, other.buckets_, [](const roaring_bitmap_s* a, const roaring_bitmap_s* b) {
    return roaring_bitmap_intersect(a, b);
  });
}

bool RowSet::ContainsAll(const RowSet& other) const {
  return std::all_of(other.buckets_.begin(), other.buckets_.end(), [&](const Bucket& theirs) {
    const Bucket* ours = Find(theirs.key);
    return ours != nullptr && roaring_bitmap_is_subset(theirs.bitmap.get(), ours->bitmap.get());
  });
}

RowSet RowSet::Minus(const RowSet& other) const {
  RowSet rest;
  for (const Bucket& bucket : buckets_) {
    const Bucket* theirs = other.Find(bucket.key);
    Bitmap left =
        theirs ? Bitmap(roaring_bitmap_andnot(bucket.bitmap.get(), theirs->bitmap.get())) : CopyOf(bucket.bitmap);
    rest.Append({bucket.key, std::move(left)});
  }
  return rest;
}

bool RowSet::operator==(const RowSet& other) const {
  return std::equal(buckets_.begin(), buckets_.end(), other.buckets_.begin(), other.buckets_.end(),
                    [](const Bucket& a, const Bucket& b) {
                      return a.key == b.key && roaring_bitmap_equals(a.bitmap.get(), b.bitmap.get());
                    });
}

int64_t RowSet::cardinality() const {
  uint64_t rows = 0;
  for (const Bucket& bucket : buckets_) rows += roaring_bitmap_get_cardinality(bucket.bitmap.get());
  return static_cast<int64_t>(rows);
}

std::optional<uint64_t> RowSet::Largest() const {
  if (buckets_.empty()) return std::nullopt;
  return buckets_.back().key * kBucketRows + roaring_bitmap_maximum(buckets_.back().bitmap.get());
}

std::vector<uint64_t> RowSet::ToRows() const {
  std::vector<uint64_t> rows;
  rows.reserve(static_cast<size_t>(cardinality()));
  for (const Bucket& bucket : buckets_) {
    roaring_iterate64(
        bucket.bitmap.get(),
        [](uint64_t row, void* out) {
          static_cast<std::vector<uint64_t>*>(out)->push_back(row);
          return true;
        },
        bucket.key * kBucketRows, &rows);
  }
  return rows;
}

std::string SerializeRowSet(const RowSet& rows) {
  std::string bytes;
  AppendLittle(bytes, kPortableMagic);
  AppendLittle(bytes, static_cast<uint64_t>(rows.buckets().size()));
  for (const RowSet::Bucket& bucket : rows.buckets()) {
    const Bitmap runs = CopyOf(bucket.bitmap);
    roaring_bitmap_run_optimize(runs.get());  // container by container, where runs are shorter
    AppendLittle(bytes, bucket.key);
    const size_t start = bytes.size();
    bytes.resize(start + roaring_bitmap_portable_size_in_bytes(runs.get()));
    roaring_bitmap_portable_serialize(runs.get(), bytes.data() + start);
  }
  return bytes;
}

}  // namespace deltic
