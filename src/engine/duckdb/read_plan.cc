// Owns the reading of footers for that; see the header.
#include "engine/duckdb/read_plan.h"

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TVirtualTransport.h>
#include <algorithm>
#include <cstring>
#include <parquet_reader.hpp>

#include "base/error.h"

namespace deltic {
namespace {

namespace thrift = duckdb_apache::thrift;

// Gives Thrift a text in memory. One thread at a time.
class TextTransport : public thrift::transport::TVirtualTransport<TextTransport> {
 public:
  explicit TextTransport(std::string_view text) : text_(text) {}
  uint32_t read(uint8_t* into, uint32_t length) {
    if (length > text_.size() - at_) {
      throw thrift::transport::TTransportException(thrift::transport::TTransportException::END_OF_FILE, "cut off");
    }
    std::memcpy(into, text_.data() + at_, length);
    at_ += length;
    return length;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// Where DuckDB begins to read a column of a row group, and how much.
ByteRange RangeOf(const duckdb_parquet::ColumnMetaData& column) {
  int64_t begin = column.data_page_offset;
  if (column.__isset.dictionary_page_offset && column.dictionary_page_offset > 0) {
    begin = std::min(begin, column.dictionary_page_offset);
  }
  return {.offset = begin, .length = column.total_compressed_size};
}

template <class Keep>
std::vector<ByteRange> Ranges(const duckdb_parquet::FileMetaData& file, const ScanColumns& columns, Keep keep) {
  std::vector<ByteRange> ranges;
  for (size_t group = 0; group < file.row_groups.size(); ++group) {
    if (!keep(group)) continue;
    for (const auto& column : file.row_groups[group].columns) {
      const auto& meta = column.meta_data;
      if (meta.path_in_schema.empty() || !columns.names.contains(meta.path_in_schema[0])) continue;
      const ByteRange range = RangeOf(meta);
      if (range.offset >= 0 && range.length > 0) ranges.push_back(range);
    }
  }
  return ranges;
}

// Whether a filter can be true for a row of the group, by the group's own statistics.
bool MayMatch(duckdb::ParquetReader& reader, size_t group) {
  const auto& metadata = *reader.GetFileMetadata();
  for (const auto& [index, filter] : reader.filters->filters) {
    if (index >= reader.column_ids.size()) continue;
    const auto column = reader.column_ids[duckdb::MultiFileLocalIndex(index)].GetId();
    if (column >= reader.root_schema->children.size()) continue;
    const auto& schema = reader.root_schema->children[column];
    const auto type = schema.type.id();
    // NaN is above the bounds that a group tells.
    if (type == duckdb::LogicalTypeId::FLOAT || type == duckdb::LogicalTypeId::DOUBLE) continue;
    if (reader.expression_map.find(column) != reader.expression_map.end()) continue;
    const auto stats = schema.Stats(metadata, reader.parquet_options, group, metadata.row_groups[group].columns);
    if (stats != nullptr && filter->CheckStatistics(*stats) == duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE) {
      return false;
    }
  }
  return true;
}

}  // namespace

ScanColumns ColumnsOf(duckdb::BaseFileReader& reader) {
  ScanColumns columns;
  columns.filtered = reader.filters != nullptr && !reader.filters->filters.empty();
  for (duckdb::idx_t i = 0; i < reader.column_ids.size(); ++i) {
    const auto column = reader.column_ids[duckdb::MultiFileLocalIndex(i)].GetId();
    if (column >= reader.columns.size()) continue;
    if (i < reader.column_indexes.size() && reader.column_indexes[i].HasChildren()) continue;
    columns.names.insert(reader.columns[duckdb::MultiFileLocalColumnId(column)].name);
  }
  return columns;
}

std::vector<ByteRange> RangesOf(duckdb::BaseFileReader& reader, const ScanColumns& columns) {
  auto* parquet = dynamic_cast<duckdb::ParquetReader*>(&reader);
  if (parquet == nullptr || columns.names.empty()) return {};
  return Ranges(*parquet->GetFileMetadata(), columns,
                [&](size_t group) { return !columns.filtered || MayMatch(*parquet, group); });
}

std::vector<ByteRange> RangesOf(const ObjectMeta&, std::string_view tail, const ScanColumns& columns) {
  constexpr size_t kEnd = 8;
  if (columns.names.empty() || tail.size() < kEnd || !tail.ends_with("PAR1")) return {};
  uint32_t length = 0;
  std::memcpy(&length, tail.data() + tail.size() - kEnd, sizeof(length));
  if (length > tail.size() - kEnd) return {};
  try {
    duckdb_parquet::FileMetaData file;
    thrift::protocol::TCompactProtocolT<TextTransport> protocol(
        duckdb_base_std::make_shared<TextTransport>(tail.substr(tail.size() - kEnd - length, length)));
    file.read(&protocol);
    if (columns.filtered && file.row_groups.size() > 1) return {};
    return Ranges(file, columns, [](size_t) { return true; });
  } catch (const std::exception&) {
    return {};  // who opens the file tells what is wrong with it
  }
}

}  // namespace deltic
