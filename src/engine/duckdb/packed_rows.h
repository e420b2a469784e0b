// Owns a short form of rows that wait in memory for their turn: a third of what DuckDB's vectors take, one piece of
// bytes a row, so that rows can be taken in any order at the price of one look into memory each. Knows no blocks and no
// order.
//
//   row    := head number* text*             in the columns' order, each kind
//   head   := a nibble for each column and struct field, low nibble first, padded to whole bytes
//   number := its nibble's count of low bytes, little endian; signed ones folded (0, -1, 1, -2, ...), floating ones
//             turned around, so that what is short stays short. 9: sixteen bytes. 15: NULL, no bytes
//   text   := 0 to 12: so many bytes. 13: a byte with the length before it. 14: four of them. 15: NULL, no bytes
//
// A struct is a nibble (0 or 15) and its fields. Reading and writing may go kPackedSlack bytes beyond a row.
#pragma once

#include <array>
#include <cstdint>
#include <duckdb.hpp>
#include <vector>

namespace deltic {

inline constexpr size_t kPackedSlack = 16;

// Which leaves rows have. Immutable, shared among threads.
class PackedRowFormat {
 public:
  // No lists and maps.
  static bool Fits(const duckdb::vector<duckdb::LogicalType>& types);
  explicit PackedRowFormat(const duckdb::vector<duckdb::LogicalType>& types);

 private:
  friend class RowPacker;
  friend class RowUnpacker;
  struct Leaf {
    std::vector<duckdb::idx_t> path;  // a column, then struct fields
    duckdb::PhysicalType type;
    size_t nibble;
  };
  void Add(const duckdb::LogicalType& type, std::vector<duckdb::idx_t> path);

  std::vector<Leaf> numbers_;  // structs, too
  std::vector<Leaf> texts_;
  size_t columns_ = 0;  // of the chunks
  size_t nibbles_ = 0;
  size_t head_bytes_ = 0;
  size_t fixed_bytes_ = 0;  // at most, without texts
};

// One thread at a time. The format must outlive it.
class RowPacker {
 public:
  explicit RowPacker(const PackedRowFormat& format);

  // How many rows Load takes at most.
  duckdb::idx_t batch() const { return batch_; }
  // The chunk may have more columns than the format, after those. It must not change until the last Store.
  void Open(duckdb::DataChunk& chunk);
  // Rows first, first + 1, ... of the chunk become 0, 1, ...
  void Load(duckdb::idx_t first, duckdb::idx_t count);
  uint64_t size_bytes(duckdb::idx_t row) const { return sizes_[row]; }
  void Store(duckdb::idx_t row, duckdb::data_ptr_t to) const;

 private:
  // Calls `put` with each loaded row that has a value and the value's place; NULL is put down here.
  template <class Put>
  void LoadValues(const duckdb::UnifiedVectorFormat& values, size_t nibble, const Put& put);
  template <class T>
  void LoadNumbers(const duckdb::UnifiedVectorFormat& values, size_t nibble);
  void LoadStructs(const duckdb::UnifiedVectorFormat& values, size_t nibble);
  void LoadTexts(const duckdb::UnifiedVectorFormat& values, size_t nibble, duckdb::string_t* texts);
  void SetNibble(duckdb::idx_t row, size_t nibble, uint8_t value) {
    fixed_[row * stride_ + nibble / 2] |= static_cast<uint8_t>(value << (4 * (nibble % 2)));
  }
  uint8_t Nibble(duckdb::idx_t row, size_t nibble) const {
    return fixed_[row * stride_ + nibble / 2] >> (4 * (nibble % 2)) & 15;
  }

  const PackedRowFormat& format_;
  const size_t stride_;
  const duckdb::idx_t batch_;
  std::vector<duckdb::UnifiedVectorFormat> number_values_, text_values_;
  duckdb::idx_t first_ = 0, count_ = 0;
  std::vector<uint8_t> fixed_;           // heads and numbers, a stride for each row
  std::vector<uint8_t*> ends_;           // of them
  std::vector<uint64_t> sizes_;          // of whole rows
  std::vector<duckdb::string_t> texts_;  // column by column, a batch for each
};

// One thread at a time. The format must outlive it.
class RowUnpacker {
 public:
  explicit RowUnpacker(const PackedRowFormat& format) : format_(format) {}
  // Fills the chunk, which must be empty, with at most a vector of rows. Long texts are left where they are: the rows
  // must stay until the chunk is copied.
  void Unpack(const duckdb::data_t* const* rows, duckdb::idx_t count, duckdb::DataChunk& chunk);

 private:
  template <class T>
  void UnpackNumbers(size_t nibble, duckdb::Vector& out);
  void UnpackStructs(size_t nibble, duckdb::Vector& out);
  void UnpackTexts(size_t nibble, duckdb::Vector& out);
  uint8_t Nibble(duckdb::idx_t row, size_t nibble) const { return rows_[row][nibble / 2] >> (4 * (nibble % 2)) & 15; }

  const PackedRowFormat& format_;
  const duckdb::data_t* const* rows_ = nullptr;
  duckdb::idx_t count_ = 0;
  std::array<const duckdb::data_t*, STANDARD_VECTOR_SIZE> at_{};
};

}  // namespace deltic
