// Owns the run of a write: plan the rows, lay out the files, let the engine write, and say in the log's terms what came
// of it.
#include "write/write.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/random_letters.h"
#include "base/url.h"
#include "write/cast_sql.h"
#include "write/partition_path.h"
#include "write/row_plan.h"
#include "write/statistics.h"

namespace deltic {
namespace {

constexpr int64_t kTargetFileBytes = 128LL << 20;
constexpr int kStringPrefix = 32;
constexpr const char* kChangeTypeColumn = "_change_type";
constexpr const char* kChangeDataFolder = "_change_data/";

// The field as files have it: physical names and field ids at every depth.
StructField Physical(const StructField& field, MappingMode mode);

DataType Physical(const DataType& type, MappingMode mode) {
  switch (type.kind()) {
    case TypeKind::kStruct: {
      Fields fields;
      for (const auto& field : type.fields()) fields.push_back(Physical(field, mode));
      return DataType::Struct(std::move(fields));
    }
    case TypeKind::kArray:
      return DataType::Array(Physical(type.element(), mode), type.contains_null());
    case TypeKind::kMap:
      return DataType::Map(Physical(type.key(), mode), Physical(type.value(), mode), type.contains_null());
    default:
      return type;
  }
}

StructField Physical(const StructField& field, MappingMode mode) {
  StructField physical = field;
  physical.name = PhysicalName(field, mode);
  physical.type = Physical(field.type, mode);
  if (mode == MappingMode::kNone) physical.column_mapping_id.reset();
  return physical;
}

const StructField* PartitionField(const WriteTarget& target, const std::string& name) {
  return FindField(target.schema, name);
}

bool IsPartition(const WriteTarget& target, const StructField& field) {
  const auto& names = target.metadata.partition_columns;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return PartitionField(target, name) == &field; });
}

// Parquet's name of the codec that delta.parquet.compression.codec says in Spark's words.
Result<ParquetOptions> DefaultParquet(const TableConfig& config) {
  ParquetOptions options;
  const auto& codec = config.compression_codec;
  if (codec == "none" || codec == "uncompressed") {
    options.compression = "uncompressed";
  } else if (codec == "lz4" || codec == "lzo") {
    return Unsupported(
        "delta.parquet.compression.codec is {}, which this build cannot write: set it to snappy, zstd, "
        "gzip, lz4_raw, brotli or uncompressed, or give the write a compression of its own",
        codec);
  } else if (!codec.empty()) {
    options.compression = codec;
  }
  options.format_v2 = config.parquet_format_version.starts_with("2");
  return options;
}

class Writing {
 public:
  Writing(const WriteTarget& target, const WriteOptions& options) : target_(target), options_(options) {}

  Result<WriteSpec> MakeSpec(const RowPlan& plan) {
    WriteSpec spec;
    spec.store = target_.store;
    spec.steps = plan.steps;
    spec.checks = plan.checks;
    spec.checks.insert(spec.checks.end(), options_.checks.begin(), options_.checks.end());
    spec.one_partition = options_.one_partition;
    spec.order = options_.order;
    spec.keep_order = options_.keep_order;
    spec.target_file_bytes =
        options_.target_file_bytes.value_or(target_.config.target_file_bytes.value_or(kTargetFileBytes));
    if (options_.parquet) {
      spec.parquet = *options_.parquet;
      // What the write does not say follows the table's properties.
      spec.parquet.format_v2 |= target_.config.parquet_format_version.starts_with("2");
      if (spec.parquet.compression.empty()) {
        DELTIC_TRY(const ParquetOptions properties, DefaultParquet(target_.config));
        spec.parquet.compression = properties.compression;
      }
    } else {
      DELTIC_TRY(spec.parquet, DefaultParquet(target_.config));
    }
    const auto mode = target_.config.mapping_mode;
    for (const auto& field : target_.schema) {
      if (field.type.kind() == TypeKind::kVoid || IsPartition(target_, field)) continue;
      spec.columns.push_back({.field = Physical(field, mode), .sql = QuoteSqlName(field.name)});
    }
    for (const auto& name : target_.metadata.partition_columns) {
      const auto* field = PartitionField(target_, name);
      if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", name);
      if (field->type.nested() || field->type.kind() == TypeKind::kVariant) {
        return Corrupt("partition column {} is of type {}", name, field->type.ToString());
      }
      auto sql = QuoteSqlName(field->name);
      if (target_.config.materialize_partition_columns) {
        spec.columns.push_back({.field = Physical(*field, mode), .sql = sql});
      }
      // NULL and the empty string are one value to readers, so they go into one file.
      if (field->type.kind() == TypeKind::kString) sql = "nullif(" + sql + ", '')";
      if (field->type.kind() == TypeKind::kBinary) sql = "nullif(" + sql + ", ''::BLOB)";
      spec.partitions.push_back({.field = Physical(*field, mode), .sql = std::move(sql)});
    }
    if (plan.row_ids) AddRowIds(spec);
    spec.new_key = [this, compression = spec.parquet.compression](const std::vector<Literal>& partition) {
      return NewKey(partition, "part", compression);
    };
    return spec;
  }

  // Of a change feed: the type of each row's change comes last, and the files have places of their own.
  void MakeChangeFiles(WriteSpec& spec) const {
    StructField field;
    field.type = DataType(TypeKind::kString);
    field.name = kChangeTypeColumn;
    spec.columns.push_back({.field = field, .sql = QuoteSqlName(kChangeTypeColumn)});
    spec.new_key = [this, compression = spec.parquet.compression](const std::vector<Literal>& partition) {
      const std::string folder = RandomFolders() ? "" : std::string(kChangeDataFolder);
      return folder + NewKey(partition, "cdc", compression);
    };
  }

  Result<std::vector<AddCdcFile>> DescribeChanges(const std::vector<WrittenFile>& files) const {
    std::vector<AddCdcFile> changes;
    for (const auto& file : files) {
      AddCdcFile change{.path = LogPath(file.key), .size = file.size_bytes};
      DELTIC_TRY(change.partition_values, PartitionTexts(file));
      changes.push_back(std::move(change));
    }
    return changes;
  }

  Result<WrittenRows> Describe(const std::vector<WrittenFile>& files, const RowPlan& plan) const {
    WrittenRows written;
    const auto columns = StatisticsColumns(target_.schema, target_.metadata.partition_columns, target_.config);
    const int prefix = target_.config.stats_string_prefix.value_or(kStringPrefix);
    for (const auto& file : files) {
      AddFile add;
      add.path = LogPath(file.key);
      DELTIC_TRY(add.partition_values, PartitionTexts(file));
      add.size = file.size_bytes;
      add.modification_time = options_.env.now_ms ? options_.env.now_ms() : RealEnv().now_ms();
      add.data_change = true;
      add.stats = StatisticsJson(file, columns, prefix);
      written.num_rows += file.num_rows;
      written.size_bytes += file.size_bytes;
      written.files.push_back(std::move(add));
    }
    if (written.num_rows > 0) {
      for (const auto& [name, run] : plan.identities) {
        written.identity_marks[name] = run.first + run.step * (written.num_rows - 1);
      }
    }
    return written;
  }

 private:
  Result<PartitionValues> PartitionTexts(const WrittenFile& file) const {
    PartitionValues values;
    for (size_t i = 0; i < file.partition.size(); i++) {
      const auto* field = PartitionField(target_, target_.metadata.partition_columns[i]);
      DELTIC_TRY(values[PhysicalName(*field, target_.config.mapping_mode)], PartitionText(file.partition[i]));
    }
    return values;
  }

  // As Spark: under column mapping the folders would show names that mean nothing.
  bool RandomFolders() const {
    return target_.config.randomize_file_prefixes || target_.config.mapping_mode != MappingMode::kNone;
  }

  void AddRowIds(WriteSpec& spec) const {
    StructField field;
    field.type = DataType(TypeKind::kLong);
    field.name = target_.config.row_id_column;
    spec.columns.push_back({.field = field, .sql = "\"_row_id\""});
    field.name = target_.config.row_commit_version_column;
    spec.columns.push_back({.field = field, .sql = "\"_row_commit_version\""});
  }

  std::string NewKey(const std::vector<Literal>& partition, const std::string& kind,
                     const std::string& compression) const {
    const auto random = options_.env.random ? options_.env.random : RealEnv().random;
    std::string folder;
    if (RandomFolders()) {
      folder = RandomLetters(std::max(1, target_.config.random_prefix_length), random) + "/";
    } else {
      for (size_t i = 0; i < partition.size(); i++) {
        // What has no text is refused when the file is described; its folder's name does not matter.
        auto text = PartitionFolder(target_.metadata.partition_columns[i], partition[i]);
        folder += (text.ok() ? *text : "unwritable") + "/";
      }
    }
    return folder + DataFileName(kind, compression, random);
  }

  const WriteTarget& target_;
  const WriteOptions& options_;
};

}  // namespace

Result<WrittenRows> WriteRows(Engine& engine, std::unique_ptr<RowInput> input, const WriteTarget& target,
                              const WriteOptions& options) {
  DELTIC_TRY(const auto plan, PlanRows(input->schema(), target, options.rows));
  Writing writing(target, options);
  DELTIC_TRY(const auto spec, writing.MakeSpec(plan));
  DELTIC_TRY(const auto files, engine.WriteFiles(std::move(input), spec, options.cancel));
  auto written = writing.Describe(files, plan);
  if (written.ok()) return written;
  std::vector<AddFile> made;
  for (const auto& file : files) {
    made.emplace_back();
    made.back().path = LogPath(file.key);
  }
  return DiscardFiles(*target.store, made, std::move(written).error());
}

Result<std::vector<AddCdcFile>> WriteChangeFiles(Engine& engine, std::unique_ptr<RowInput> input,
                                                 const WriteTarget& target, const WriteOptions& options) {
  if (FindField(target.schema, kChangeTypeColumn) != nullptr) {
    return Unsupported("the table has a column {}, the name of the change feed's own column: rename it",
                       kChangeTypeColumn);
  }
  DELTIC_TRY(auto plan, PlanRows(input->schema(), target, options.rows, kChangeTypeColumn));
  Writing writing(target, options);
  DELTIC_TRY(auto spec, writing.MakeSpec(plan));
  writing.MakeChangeFiles(spec);
  DELTIC_TRY(const auto files, engine.WriteFiles(std::move(input), spec, options.cancel));
  auto changes = writing.DescribeChanges(files);
  if (changes.ok()) return changes;
  std::vector<AddFile> made;
  for (const auto& file : files) {
    made.emplace_back();
    made.back().path = LogPath(file.key);
  }
  return DiscardFiles(*target.store, made, std::move(changes).error());
}

Error DiscardFiles(ObjectStore& store, const std::vector<AddFile>& files, Error error) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  std::vector<std::string> keys;
  for (const auto& file : files) {
    auto key = PercentDecode(file.path);
    if (key.ok()) keys.push_back(std::move(key).value());
  }
  const auto deleted = store.DeleteMany(keys);
  std::string left;
  for (size_t i = 0; i < keys.size(); i++) {
    if (!deleted[i].ok()) left += (left.empty() ? "" : ", ") + keys[i];
  }
  if (left.empty()) return error;
  return Error(error.code(), error.message() + "; these files could not be deleted and belong to no version: " + left,
               error.conflict());
}

}  // namespace deltic
