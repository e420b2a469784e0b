// Owns RowSet: a set of row numbers of one data file, as operations gather it (dv/deletion_vector.h has the read-only
// kind that scans use), and its bytes in the format of deletion vectors. Knows no file (dv/dv_writer.h).
// Protocol: "Deletion Vector Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct roaring_bitmap_s;

namespace deltic {

class DeletionVector;

// Row numbers are positions in the data file from 0, with deleted rows counted; below 2^63. A value: copies are deep.
// Some bits a row where rows lie close, two bytes where they are rare. One thread at a time; const calls may be shared.
class RowSet {
 public:
  RowSet() = default;
  RowSet(const RowSet& other);
  RowSet(RowSet&&) noexcept = default;
  RowSet& operator=(const RowSet& other);
  RowSet& operator=(RowSet&&) noexcept = default;

  // Whether it was not there before.
  bool Add(uint64_t row);
  // In any order, some of them perhaps more than once. Ascending is fastest.
  void AddMany(const uint64_t* rows, size_t count);
  void AddMany(const int64_t* rows, size_t count);  // as engines count them; none may be negative
  // The rows first, first + 1, ... first + count - 1.
  void AddRange(uint64_t first, uint64_t count);
  void Merge(const RowSet& other);
  void Merge(const DeletionVector& deleted);

  bool Contains(uint64_t row) const;
  // Whether some row is in both.
  bool Intersects(const RowSet& other) const;
  // Whether every row of `other` is in this.
  bool ContainsAll(const RowSet& other) const;
  // The rows that are not in `other`.
  RowSet Minus(const RowSet& other) const;
  bool operator==(const RowSet& other) const;

  bool empty() const { return buckets_.empty(); }
  int64_t cardinality() const;
  std::optional<uint64_t> Largest() const;
  // All rows, ascending: eight bytes each.
  std::vector<uint64_t> ToRows() const;

  // How it is kept, for the codec and for scans: a 32-bit bitmap for each value of the rows' high half that occurs,
  // ascending by it. No bitmap is empty.
  struct FreeBitmap {
    void operator()(roaring_bitmap_s* bitmap) const;
  };
  struct Bucket {
    uint32_t key = 0;
    std::unique_ptr<roaring_bitmap_s, FreeBitmap> bitmap;
  };
  const std::vector<Bucket>& buckets() const { return buckets_; }
  // Of a codec: takes a bitmap of a key above all that are there; empty ones are dropped.
  void Append(Bucket bucket);

 private:
  Bucket& At(uint32_t key);
  const Bucket* Find(uint64_t key) const;

  std::vector<Bucket> buckets_;
};

// Portable layout (magic number 1681511377, see dv/roaring_array.cc), containers as runs where that is shorter.
std::string SerializeRowSet(const RowSet& rows);

}  // namespace deltic
