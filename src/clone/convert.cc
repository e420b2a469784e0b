// Owns the steps of a CONVERT.
#include "clone/convert.h"

#include <algorithm>

#include "alter/definition.h"
#include "alter/operation_text.h"
#include "base/error.h"
#include "base/progress_teller.h"
#include "clone/file_statistics.h"
#include "clone/folder_partitions.h"
#include "clone/merge_file_schemas.h"
#include "schema/ddl.h"
#include "write/partition_path.h"

namespace deltic {
namespace {

constexpr size_t kBatch = 256;  // footers in memory at a time, as summaries

Result<std::vector<ObjectMeta>> ListFiles(ObjectStore& store) {
  std::vector<ObjectMeta> files;
  bool iceberg = false;
  DELTIC_CHECK(store.ListRecursive("", [&](const ObjectMeta& file) {
    if (IsHidden(file.key)) return true;
    iceberg |= file.key.starts_with("metadata/") && file.key.ends_with(".metadata.json");
    files.push_back(file);
    return !iceberg;
  }));
  if (iceberg) {
    return Unsupported("{}: this is an Iceberg table: converting those is not supported, only folders of Parquet files",
                       store.uri());
  }
  if (files.empty()) return NotFound("{}: there is no Parquet file to convert", store.uri());
  for (const ObjectMeta& file : files) {
    if (file.size_bytes > 0) continue;
    return InvalidArgument("{} is empty and so no Parquet file: delete it, or begin its name with _ to hide it",
                           file.key);
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return files;
}

std::vector<std::string> KeysOf(const std::vector<ObjectMeta>& files, size_t begin, size_t end) {
  std::vector<std::string> keys;
  for (size_t i = begin; i < end; ++i) keys.push_back(files[i].key);
  return keys;
}

Result<Fields> PartitionsAskedFor(const ConvertRequest& request, const std::vector<ObjectMeta>& files) {
  if (request.infer_partitions) {
    if (!request.partition_by.empty()) {
      return InvalidArgument("partition columns are given or inferred: choose one of them");
    }
    return InferPartitions(KeysOf(files, 0, files.size()));
  }
  if (request.partition_by.empty()) return Fields();
  DELTIC_TRY(Fields columns, ParseDdl(request.partition_by));
  for (const StructField& column : columns) {
    if (!column.type.nested() && column.type.kind() != TypeKind::kVariant) continue;
    return InvalidArgument("partition column {} cannot be of the type {}", column.name, column.type.ToString());
  }
  return columns;
}

// The folders' columns, where the files hold them too in their place there, else behind the others: as Spark.
Fields WithPartitions(Fields schema, const Fields& partitions) {
  for (const StructField& partition : partitions) {
    const StructField* stored = FindField(schema, partition.name);
    if (stored != nullptr) {
      schema[static_cast<size_t>(stored - schema.data())] = partition;
    } else {
      schema.push_back(partition);
    }
  }
  return schema;
}

class Converting {
 public:
  Converting(Engine& engine, const std::shared_ptr<ObjectStore>& store, const ConvertRequest& request,
             const ConvertContext& context)
      : engine_(engine), store_(store), request_(request), context_(context) {}

  Result<ConvertOutcome> Run() {
    DELTIC_TRY(files_, ListFiles(*store_));
    DELTIC_TRY(partitions_, PartitionsAskedFor(request_, files_));
    for (const ObjectMeta& file : files_) {
      AddFile add{.path = LogPath(file.key), .size = file.size_bytes, .modification_time = file.modified_ms};
      DELTIC_TRY(add.partition_values, PartitionValuesOf(file.key, partitions_));
      adds_.push_back(std::move(add));
    }
    DELTIC_CHECK(ReadFooters());
    return CommitTable();
  }

 private:
  // Statistics are written while the schema grows. A file that was described before the schema grew is described again
  // at the end, from its footer: files nearly always agree, and footers of all files would not fit into memory.
  Status ReadFooters() {
    described_.assign(files_.size(), 0);
    {
      ProgressTeller teller(request_.progress, "reading footers", "files", static_cast<int64_t>(files_.size()));
      for (size_t begin = 0; begin < files_.size(); begin += kBatch) {
        const size_t end = std::min(files_.size(), begin + kBatch);
        DELTIC_TRY(const std::vector<ParquetSummary> batch, ReadBatch(begin, end));
        for (const ParquetSummary& file : batch) {
          shredded_ |= file.shredded_variants;
          Result<Fields> merged = MergeFileSchemas(schema_, file.schema);
          if (!merged.ok()) return std::move(merged).error().Wrap(file.key);
          if (DataType::Struct(*merged) == DataType::Struct(schema_)) continue;
          schema_ = std::move(*merged);
          generation_++;
        }
        DELTIC_TRY(definition_, Define());
        DELTIC_CHECK(Describe(begin, batch));
        teller.Add(static_cast<int64_t>(end - begin));
      }
    }
    if (!request_.statistics) return {};
    for (size_t begin = 0; begin < files_.size(); begin += kBatch) {
      const size_t end = std::min(files_.size(), begin + kBatch);
      const auto old = [&](int generation) { return generation != generation_; };
      if (std::none_of(described_.begin() + static_cast<int64_t>(begin), described_.begin() + static_cast<int64_t>(end),
                       old)) {
        continue;
      }
      DELTIC_TRY(const std::vector<ParquetSummary> batch, ReadBatch(begin, end));
      DELTIC_CHECK(Describe(begin, batch));
    }
    return {};
  }

  Result<std::vector<ParquetSummary>> ReadBatch(size_t begin, size_t end) {
    auto batch = engine_.ReadParquetSummaries(store_, KeysOf(files_, begin, end), context_.commit.cancel);
    if (batch.ok() || batch.error().code() != Code::kCorrupt) return batch;
    return Corrupt("{}; every file that is to be converted must be a Parquet file: begin the name of another with _",
                   batch.error().message());
  }

  Result<TableDefinition> Define() const {
    TableSpec spec;
    spec.schema = WithPartitions(schema_, partitions_);
    for (const StructField& partition : partitions_) spec.partition_columns.push_back(partition.name);
    spec.configuration = request_.configuration;
    if (shredded_) spec.configuration["delta.feature.variantShredding"] = "supported";
    spec.name = request_.name;
    spec.description = request_.description;
    return DefineTable(spec, context_.commit.env);
  }

  Status Describe(size_t begin, const std::vector<ParquetSummary>& batch) {
    if (!request_.statistics) return {};
    DELTIC_TRY(const TableConfig config, MakeTableConfig(definition_.protocol, definition_.metadata));
    const FileStatistics statistics(engine_, store_, definition_, config);
    for (size_t i = 0; i < batch.size(); ++i) {
      const bool first = described_[begin + i] == 0;
      const ParquetSummary& file = batch[i];
      const bool read = request_.read_missing_statistics && file.num_columns_without_statistics > 0;
      Result<std::string> json = read ? statistics.OfRows(file, adds_[begin + i], context_.commit.cancel)
                                      : Result<std::string>(statistics.OfFooter(file));
      if (!json.ok()) return std::move(json).error().Wrap("statistics of " + file.key);
      adds_[begin + i].stats = std::move(*json);
      if (first) rows_ += file.num_rows;
      described_[begin + i] = generation_;
    }
    return {};
  }

  Result<ConvertOutcome> CommitTable() {
    DELTIC_TRY(const TableConfig config, MakeTableConfig(definition_.protocol, definition_.metadata));
    if (config.mapping_mode != MappingMode::kNone) {
      return Unsupported(
          "a folder cannot be converted with delta.columnMapping.mode set: its files know their columns by name; "
          "convert it, then alter the table");
    }
    ConvertOutcome outcome;
    outcome.files = static_cast<int64_t>(files_.size());
    for (const ObjectMeta& file : files_) outcome.size_bytes += file.size_bytes;
    if (request_.statistics) outcome.rows = rows_;
    outcome.partition_columns = definition_.metadata.partition_columns;

    Intent intent{.base = nullptr, .store = store_};
    intent.operation.name = "CONVERT";
    intent.operation.parameters = {{"numFiles", std::to_string(outcome.files)},
                                   {"partitionedBy", QuotedList(outcome.partition_columns)},
                                   {"collectStats", request_.statistics ? "true" : "false"},
                                   {"sourceFormat", QuotedText("parquet")}};
    intent.operation.metrics = {{"numConvertedFiles", std::to_string(outcome.files)}};
    intent.isolation = IsolationLevel::kSerializable;
    intent.user_metadata = request_.commit.custom_metadata;
    intent.user_metadata_text = request_.commit.user_metadata;
    intent.actions = DefinitionActions(nullptr, definition_);
    for (const SetTransaction& transaction : context_.transactions) intent.actions.emplace_back(transaction);
    for (AddFile& add : adds_) intent.actions.emplace_back(std::move(add));
    DELTIC_TRY(Committed committed, Commit(intent, context_.commit));
    outcome.converted = true;
    outcome.version = committed.version;
    outcome.warnings = std::move(committed.warnings);
    return outcome;
  }

  Engine& engine_;
  const std::shared_ptr<ObjectStore>& store_;
  const ConvertRequest& request_;
  const ConvertContext& context_;
  std::vector<ObjectMeta> files_;
  std::vector<AddFile> adds_;   // of each file
  std::vector<int> described_;  // the generation of the schema that each file's statistics were written for
  Fields partitions_;
  Fields schema_;  // of the files so far
  int generation_ = 0;
  bool shredded_ = false;
  TableDefinition definition_;
  int64_t rows_ = 0;
};

}  // namespace

Result<ConvertOutcome> ConvertToTable(Engine& engine, const std::shared_ptr<ObjectStore>& store,
                                      const ConvertRequest& request, const ConvertContext& context) {
  return Converting(engine, store, request, context).Run();
}

}  // namespace deltic
