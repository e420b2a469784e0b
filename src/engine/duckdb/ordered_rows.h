// Owns the order of row groups that many threads make: rows come in numbered batches from any thread, and stand in the
// files in the batches' order. Row groups are encoded in parallel; only their appending takes turns. Which rows those
// are is data_files.cc's to say.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "engine/duckdb/data_files.h"

namespace deltic {

struct RowGroupLimits {
  int64_t rows = 0;
  int64_t bytes = 0;  // in memory
};

// Where rows belong. Batches come from one thread each, their pieces in order.
struct BatchPlace {
  duckdb::idx_t batch = 0;
  int64_t piece = 0;
  auto operator<=>(const BatchPlace&) const = default;
};

// Thread-safe, but for WriteRest.
class OrderedRows {
 public:
  OrderedRows(duckdb::ClientContext& context, DataFilesJob& job, std::shared_ptr<const DataFileLayout> layout,
              const RowGroupLimits& limits);
  ~OrderedRows();

  void Add(const BatchPlace& place, duckdb::unique_ptr<duckdb::ColumnDataCollection> rows);
  // Writes what is enough for row groups, of batches that are complete: those before `first_open`, and of that one what
  // was added so far. Throws.
  void WriteComplete(duckdb::idx_t first_open);
  // After the last row: writes all, and answers the file that is still open, if any. Throws.
  std::shared_ptr<OpenDataFile> WriteRest();

 private:
  struct File;
  struct RowGroup;
  // Rows that wait, and their size, which takes long to ask of many pieces again and again.
  struct Piece {
    duckdb::unique_ptr<duckdb::ColumnDataCollection> rows;
    int64_t bytes = 0;
  };

  // The next row group that is full; with `all` also one that is not. Empty when there is none.
  RowGroup Take(duckdb::idx_t first_open, bool all);
  void Write(RowGroup group);
  void Join(std::unique_ptr<Piece> piece);
  bool IsFull() const;
  int64_t ExpectedBytes(const File& file) const;

  duckdb::ClientContext& context_;
  DataFilesJob& job_;
  const std::shared_ptr<const DataFileLayout> layout_;
  const RowGroupLimits limits_;

  std::mutex mutex_;
  std::map<BatchPlace, std::unique_ptr<Piece>> waiting_;
  std::unique_ptr<Piece> next_;  // the rows that come after those taken
  std::shared_ptr<File> file_;   // that they go to
};

}  // namespace deltic
