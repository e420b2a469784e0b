// Owns one Parquet file being written; see the header.
//
// Statistics come from the metadata of each row group after it was written, not from DuckDB's RETURN_STATS: that keeps
// of NaN only what the last row group had, and gives values as text.
#include "engine/duckdb/data_file.h"

#include <cmath>
#include <cstring>
#include <duckdb/common/file_system.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb_parquet::CompressionCodec;

constexpr int64_t kZstdLevel = 3;                         // DuckDB's default
constexpr uint64_t kDictionaryPageBytes = 1'000'000'000;  // DuckDB's limit; the dictionary size limit acts long before

LogicalType FileType(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kVariant:
      return LogicalType::STRUCT({{"metadata", LogicalType::BLOB}, {"value", LogicalType::BLOB}});
    case TypeKind::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const auto& field : type.fields()) children.emplace_back(field.name, FileType(field.type));
      return LogicalType::STRUCT(std::move(children));
    }
    case TypeKind::kArray:
      return LogicalType::LIST(FileType(type.element()));
    case TypeKind::kMap:
      return LogicalType::MAP(FileType(type.key()), FileType(type.value()));
    default:
      return ToDuckType(type);
  }
}

// delta.columnMapping.nested.ids of a field: {"col-1.element": 5, "col-1.element.key": 6}, which IcebergCompatV2 asks
// for.
using NestedIds = std::map<std::string, int32_t>;

NestedIds ReadNestedIds(const StructField& field) {
  NestedIds ids;
  const auto found = field.metadata.find("delta.columnMapping.nested.ids");
  if (!field.column_mapping_id || found == field.metadata.end()) return ids;
  const auto json = nlohmann::json::parse(found->second, nullptr, false);
  if (!json.is_object()) return ids;
  for (const auto& [path, id] : json.items()) {
    if (id.is_number_integer()) ids[path] = id.get<int32_t>();
  }
  return ids;
}

void AddFieldIds(const Fields& fields, duckdb::ChildFieldIDs* ids);

// `path`: of the type, as nested ids name it.
void AddNested(const DataType& type, const std::string& path, const NestedIds& nested, duckdb::ChildFieldIDs* ids) {
  const auto below = [&](const char* name, const DataType& child) {
    const auto child_path = path + "." + name;
    duckdb::FieldID id;
    if (const auto found = nested.find(child_path); found != nested.end()) id = duckdb::FieldID(found->second);
    AddNested(child, child_path, nested, &id.child_field_ids);
    if (id.set || !id.child_field_ids.ids->empty()) ids->ids->emplace(name, std::move(id));
  };
  switch (type.kind()) {
    case TypeKind::kStruct:
      return AddFieldIds(type.fields(), ids);
    case TypeKind::kArray:
      return below("element", type.element());
    case TypeKind::kMap:
      below("key", type.key());
      return below("value", type.value());
    default:
      return;
  }
}

void AddFieldIds(const Fields& fields, duckdb::ChildFieldIDs* ids) {
  for (const auto& field : fields) {
    duckdb::FieldID id;
    if (field.column_mapping_id) id = duckdb::FieldID(*field.column_mapping_id);
    AddNested(field.type, field.name, ReadNestedIds(field), &id.child_field_ids);
    if (id.set || !id.child_field_ids.ids->empty()) ids->ids->emplace(field.name, std::move(id));
  }
}

size_t CountLeaves(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kVariant:
      return 2;
    case TypeKind::kStruct: {
      size_t count = 0;
      for (const auto& field : type.fields()) count += CountLeaves(field.type);
      return count;
    }
    case TypeKind::kArray:
      return CountLeaves(type.element());
    case TypeKind::kMap:
      return CountLeaves(type.key()) + CountLeaves(type.value());
    default:
      return 1;
  }
}

void AddLeaves(const Fields& fields, Leaf at, size_t* parquet_column, std::vector<Leaf>* leaves) {
  for (size_t i = 0; i < fields.size(); i++) {
    Leaf leaf = at;
    leaf.path.push_back(fields[i].name);
    leaf.positions.push_back(i);
    leaf.type = fields[i].type;
    if (leaf.type.kind() == TypeKind::kStruct) {
      AddLeaves(fields[i].type.fields(), leaf, parquet_column, leaves);
      continue;
    }
    leaf.repeated = leaf.type.kind() == TypeKind::kArray || leaf.type.kind() == TypeKind::kMap;
    leaf.parquet_column = *parquet_column;
    *parquet_column += CountLeaves(leaf.type);
    leaves->push_back(std::move(leaf));
  }
}

Result<CompressionCodec::type> Codec(const std::string& name) {
  if (name == "snappy") return CompressionCodec::SNAPPY;
  if (name == "zstd") return CompressionCodec::ZSTD;
  if (name == "gzip") return CompressionCodec::GZIP;
  if (name == "lz4_raw") return CompressionCodec::LZ4_RAW;
  if (name == "brotli") return CompressionCodec::BROTLI;
  if (name == "uncompressed") return CompressionCodec::UNCOMPRESSED;
  return Unsupported("Parquet compression {} is not known: use snappy, zstd, gzip, lz4_raw, brotli or uncompressed",
                     name);
}

template <class T>
T Load(const std::string& bytes) {
  T value{};
  if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// A bound as Parquet's statistics hold it. nullopt for types without bounds in Delta.
std::optional<Literal> Bound(const DataType& type, const std::string& bytes) {
  switch (type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kDate:
      return Literal{type, static_cast<int64_t>(Load<int32_t>(bytes))};
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return Literal{type, Load<int64_t>(bytes)};
    case TypeKind::kFloat:
      return Literal{type, static_cast<double>(Load<float>(bytes))};
    case TypeKind::kDouble:
      return Literal{type, Load<double>(bytes)};
    case TypeKind::kDecimal: {
      if (type.precision() <= 9) return Literal{type, static_cast<Int128>(Load<int32_t>(bytes))};
      if (type.precision() <= 18) return Literal{type, static_cast<Int128>(Load<int64_t>(bytes))};
      // Sixteen bytes, the most significant first, two's complement.
      unsigned __int128 unscaled = 0;
      for (const char byte : bytes) unscaled = (unscaled << 8) | static_cast<uint8_t>(byte);
      return Literal{type, static_cast<Int128>(unscaled)};
    }
    case TypeKind::kString:
      return Literal{type, bytes};
    default:
      return std::nullopt;
  }
}

// The rows in which the list or map at leaf.positions is NULL, or a struct around it.
int64_t CountNulls(duckdb::ColumnDataCollection& rows, const Leaf& leaf) {
  int64_t nulls = 0;
  for (auto& chunk : rows.Chunks({leaf.positions[0]})) {
    const duckdb::idx_t count = chunk.size();
    chunk.data[0].Flatten(count);
    std::vector<const duckdb::ValidityMask*> masks;
    duckdb::Vector* vector = &chunk.data[0];
    for (size_t depth = 0; depth < leaf.positions.size(); depth++) {
      if (depth > 0) vector = duckdb::StructVector::GetEntries(*vector)[leaf.positions[depth]].get();
      const auto& mask = duckdb::FlatVector::Validity(*vector);
      if (!mask.AllValid()) masks.push_back(&mask);
    }
    if (masks.empty()) continue;
    for (duckdb::idx_t row = 0; row < count; row++) {
      for (const auto* mask : masks) {
        if (mask->RowIsValid(row)) continue;
        nulls++;
        break;
      }
    }
  }
  return nulls;
}

}  // namespace

Result<DataFileLayout> MakeLayout(const std::vector<OutputColumn>& columns, const ParquetOptions& options) {
  DataFileLayout layout;
  layout.options = options;
  DELTIC_TRY(layout.codec, Codec(options.compression));
  if (options.compression_level && layout.codec != CompressionCodec::ZSTD) {
    return Unsupported("a compression level can be given for zstd only, not for {}", options.compression);
  }
  if (options.compression_level && (*options.compression_level < -7 || *options.compression_level > 22)) {
    return InvalidArgument("zstd has compression levels from -7 to 22, not {}", *options.compression_level);
  }
  if (const auto ratio = options.bloom_filter_false_positive_ratio; ratio && !(*ratio > 0 && *ratio < 1)) {
    return InvalidArgument("a bloom filter's false positive ratio is between 0 and 1, not {}", *ratio);
  }
  if (options.row_group_rows < 0 || options.row_group_bytes < 0 || options.dictionary_size_limit.value_or(0) < 0) {
    return InvalidArgument("row group and dictionary sizes cannot be negative");
  }
  if (columns.empty()) return Unsupported("a Parquet file needs a column: all of this table's split rows into files");
  Fields fields;
  for (const auto& column : columns) {
    fields.push_back(column.field);
    layout.names.push_back(column.field.name);
    layout.types.push_back(FileType(column.field.type));
  }
  AddFieldIds(fields, &layout.field_ids);
  size_t parquet_column = 0;
  AddLeaves(fields, Leaf(), &parquet_column, &layout.leaves);
  return layout;
}

DataFile::DataFile(duckdb::ClientContext& context, std::shared_ptr<const DataFileLayout> layout,
                   const std::string& path)
    : layout_(std::move(layout)),
      writer_(context, duckdb::FileSystem::GetFileSystem(context), path, layout_->types, layout_->names, layout_->codec,
              layout_->field_ids.Copy(), duckdb::ShreddingType(), {}, nullptr,
              layout_->options.dictionary_size_limit
                  ? duckdb::optional_idx(static_cast<duckdb::idx_t>(*layout_->options.dictionary_size_limit))
                  : duckdb::optional_idx(),
              kDictionaryPageBytes, layout_->options.bloom_filters,
              layout_->options.bloom_filter_false_positive_ratio.value_or(0.01),
              layout_->options.compression_level.value_or(kZstdLevel),
              layout_->options.format_v2 ? duckdb::ParquetVersion::V2 : duckdb::ParquetVersion::V1,
              duckdb::GeoParquetVersion::NONE) {
  writer_.SetWrittenStatistics(totals_);  // for the file's size alone
  for (const auto& leaf : layout_->leaves) {
    bounds_.emplace_back();
    bounds_.back().statistics.path = leaf.path;
  }
}

void DataFile::AddRows(duckdb::ColumnDataCollection& rows) {
  if (rows.Count() == 0) return;
  PreparedRows prepared;
  Prepare(rows, &prepared);
  Append(prepared);
}

void DataFile::Prepare(duckdb::ColumnDataCollection& rows, PreparedRows* prepared) {
  for (const auto& leaf : layout_->leaves) prepared->list_nulls.push_back(leaf.repeated ? CountNulls(rows, leaf) : 0);
  duckdb::unique_ptr<duckdb::ParquetWriteTransformData> no_transform;
  writer_.PrepareRowGroup(rows, prepared->group, no_transform);
}

void DataFile::Append(PreparedRows& prepared) {
  writer_.FlushRowGroup(prepared.group);
  Merge(prepared.group.row_group, prepared.list_nulls);
}

void DataFile::Merge(const duckdb_parquet::RowGroup& group, const std::vector<int64_t>& list_nulls) {
  std::lock_guard lock(mutex_);
  num_rows_ += group.num_rows;
  for (size_t i = 0; i < bounds_.size(); i++) {
    const auto& leaf = layout_->leaves[i];
    auto& merged = bounds_[i];
    if (leaf.repeated) {
      merged.statistics.null_count += list_nulls[i];
      continue;
    }
    const auto& column = group.columns.at(leaf.parquet_column).meta_data;
    const auto& statistics = column.statistics;
    merged.statistics.null_count += statistics.null_count;
    if (statistics.null_count == group.num_rows) continue;  // nothing but NULL bounds nothing
    const bool floating = leaf.type.kind() == TypeKind::kFloat || leaf.type.kind() == TypeKind::kDouble;
    if (!statistics.__isset.min_value || !statistics.__isset.max_value) {
      merged.unknown = true;
      merged.statistics.has_nan |= floating;  // the only reason for a float column to have none
      continue;
    }
    auto min = Bound(leaf.type, statistics.min_value);
    auto max = Bound(leaf.type, statistics.max_value);
    if (!min || !max) {
      merged.unknown = true;
      continue;
    }
    auto& known = merged.statistics;
    if (!known.min || Compare(*min, *known.min) == std::weak_ordering::less) known.min = std::move(min);
    if (!known.max || Compare(*max, *known.max) == std::weak_ordering::greater) known.max = std::move(max);
  }
}

WrittenFile DataFile::Finish() {
  writer_.Finalize();
  WrittenFile file;
  file.size_bytes = static_cast<int64_t>(totals_.file_size_bytes);
  file.num_rows = num_rows_;
  for (auto& bounds : bounds_) {
    if (bounds.unknown) {
      bounds.statistics.min.reset();
      bounds.statistics.max.reset();
    }
    file.statistics.push_back(std::move(bounds.statistics));
  }
  return file;
}

}  // namespace deltic
