// Owns rows that wait to be sorted by a number each has, cut into shares by known bounds of it: what a share holds is
// below all that the next one holds, so that sorting one share at a time sorts them all. Rows wait in their packed form
// (packed_rows.h) in blocks of DuckDB's buffer manager, which writes them to its temp_directory when memory runs out; a
// share must fit into memory. Does not say where the bounds come from and writes no files.
//
// A block has rows from its beginning on and, from its end backwards, the number and the place of each.
#pragma once

#include <duckdb.hpp>
#include <duckdb/storage/buffer_manager.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/curve.h"
#include "engine/data_writer.h"
#include "engine/duckdb/packed_rows.h"

namespace deltic {

// What the machine lends to the sorting.
struct ShareLimits {
  int64_t memory_bytes = 0;
  int64_t threads = 1;
  int64_t row_group_rows = 0;  // a share is about one
};
// The bounds of the shares: some of the order's. nullopt when shares of that many rows would not fit into memory, or
// there are no bounds: the rows must be sorted in another way. Pure.
std::optional<std::vector<uint64_t>> ChooseShares(const RowOrder& order, const ShareLimits& limits);

// Thread-safe.
class RowShares {
 public:
  // Ascending; equal ones share the rows of their number, so that one number cannot fill memory.
  RowShares(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
            std::vector<uint64_t> bounds);

  size_t count() const { return bounds_.size() + 1; }
  // Hands the share's rows over in their order, as chunks that `visit` must copy, and forgets them. Each once, after
  // all appenders have finished. Throws.
  void Take(size_t share, const std::function<void(duckdb::DataChunk&)>& visit);

 private:
  friend class RowSharesAppender;
  struct Block {
    duckdb::shared_ptr<duckdb::BlockHandle> handle;
    uint32_t rows = 0;
    size_t size_bytes = 0;
  };

  duckdb::ClientContext& context_;
  duckdb::BufferManager& buffers_;
  const duckdb::vector<duckdb::LogicalType> types_;
  const PackedRowFormat format_;
  const CountedNumbers bounds_;
  std::vector<uint32_t> repeats_;  // of each bound: how many from it on are equal to it

  std::mutex mutex_;
  std::vector<std::vector<Block>> shares_;
};

// One thread's way in. One thread at a time.
class RowSharesAppender {
 public:
  explicit RowSharesAppender(RowShares& shares);
  // `numbers`: a UBIGINT for each row; NULL counts as the highest.
  void Append(duckdb::DataChunk& chunk, duckdb::Vector& numbers);
  void Finish();

 private:
  struct Open {
    duckdb::BufferHandle handle;
    duckdb::data_ptr_t next = nullptr;  // where the next row goes
    duckdb::data_ptr_t entries = nullptr;
    uint32_t rows = 0;
  };

  size_t ShareOf(uint64_t number);
  duckdb::data_ptr_t Place(size_t share, uint64_t number, uint64_t size_bytes);
  void Close(size_t share);

  RowShares& shares_;
  RowPacker packer_;
  std::vector<Open> open_;
  duckdb::BufferHandle large_;  // of the last large row, while it is stored
  uint32_t turn_ = 0;
};

}  // namespace deltic
