// Owns one Parquet file being written: DuckDB's ParquetWriter with our column names, field ids and options, and the
// statistics of what went in, taken from the row groups' metadata. Knows no partitions' meaning and no rotation.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <mutex>
#include <parquet_writer.hpp>
#include <string>
#include <vector>

#include "engine/data_writer.h"

namespace deltic {

// A column of the file as statistics see it (LeafStatistics), found once per write.
struct Leaf {
  ColumnPath path;
  DataType type;
  size_t parquet_column = 0;      // its index among the file's leaf columns; of a variant its metadata field's
  bool repeated = false;          // a list or map: its own NULLs are counted from the rows
  std::vector<size_t> positions;  // of the fields that lead to it: column, then struct fields
};

// What all files of one write have in common. Immutable, shared among threads.
struct DataFileLayout {
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  duckdb::ChildFieldIDs field_ids;
  std::vector<Leaf> leaves;
  ParquetOptions options;
  duckdb_parquet::CompressionCodec::type codec = duckdb_parquet::CompressionCodec::SNAPPY;
};
// Unsupported, naming it, for an option or codec that the writer does not have.
Result<DataFileLayout> MakeLayout(const std::vector<OutputColumn>& columns, const ParquetOptions& options);

// A row group, encoded and compressed, that is not in its file yet.
struct PreparedRows {
  duckdb::PreparedRowGroup group;
  std::vector<int64_t> list_nulls;
};

// Prepare, Append and AddRows may be called from many threads at once, the rest by one. Dropped before Finish, it
// leaves no file.
class DataFile {
 public:
  DataFile(duckdb::ClientContext& context, std::shared_ptr<const DataFileLayout> layout, const std::string& path);

  // As one row group, after those that are there. Throws.
  void AddRows(duckdb::ColumnDataCollection& rows);
  // The two halves of it, for who cares about the order of row groups. There must be rows.
  void Prepare(duckdb::ColumnDataCollection& rows, PreparedRows* prepared);
  void Append(PreparedRows& prepared);
  int64_t size_bytes() { return static_cast<int64_t>(writer_.FileSize()); }
  // The file is durable when it answers. Fills all but key and partition.
  WrittenFile Finish();

 private:
  struct Bounds {
    LeafStatistics statistics;
    bool unknown = false;  // a row group did not tell
  };
  void Merge(const duckdb_parquet::RowGroup& group, const std::vector<int64_t>& list_nulls);

  const std::shared_ptr<const DataFileLayout> layout_;
  duckdb::CopyFunctionFileStatistics totals_;
  duckdb::ParquetWriter writer_;
  std::mutex mutex_;
  std::vector<Bounds> bounds_;
  int64_t num_rows_ = 0;
};

}  // namespace deltic
