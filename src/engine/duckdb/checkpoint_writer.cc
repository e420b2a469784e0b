// Owns the schema of checkpoints, the filling of its columns, and the way of the bytes into the store.
//
// A table function pulls actions under a lock, up to a vector of them and all of one sort, so that the columns of the
// other sorts are one constant NULL each. Encoding and compression run in parallel behind it. Memory is bounded by the
// row groups in the making, one a thread.
#include "engine/duckdb/checkpoint_writer.h"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/function/table_function.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <mutex>

#include "base/error.h"
#include "engine/duckdb/checkpoint_stats.h"
#include "engine/duckdb/session.h"
#include "expr/json_scanner.h"

namespace deltic {
namespace {

using duckdb::DataChunk;
using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::StringVector;
using duckdb::StructVector;
using duckdb::Value;
using duckdb::Vector;

using ChildTypes = duckdb::child_list_t<LogicalType>;

// Small enough that two in the making stay far below what a process may use, large enough to compress well.
constexpr idx_t kRowGroupRows = 20'480;
constexpr idx_t kMaxThreads = 4;
constexpr std::string_view kSinkScheme = "deltic-sink://";

// ---- the schema ----

const LogicalType& TextMap() {
  static const auto* type = new LogicalType(LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR));
  return *type;
}

LogicalType DeletionVectorType() {
  return LogicalType::STRUCT({{"storageType", LogicalType::VARCHAR},
                              {"pathOrInlineDv", LogicalType::VARCHAR},
                              {"offset", LogicalType::INTEGER},
                              {"sizeInBytes", LogicalType::INTEGER},
                              {"cardinality", LogicalType::BIGINT}});
}

LogicalType AddType(const CheckpointWrite& write) {
  ChildTypes types = {{"path", LogicalType::VARCHAR},
                      {"partitionValues", TextMap()},
                      {"size", LogicalType::BIGINT},
                      {"modificationTime", LogicalType::BIGINT},
                      {"dataChange", LogicalType::BOOLEAN},
                      {"tags", TextMap()},
                      {"deletionVector", DeletionVectorType()},
                      {"baseRowId", LogicalType::BIGINT},
                      {"defaultRowCommitVersion", LogicalType::BIGINT},
                      {"clusteringProvider", LogicalType::VARCHAR}};
  if (write.stats_as_json) types.emplace_back("stats", LogicalType::VARCHAR);
  if (write.stats_as_struct) {
    types.emplace_back("stats_parsed", StatsParsedType(write.stats_fields));
    ChildTypes partitions;
    for (const StructField& field : write.partition_fields) partitions.emplace_back(field.name, ToDuckType(field.type));
    if (!partitions.empty()) types.emplace_back("partitionValues_parsed", LogicalType::STRUCT(std::move(partitions)));
  }
  return LogicalType::STRUCT(std::move(types));
}

LogicalType RemoveType() {
  return LogicalType::STRUCT({{"path", LogicalType::VARCHAR},
                              {"deletionTimestamp", LogicalType::BIGINT},
                              {"dataChange", LogicalType::BOOLEAN},
                              {"extendedFileMetadata", LogicalType::BOOLEAN},
                              {"partitionValues", TextMap()},
                              {"size", LogicalType::BIGINT},
                              {"deletionVector", DeletionVectorType()},
                              {"baseRowId", LogicalType::BIGINT},
                              {"defaultRowCommitVersion", LogicalType::BIGINT}});
}

LogicalType MetadataType() {
  return LogicalType::STRUCT(
      {{"id", LogicalType::VARCHAR},
       {"name", LogicalType::VARCHAR},
       {"description", LogicalType::VARCHAR},
       {"format", LogicalType::STRUCT({{"provider", LogicalType::VARCHAR}, {"options", TextMap()}})},
       {"schemaString", LogicalType::VARCHAR},
       {"partitionColumns", LogicalType::LIST(LogicalType::VARCHAR)},
       {"configuration", TextMap()},
       {"createdTime", LogicalType::BIGINT}});
}

LogicalType ProtocolType() {
  return LogicalType::STRUCT({{"minReaderVersion", LogicalType::INTEGER},
                              {"minWriterVersion", LogicalType::INTEGER},
                              {"readerFeatures", LogicalType::LIST(LogicalType::VARCHAR)},
                              {"writerFeatures", LogicalType::LIST(LogicalType::VARCHAR)}});
}

LogicalType TransactionType() {
  return LogicalType::STRUCT(
      {{"appId", LogicalType::VARCHAR}, {"version", LogicalType::BIGINT}, {"lastUpdated", LogicalType::BIGINT}});
}

LogicalType DomainType() {
  return LogicalType::STRUCT(
      {{"domain", LogicalType::VARCHAR}, {"configuration", LogicalType::VARCHAR}, {"removed", LogicalType::BOOLEAN}});
}

LogicalType CheckpointMetadataType() {
  return LogicalType::STRUCT({{"version", LogicalType::BIGINT}, {"tags", TextMap()}});
}

LogicalType SidecarType() {
  return LogicalType::STRUCT({{"path", LogicalType::VARCHAR},
                              {"sizeInBytes", LogicalType::BIGINT},
                              {"modificationTime", LogicalType::BIGINT},
                              {"tags", TextMap()}});
}

// Where each action's column is; -1 for one that the file does not have.
struct Columns {
  int add = -1, remove = -1, transaction = -1, metadata = -1, protocol = -1, domain = -1, checkpoint_metadata = -1,
      sidecar = -1;
  duckdb::vector<std::string> names;
  duckdb::vector<LogicalType> types;

  void Append(int& place, const char* name, LogicalType type) {
    place = static_cast<int>(names.size());
    names.emplace_back(name);
    types.push_back(std::move(type));
  }
};

Columns ColumnsOf(const CheckpointWrite& write) {
  Columns columns;
  if (!write.sidecar) columns.Append(columns.transaction, "txn", TransactionType());
  columns.Append(columns.add, "add", AddType(write));
  columns.Append(columns.remove, "remove", RemoveType());
  if (write.sidecar) return columns;
  columns.Append(columns.metadata, "metaData", MetadataType());
  columns.Append(columns.protocol, "protocol", ProtocolType());
  columns.Append(columns.domain, "domainMetadata", DomainType());
  if (!write.v2) return columns;
  columns.Append(columns.checkpoint_metadata, "checkpointMetadata", CheckpointMetadataType());
  columns.Append(columns.sidecar, "sidecar", SidecarType());
  return columns;
}

// ---- what is written: the source, and how far it is ----

struct Job {
  explicit Job(const CheckpointWrite& what) : write(what), columns(ColumnsOf(what)) {}

  const CheckpointWrite& write;
  const Columns columns;
  std::mutex mutex;  // over everything below
  std::optional<CheckpointRow> pending;
  bool ended = false;
  int64_t actions = 0;
  int64_t adds = 0;

  // The next row without taking it; null when there is none. Throws what the source answers.
  const CheckpointRow* Peek() {
    if (ended) return nullptr;
    if (!pending) {
      auto row = write.actions();
      if (!row.ok()) {
        ended = true;  // another of DuckDB's threads must not ask a source that has failed
        ThrowError(row.error());
      }
      pending = *row;
      ended = pending->file == nullptr && pending->other == nullptr;
    }
    return ended ? nullptr : &*pending;
  }
  void Take() {
    pending.reset();
    ++actions;
  }
};

// ---- columns of files ----

void SetText(Vector& vector, idx_t row, std::string_view text) {
  if (!Value::StringIsValid(text.data(), text.size())) {
    ThrowError(Corrupt("an action holds text that is not UTF-8, {} bytes beginning with '{}'", text.size(),
                       duckdb::Value::BLOB(std::string(text.substr(0, 16))).ToString()));
  }
  FlatVector::GetData<duckdb::string_t>(vector)[row] = StringVector::AddString(vector, text.data(), text.size());
}
void SetText(Vector& vector, idx_t row, const std::optional<std::string_view>& text) {
  if (text) {
    SetText(vector, row, *text);
  } else {
    FlatVector::SetNull(vector, row, true);
  }
}
template <class T>
void SetNumber(Vector& vector, idx_t row, const std::optional<T>& value) {
  if (value) {
    FlatVector::GetData<T>(vector)[row] = *value;
  } else {
    FlatVector::SetNull(vector, row, true);
  }
}

// A map of texts, filled row by row.
class TextMapColumn {
 public:
  explicit TextMapColumn(Vector& vector) : vector_(vector) {}

  void SetNull(idx_t row) {
    FlatVector::GetData<duckdb::list_entry_t>(vector_)[row] = {size_, 0};
    FlatVector::SetNull(vector_, row, true);
  }
  void Begin(idx_t row) {
    row_ = row;
    begin_ = size_;
  }
  void Append(std::string_view key, const std::optional<std::string_view>& value) {
    duckdb::ListVector::Reserve(vector_, size_ + 1);
    SetText(duckdb::MapVector::GetKeys(vector_), size_, key);
    SetText(duckdb::MapVector::GetValues(vector_), size_, value);
    duckdb::ListVector::SetListSize(vector_, ++size_);
  }
  void End() { FlatVector::GetData<duckdb::list_entry_t>(vector_)[row_] = {begin_, size_ - begin_}; }

 private:
  Vector& vector_;
  idx_t size_ = 0;
  idx_t row_ = 0;
  idx_t begin_ = 0;
};

void SetPartitionValues(TextMapColumn& column, idx_t row, const FileActionView& file) {
  column.Begin(row);
  for (const auto& [name, value] : file.partition_values) column.Append(name, value);
  column.End();
}

// {"name":"value",...} as it came from a log or a checkpoint.
void SetTags(TextMapColumn& column, idx_t row, const FileActionView& file) {
  if (!file.tags_json) {
    column.SetNull(row);
    return;
  }
  column.Begin(row);
  JsonScanner scanner(*file.tags_json);
  JsonText key, value;
  std::string key_text, value_text;
  bool good = scanner.Take('{');
  for (bool first = true; good && scanner.NextMember(first, key); first = false) {
    if (scanner.Peek() != '"') {
      good = scanner.SkipValue();  // null says nothing
      continue;
    }
    good = scanner.ReadString(value);
    if (key.escaped) good = good && UnescapeJson(key.raw, key_text);
    if (value.escaped) good = good && UnescapeJson(value.raw, value_text);
    if (good) column.Append(key.escaped ? key_text : key.raw, value.escaped ? value_text : value.raw);
  }
  if (!good || !scanner.Closed()) ThrowError(Corrupt("the tags of {} are not a JSON object of texts", file.path));
  column.End();
}

void SetDeletionVector(Vector& vector, idx_t row, const FileActionView& file) {
  if (!file.has_deletion_vector) {
    FlatVector::SetNull(vector, row, true);
    return;
  }
  auto& parts = StructVector::GetEntries(vector);
  SetText(*parts[0], row, std::string_view(&file.dv_storage_type, 1));
  SetText(*parts[1], row, file.dv_path_or_inline);
  SetNumber<int32_t>(*parts[2], row, file.dv_offset);
  FlatVector::GetData<int32_t>(*parts[3])[row] = file.dv_size_in_bytes;
  FlatVector::GetData<int64_t>(*parts[4])[row] = file.dv_cardinality;
}

void SetParsedPartitions(Vector& vector, idx_t row, const FileActionView& file, const Fields& fields) {
  auto& parts = StructVector::GetEntries(vector);
  for (size_t i = 0; i < fields.size(); ++i) {
    std::optional<std::string> text;
    for (const auto& [name, value] : file.partition_values) {
      if (name == fields[i].name && value) text = std::string(*value);
    }
    const Result<Literal> literal = ParsePartitionValue(text, fields[i].type);
    if (!literal.ok()) {
      ThrowError(
          Corrupt("the partition value of column {} of {}: {}", fields[i].name, file.path, literal.error().message()));
    }
    if (literal->is_null()) {
      FlatVector::SetNull(*parts[i], row, true);
    } else {
      parts[i]->SetValue(row, ToDuckValue(*literal));
    }
  }
}

// Fills a vector of add structs. Statistics texts are kept aside for stats_parsed, which needs no lock.
class AddColumn {
 public:
  AddColumn(Vector& vector, const CheckpointWrite& write)
      : write_(write), parts_(StructVector::GetEntries(vector)), partition_values_(*parts_[1]), tags_(*parts_[5]) {
    size_t next = 10;
    if (write.stats_as_json) stats_ = parts_[next++].get();
    if (!write.stats_as_struct) return;
    stats_parsed_ = parts_[next++].get();
    if (!write.partition_fields.empty()) partitions_parsed_ = parts_[next++].get();
  }

  void Set(idx_t row, const FileActionView& file) {
    SetText(*parts_[0], row, file.path);
    SetPartitionValues(partition_values_, row, file);
    FlatVector::GetData<int64_t>(*parts_[2])[row] = file.size;
    FlatVector::GetData<int64_t>(*parts_[3])[row] = file.modification_time;
    FlatVector::GetData<bool>(*parts_[4])[row] = false;  // what a checkpoint holds is no change
    SetTags(tags_, row, file);
    SetDeletionVector(*parts_[6], row, file);
    SetNumber<int64_t>(*parts_[7], row, file.base_row_id);
    SetNumber<int64_t>(*parts_[8], row, file.default_row_commit_version);
    SetText(*parts_[9], row, file.clustering_provider);
    if (stats_ != nullptr) SetText(*stats_, row, file.stats);
    if (stats_parsed_ != nullptr) texts_.emplace_back(file.stats.value_or(std::string_view()));
    if (partitions_parsed_ != nullptr) SetParsedPartitions(*partitions_parsed_, row, file, write_.partition_fields);
  }

  void Finish() {
    if (stats_parsed_ == nullptr) return;
    StatsParsedWriter writer(*stats_parsed_);
    for (size_t row = 0; row < texts_.size(); ++row) writer.Write(row, texts_[row]);
  }

 private:
  const CheckpointWrite& write_;
  duckdb::vector<duckdb::unique_ptr<Vector>>& parts_;
  TextMapColumn partition_values_;
  TextMapColumn tags_;
  Vector* stats_ = nullptr;
  Vector* stats_parsed_ = nullptr;
  Vector* partitions_parsed_ = nullptr;
  std::vector<std::string> texts_;
};

class RemoveColumn {
 public:
  explicit RemoveColumn(Vector& vector) : parts_(StructVector::GetEntries(vector)), partition_values_(*parts_[4]) {}

  void Set(idx_t row, const FileActionView& file) {
    const bool extended = file.extended_file_metadata.value_or(false);
    SetText(*parts_[0], row, file.path);
    SetNumber<int64_t>(*parts_[1], row, file.deletion_timestamp);
    FlatVector::GetData<bool>(*parts_[2])[row] = false;
    SetNumber<bool>(*parts_[3], row, file.extended_file_metadata);
    if (extended) {
      SetPartitionValues(partition_values_, row, file);
    } else {
      partition_values_.SetNull(row);
    }
    SetNumber<int64_t>(*parts_[5], row, extended ? std::optional<int64_t>(file.size) : std::nullopt);
    SetDeletionVector(*parts_[6], row, file);
    SetNumber<int64_t>(*parts_[7], row, file.base_row_id);
    SetNumber<int64_t>(*parts_[8], row, file.default_row_commit_version);
  }

 private:
  duckdb::vector<duckdb::unique_ptr<Vector>>& parts_;
  TextMapColumn partition_values_;
};

// ---- the few other actions, value by value ----

Value Text(const std::string& text) { return Value(text); }
Value Text(const std::optional<std::string>& text) { return text ? Value(*text) : Value(LogicalType::VARCHAR); }
Value Number(const std::optional<int64_t>& value) { return value ? Value::BIGINT(*value) : Value(LogicalType::BIGINT); }
Value Map(const StringMap& map) {
  duckdb::vector<Value> keys, values;
  for (const auto& [key, value] : map) {
    keys.emplace_back(key);
    values.emplace_back(value);
  }
  return Value::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR, std::move(keys), std::move(values));
}
Value List(const std::vector<std::string>& texts) {
  duckdb::vector<Value> values;
  for (const std::string& text : texts) values.emplace_back(text);
  return Value::LIST(LogicalType::VARCHAR, std::move(values));
}
Value List(const std::optional<std::vector<std::string>>& texts) {
  return texts ? List(*texts) : Value(LogicalType::LIST(LogicalType::VARCHAR));
}

struct OtherValue {
  int column = -1;
  Value value = Value();
};

OtherValue Make(const Columns& columns, const SetTransaction& transaction) {
  return {columns.transaction,
          Value::STRUCT(TransactionType(), {Text(transaction.app_id), Value::BIGINT(transaction.version),
                                            Number(transaction.last_updated)})};
}
OtherValue Make(const Columns& columns, const Metadata& metadata) {
  const auto type = MetadataType();
  Value format =
      Value::STRUCT({{"provider", Text(metadata.format.provider)}, {"options", Map(metadata.format.options)}});
  return {columns.metadata,
          Value::STRUCT(type, {Text(metadata.id), Text(metadata.name), Text(metadata.description), std::move(format),
                               Text(metadata.schema_string), List(metadata.partition_columns),
                               Map(metadata.configuration), Number(metadata.created_time)})};
}
OtherValue Make(const Columns& columns, const Protocol& protocol) {
  return {columns.protocol,
          Value::STRUCT(ProtocolType(),
                        {Value::INTEGER(protocol.min_reader_version), Value::INTEGER(protocol.min_writer_version),
                         List(protocol.reader_features), List(protocol.writer_features)})};
}
OtherValue Make(const Columns& columns, const DomainMetadata& domain) {
  return {columns.domain, Value::STRUCT(DomainType(), {Text(domain.domain), Text(domain.configuration),
                                                       Value::BOOLEAN(domain.removed)})};
}
OtherValue Make(const Columns& columns, const CheckpointMetadata& metadata) {
  return {columns.checkpoint_metadata,
          Value::STRUCT(CheckpointMetadataType(), {Value::BIGINT(metadata.version), Value(TextMap())})};
}
OtherValue Make(const Columns& columns, const Sidecar& sidecar) {
  return {columns.sidecar, Value::STRUCT(SidecarType(), {Text(sidecar.path), Value::BIGINT(sidecar.size_in_bytes),
                                                         Value::BIGINT(sidecar.modification_time), Value(TextMap())})};
}
template <class T>
OtherValue Make(const Columns&, const T&) {
  return OtherValue();  // adds and removes come as views; commitInfo and cdc have no place in a checkpoint
}

// ---- deltic_checkpoint_rows(handle) ----

struct RowsBind : public duckdb::TableFunctionData {
  std::shared_ptr<Job> job;
};

struct RowsState : public duckdb::GlobalTableFunctionState {
  idx_t MaxThreads() const override { return kMaxThreads; }
};

duckdb::unique_ptr<duckdb::FunctionData> BindRows(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                                  duckdb::vector<LogicalType>& types,
                                                  duckdb::vector<std::string>& names) {
  auto bind = duckdb::make_uniq<RowsBind>();
  bind->job = Registry<Job>::Get().Find(duckdb::StringValue::Get(input.inputs[0]));
  if (bind->job == nullptr) throw duckdb::BinderException("deltic_checkpoint_rows takes a handle that deltic made");
  types = bind->job->columns.types;
  names = bind->job->columns.names;
  return bind;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartRows(duckdb::ClientContext&,
                                                               duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<RowsState>();
}

// All columns but one are NULL for the whole chunk.
void SetOthersNull(DataChunk& output, int column) {
  for (idx_t i = 0; i < output.ColumnCount(); ++i) {
    if (static_cast<int>(i) == column) continue;
    output.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    duckdb::ConstantVector::SetNull(output.data[i], true);
  }
}

template <class FileColumn>
idx_t FillFiles(Job& job, bool removes, FileColumn& column) {
  idx_t row = 0;
  for (; row < STANDARD_VECTOR_SIZE; ++row) {
    const CheckpointRow* next = job.Peek();
    if (next == nullptr || next->file == nullptr || next->file->is_remove != removes) break;
    column.Set(row, *next->file);
    job.Take();
    if (!removes) ++job.adds;
  }
  return row;
}

idx_t FillOthers(Job& job, DataChunk& output) {
  idx_t row = 0;
  for (; row < STANDARD_VECTOR_SIZE; ++row) {
    const CheckpointRow* next = job.Peek();
    if (next == nullptr || next->other == nullptr) break;
    OtherValue value = std::visit([&](const auto& action) { return Make(job.columns, action); }, *next->other);
    if (value.column < 0) ThrowError(Error(Code::kInternal, "an action that has no place in this checkpoint file"));
    for (idx_t i = 0; i < output.ColumnCount(); ++i) {
      if (static_cast<int>(i) == value.column) {
        output.data[i].SetValue(row, value.value);
      } else {
        FlatVector::SetNull(output.data[i], row, true);
      }
    }
    job.Take();
  }
  return row;
}

void NextRows(duckdb::ClientContext&, duckdb::TableFunctionInput& input, DataChunk& output) {
  Job& job = *input.bind_data->Cast<RowsBind>().job;
  std::unique_lock lock(job.mutex);
  const CheckpointRow* next = job.Peek();
  if (next == nullptr) {
    output.SetCardinality(0);
    return;
  }
  if (next->file == nullptr) {
    output.SetCardinality(FillOthers(job, output));
    return;
  }
  const bool removes = next->file->is_remove;
  const int place = removes ? job.columns.remove : job.columns.add;
  Vector& vector = output.data[static_cast<idx_t>(place)];
  SetOthersNull(output, place);
  if (removes) {
    RemoveColumn column(vector);
    output.SetCardinality(FillFiles(job, true, column));
    return;
  }
  AddColumn column(vector, job.write);
  const idx_t rows = FillFiles(job, false, column);
  lock.unlock();
  column.Finish();
  output.SetCardinality(rows);
}

// ---- deltic-sink://handle: what DuckDB writes goes on into a MultipartWrite ----

class SinkFile : public duckdb::FileHandle {
 public:
  SinkFile(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags,
           std::shared_ptr<MultipartWrite> sink, StopSign sign)
      : FileHandle(files, path, flags), sink(std::move(sink)), sign(std::move(sign)) {}
  void Close() override {}

  std::shared_ptr<MultipartWrite> sink;
  const StopSign sign;  // of the query that writes it
  int64_t written = 0;
};

// Completing is not DuckDB's to do: a write that failed half way must not become visible.
class SinkFileSystem : public duckdb::FileSystem {
 public:
  bool CanHandleFile(const std::string& path) override { return path.rfind(kSinkScheme, 0) == 0; }
  std::string GetName() const override { return "DelticSinkFileSystem"; }
  bool CanSeek() override { return false; }
  bool OnDiskFile(duckdb::FileHandle&) override { return false; }
  bool FileExists(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override { return false; }
  void RemoveFile(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {}
  bool TryRemoveFile(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override { return true; }
  void FileSync(duckdb::FileHandle&) override {}
  int64_t GetFileSize(duckdb::FileHandle& handle) override { return handle.Cast<SinkFile>().written; }

  int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& file = handle.Cast<SinkFile>();
    const CancelScope scope(file.sign);
    const Status status =
        file.sink->Write(std::string_view(static_cast<const char*>(buffer), static_cast<size_t>(bytes)));
    if (!status.ok()) ThrowError(status.error());
    file.written += bytes;
    return bytes;
  }
  void Write(duckdb::FileHandle& handle, void* buffer, int64_t bytes, idx_t location) override {
    if (static_cast<int64_t>(location) != handle.Cast<SinkFile>().written) {
      throw duckdb::NotImplementedException("a sink is written from its beginning to its end");
    }
    Write(handle, buffer, bytes);
  }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
                                                          duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    auto sink = Registry<MultipartWrite>::Get().Find(info.path.substr(kSinkScheme.size()));
    if (sink == nullptr || !flags.OpenForWriting()) throw duckdb::IOException("no open sink for \"%s\"", info.path);
    return duckdb::make_uniq<SinkFile>(*this, info.path, flags, std::move(sink),
                                       StopSignOf(duckdb::FileOpener::TryGetClientContext(opener)));
  }
};

}  // namespace

void RegisterCheckpointWriter(duckdb::DatabaseInstance& database) {
  database.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<SinkFileSystem>());
  duckdb::TableFunction rows("deltic_checkpoint_rows", {LogicalType::VARCHAR}, NextRows, BindRows, StartRows);
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  duckdb::CreateTableFunctionInfo info(std::move(rows));
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(*connection.context).CreateTableFunction(*connection.context, info);
  connection.Commit();
}

Result<CheckpointWritten> WriteCheckpointFile(duckdb::DatabaseInstance& database, const CheckpointWrite& write,
                                              const CancelToken& cancel) {
  auto written = Guard([&]() -> Result<CheckpointWritten> {
    DELTIC_TRY(std::unique_ptr<MultipartWrite> opened, write.store->StartMultipart(write.key));
    const std::shared_ptr<MultipartWrite> sink = std::move(opened);
    auto job = std::make_shared<Job>(write);
    {
      Session session(database);
      Handle<Job> rows(job);
      Handle<MultipartWrite> file(sink);
      CancelWatch watch(cancel, session.connection.context);
      auto result = session.connection.Query(
          "COPY (SELECT * FROM deltic_checkpoint_rows(" + QuoteText(rows.name()) + ")) TO " +
          QuoteText(std::string(kSinkScheme) + file.name()) +
          " (FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false, PRESERVE_ORDER false, WRITE_BLOOM_FILTER false, "
          "ROW_GROUP_SIZE " +
          std::to_string(kRowGroupRows) + ")");
      if (result->HasError()) return FromDuckError(result->GetErrorObject());
    }
    DELTIC_CHECK(cancel.Check());
    CheckpointWritten done{.actions = job->actions, .adds = job->adds};
    const Result<ObjectMeta> complete = sink->CompleteIfAbsent();
    if (!complete.ok() && complete.error().code() == Code::kAlreadyExists) {
      done.existed = true;
      return done;
    }
    if (!complete.ok()) return complete.error();
    done.size_bytes = complete->size_bytes;
    done.modified_ms = complete->modified_ms;
    return done;
  });
  if (!written.ok()) return std::move(written).error().Wrap("writing " + write.key);
  return written;
}

}  // namespace deltic
