// Owns the queries over checkpoints. Only the leaves that are asked for are read: a checkpoint of a million files has
// most of its bytes in statistics that opening a table never looks at.
#include "engine/duckdb/checkpoint_reader.h"

#include <algorithm>
#include <map>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>

#include "engine/duckdb/session.h"
#include "engine/duckdb/store_files.h"

namespace deltic {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

struct Filters {
  std::shared_ptr<const FileActionFilter> filter;
};

// What a checkpoint's file must look like to be one: other bytes that happen to be Parquet, or columns of other types,
// would pass for a table without files. A column that is absent is well: no such action is there.
Status CheckCheckpointFile(const std::string& file, const FileNames::Columns& columns) {
  constexpr const char* kColumns[] = {"add", "remove",         "protocol", "metaData",
                                      "txn", "domainMetadata", "sidecar",  "checkpointMetadata"};
  bool some = false;
  for (const auto& [name, type] : columns) {
    if (std::find(std::begin(kColumns), std::end(kColumns), name) == std::end(kColumns)) continue;
    some = true;
    if (type.id() == LogicalTypeId::SQLNULL) continue;
    if (type.id() != LogicalTypeId::STRUCT) {
      return Corrupt("checkpoint {}: its column {} is {}, not a struct", file, name, type.ToString());
    }
    if (name != "add" && name != "remove") continue;
    bool has_path = false;
    for (const auto& [field, child] : duckdb::StructType::GetChildTypes(type)) {
      const bool text = child.id() == LogicalTypeId::VARCHAR || child.id() == LogicalTypeId::BLOB;
      has_path = has_path || (field == "path" && text);
      if (field == "partitionValues" && child.id() != LogicalTypeId::MAP) {
        return Corrupt("checkpoint {}: its column {}.partitionValues is {}, not a map", file, name, child.ToString());
      }
    }
    if (!has_path) return Corrupt("checkpoint {}: its column {} has no text field path", file, name);
  }
  if (some) return {};
  return Corrupt("{} is no file of a checkpoint: it has none of the columns add, remove, protocol, metaData", file);
}

// For errors of queries over a checkpoint, which name files only where one of them is to blame.
Error NamingCheckpoint(Error error, const std::vector<std::string>& keys) {
  // There is no query of a user's here: a value that cannot be taken is the checkpoint's.
  if (error.code() == Code::kInvalidArgument) error = Error(Code::kCorrupt, error.message());
  if (error.code() != Code::kCorrupt || error.message().find("_delta_log") != std::string::npos || keys.empty())
    return error;
  return std::move(error).Wrap(keys.size() == 1
                                   ? "checkpoint " + keys[0]
                                   : fmt::format("checkpoint {} and {} more files", keys[0], keys.size() - 1));
}

// The files of a checkpoint as a table: columns of the union of its files' schemas, by name.
class CheckpointFiles {
 public:
  CheckpointFiles(duckdb::DatabaseInstance& database, const std::shared_ptr<ObjectStore>& store,
                  const std::vector<std::string>& keys)
      : session_(std::make_unique<Session>(database)) {
    auto names = std::make_shared<FileNames>();
    std::string prefix;
    for (const auto& key : keys) {
      if (auto local = store->LocalPath(key)) {
        names->files.emplace_back(*local);
      } else {
        if (prefix.empty()) {
          session_->stores.emplace_back(std::make_shared<StoreFiles>(store));
          prefix = StoreFilesPrefix(session_->stores.back().name());
        }
        names->files.emplace_back(prefix + key);
      }
    }
    names->check = CheckCheckpointFile;
    for (const auto& file : names->files) names_.push_back(file.path);
    session_->files.emplace_back(std::move(names));
    // binary_as_string: older writers leave out the UTF-8 annotation on paths and statistics.
    source_ = "deltic_files(" + QuoteText(session_->files.back().name()) +
              ", binary_as_string=true, hive_partitioning=false" + (keys.size() > 1 ? ", union_by_name=true)" : ")");
    auto prepared = session_->connection.Prepare("SELECT * FROM " + source_);
    if (prepared->HasError()) prepared->error.Throw();
    const auto& columns = prepared->GetNames();
    const auto& types = prepared->GetTypes();
    for (size_t i = 0; i < columns.size(); i++) columns_.emplace_back(columns[i], types[i]);
    // Queries check each file; one that finds no column to ask for opens none.
    const auto status = CheckCheckpointFile(keys[0], columns_);
    if (!status.ok()) ThrowError(status.error());
  }

  const std::string& source() const { return source_; }
  const std::vector<std::string>& names() const { return names_; }
  Session& session() { return *session_; }
  std::unique_ptr<Session> TakeSession() { return std::move(session_); }

  // The type of a column or of a field in a struct column; null when there is none.
  const LogicalType* Find(const std::string& column, const std::string& field = "") const {
    for (const auto& [name, type] : columns_) {
      if (name != column) continue;
      if (field.empty()) return &type;
      if (type.id() != LogicalTypeId::STRUCT) return nullptr;
      return FindIn(type, field);
    }
    return nullptr;
  }
  static const LogicalType* FindIn(const LogicalType& type, const std::string& field) {
    if (type.id() != LogicalTypeId::STRUCT) return nullptr;
    for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
      if (name == field) return &child;
    }
    return nullptr;
  }

 private:
  std::unique_ptr<Session> session_;
  std::string source_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::string, LogicalType>> columns_;
};

// Actions that are not file actions, with a field that is never null where the action is there.
constexpr std::pair<const char*, const char*> kActions[] = {
    {"protocol", "minReaderVersion"}, {"metaData", "id"},  {"txn", "appId"},
    {"domainMetadata", "domain"},     {"sidecar", "path"}, {"checkpointMetadata", "version"},
};

std::string Join(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

// Where protocol and metaData may be, as SQL conditions that end in "AND ", one for each row group whose footer does
// not count all of both as null; one empty condition when the footers do not tell. DuckDB prunes row groups by row
// number but not by null counts, and a million null rows of one leaf take longer than all else that opening a table
// does.
std::vector<std::string> HeadRanges(CheckpointFiles& files) {
  // parquet_metadata takes paths as patterns and has no other way.
  for (const auto& name : files.names()) {
    if (name.find_first_of("*?[\\") != name.npos) return {""};
  }
  std::string list;
  for (const auto& name : files.names()) list += (list.empty() ? "" : ", ") + QuoteText(name);
  auto groups = files.session().connection.Query(
      "SELECT file_name, row_group_id, any_value(row_group_num_rows), bool_or(stats_null_count IS NULL OR "
      "stats_null_count < row_group_num_rows) FROM parquet_metadata([" +
      list +
      "]) WHERE path_in_schema IN ("
      "'protocol, minReaderVersion', 'metaData, id') GROUP BY file_name, row_group_id ORDER BY file_name, "
      "row_group_id");
  if (groups->HasError()) return {""};
  std::map<std::string, int64_t> next_row;
  std::vector<std::string> ranges;
  for (auto chunk = groups->Fetch(); chunk != nullptr && chunk->size() > 0; chunk = groups->Fetch()) {
    for (idx_t row = 0; row < chunk->size(); row++) {
      const auto name = duckdb::StringValue::Get(chunk->GetValue(0, row));
      const auto file = std::find(files.names().begin(), files.names().end(), name) - files.names().begin();
      const auto first = next_row[name], count = chunk->GetValue(2, row).GetValue<int64_t>();
      next_row[name] += count;
      if (!duckdb::BooleanValue::Get(chunk->GetValue(3, row))) continue;
      ranges.push_back("file_row_number BETWEEN " + std::to_string(first) + " AND " +
                       std::to_string(first + count - 1) + " AND " +
                       (files.names().size() > 1 ? "file_index = " + std::to_string(file) + " AND " : ""));
    }
  }
  // Each range is a query: with many, one pass over everything is better.
  return ranges.size() > 4 ? std::vector<std::string>{""} : ranges;
}

// Adds {"<action>":{...}} for every row that has it.
void AppendActions(CheckpointFiles& files, const std::string& action, const std::string& where,
                   std::vector<std::string>* lines) {
  auto result = files.session().connection.Query("SELECT to_json(" + QuoteName(action) + ")::VARCHAR FROM " +
                                                 files.source() + " WHERE " + where);
  if (result->HasError()) result->ThrowError();
  for (auto chunk = result->Fetch(); chunk != nullptr && chunk->size() > 0; chunk = result->Fetch()) {
    for (idx_t row = 0; row < chunk->size(); row++) {
      const auto value = chunk->GetValue(0, row);
      if (!value.IsNull()) lines->push_back("{\"" + action + "\":" + duckdb::StringValue::Get(value) + "}");
    }
  }
}

// A struct field as an expression of a wanted type, or a NULL of that type where the checkpoint lacks it.
std::string Field(const CheckpointFiles& files, const std::string& action, const std::string& field,
                  const std::string& type) {
  const auto* found = files.Find(action, field);
  if (found == nullptr) return "NULL::" + type;
  const auto path = QuoteName(action) + "." + QuoteName(field);
  return found->ToString() == type ? path : "CAST(" + path + " AS " + type + ")";
}

std::string DvField(const CheckpointFiles& files, const std::string& action, const std::string& field,
                    const std::string& type) {
  const auto* dv = files.Find(action, "deletionVector");
  if (dv == nullptr || CheckpointFiles::FindIn(*dv, field) == nullptr) return "NULL::" + type;
  return "CAST(" + QuoteName(action) + ".\"deletionVector\"." + QuoteName(field) + " AS " + type + ")";
}

std::string StatsExpression(const CheckpointFiles& files) {
  const bool text = files.Find("add", "stats") != nullptr, parsed = files.Find("add", "stats_parsed") != nullptr;
  const std::string json = "to_json(\"add\".\"stats_parsed\")::VARCHAR";
  if (text && parsed) return "coalesce(\"add\".\"stats\", " + json + ")";
  if (text) return "\"add\".\"stats\"";
  if (parsed) return json;
  return "NULL::VARCHAR";
}

std::string_view View(const string_t& text) { return {text.GetData(), text.GetSize()}; }

// Reads columns of a chunk as typed values without copying strings.
template <class T>
class Column {
 public:
  void Read(Vector& vector, idx_t count) {
    vector.ToUnifiedFormat(count, format_);
    values_ = UnifiedVectorFormat::GetData<T>(format_);
  }
  const T* At(idx_t row) const {
    const auto index = format_.sel->get_index(row);
    return format_.validity.RowIsValid(index) ? &values_[index] : nullptr;
  }

 private:
  UnifiedVectorFormat format_;
  const T* values_ = nullptr;
};

using PartitionViews = std::vector<std::pair<std::string_view, std::optional<std::string_view>>>;

class MapColumn {
 public:
  void Read(Vector& vector, idx_t count) {
    entries_.Read(vector, count);
    const auto size = duckdb::ListVector::GetListSize(vector);
    keys_.Read(duckdb::MapVector::GetKeys(vector), size);
    values_.Read(duckdb::MapVector::GetValues(vector), size);
  }
  void At(idx_t row, PartitionViews* out) const {
    out->clear();
    const auto* entry = entries_.At(row);
    if (entry == nullptr) return;
    for (idx_t i = entry->offset; i < entry->offset + entry->length; i++) {
      const auto* key = keys_.At(i);
      if (key == nullptr) continue;
      const auto* value = values_.At(i);
      out->emplace_back(View(*key), value == nullptr ? std::nullopt : std::optional(View(*value)));
    }
  }

 private:
  Column<duckdb::list_entry_t> entries_;
  Column<string_t> keys_, values_;
};

const LogicalType& MapOfText() {
  static const auto* type = new LogicalType(LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR));
  return *type;
}

// deltic_keep(handle, path, partitionValues, dv id, stats): the filter's word for each add, on every scanning thread.
struct KeepState : public duckdb::FunctionLocalState {
  std::unique_ptr<FileActionFilter> filter;
  FileActionView view;
};

struct KeepBind : public duckdb::FunctionData {
  explicit KeepBind(std::shared_ptr<Filters> filters) : filters(std::move(filters)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<KeepBind>(filters); }
  bool Equals(const FunctionData& other) const override { return filters == other.Cast<KeepBind>().filters; }
  std::shared_ptr<Filters> filters;
};

duckdb::unique_ptr<duckdb::FunctionData> BindKeep(duckdb::ClientContext& context, duckdb::ScalarFunction&,
                                                  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const auto handle = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]);
  auto filters = Registry<Filters>::Get().Find(duckdb::StringValue::Get(handle));
  if (filters == nullptr) throw duckdb::BinderException("deltic_keep takes a handle that deltic made");
  return duckdb::make_uniq<KeepBind>(std::move(filters));
}

duckdb::unique_ptr<duckdb::FunctionLocalState> MakeKeepState(duckdb::ExpressionState&,
                                                             const duckdb::BoundFunctionExpression&,
                                                             duckdb::FunctionData* bind) {
  auto state = duckdb::make_uniq<KeepState>();
  state->filter = bind->Cast<KeepBind>().filters->filter->Clone();
  return state;
}

void RunKeep(DataChunk& arguments, duckdb::ExpressionState& expression_state, Vector& result) {
  auto& state = duckdb::ExecuteFunctionState::GetFunctionState(expression_state)->Cast<KeepState>();
  const auto count = arguments.size();
  Column<string_t> path, dv, stats;
  MapColumn partitions;
  path.Read(arguments.data[1], count);
  partitions.Read(arguments.data[2], count);
  dv.Read(arguments.data[3], count);
  stats.Read(arguments.data[4], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* keep = duckdb::FlatVector::GetData<bool>(result);
  for (idx_t row = 0; row < count; row++) {
    const auto* here = path.At(row);
    if (here == nullptr) {
      keep[row] = true;  // for Fill to refuse
      continue;
    }
    auto& view = state.view;
    view.path = View(*here);
    partitions.At(row, &view.partition_values);
    const auto* id = dv.At(row);
    view.has_deletion_vector = id != nullptr;
    const auto* json = stats.At(row);
    view.stats = json == nullptr ? std::nullopt : std::optional(View(*json));
    auto kept = state.filter->Keep(view, id == nullptr ? std::string_view() : View(*id));
    if (!kept.ok()) ThrowError(kept.error());
    keep[row] = kept.value();
  }
}

class CheckpointCursor : public FileActionCursor {
 public:
  CheckpointCursor(std::unique_ptr<Session> session, std::unique_ptr<Handle<Filters>> filters,
                   const CheckpointRead& read)
      : filters_(std::move(filters)), session_(std::move(session)), keys_(read.keys), removes_(read.removes) {}

  void Start(const std::string& sql) {
    result_ = session_->connection.SendQuery(sql);
    if (result_->HasError()) result_->ThrowError();
  }

  Result<const std::vector<FileActionView>*> Next() override {
    auto rows = ReadNext();
    if (!rows.ok()) return NamingCheckpoint(std::move(rows).error(), keys_);
    return rows;
  }

 private:
  Result<const std::vector<FileActionView>*> ReadNext() {
    return Guard([&]() -> Result<const std::vector<FileActionView>*> {
      rows_.clear();
      do {
        chunk_ = result_->Fetch();
        if (result_->HasError()) return FromDuckError(result_->GetErrorObject());
        if (chunk_ == nullptr) return &rows_;
      } while (chunk_->size() == 0);
      Fill();
      return &rows_;
    });
  }

  void Fill() {
    auto& data = chunk_->data;
    const auto count = chunk_->size();
    path_.Read(data[0], count);
    partitions_.Read(data[1], count);
    size_.Read(data[2], count);
    time_.Read(data[3], count);
    stats_.Read(data[4], count);
    dv_type_.Read(data[5], count);
    dv_path_.Read(data[6], count);
    dv_offset_.Read(data[7], count);
    dv_size_.Read(data[8], count);
    dv_cardinality_.Read(data[9], count);
    base_row_id_.Read(data[10], count);
    commit_version_.Read(data[11], count);
    tags_.Read(data[12], count);
    clustering_.Read(data[13], count);
    extended_.Read(data[14], count);
    rows_.resize(count);
    for (idx_t row = 0; row < count; row++) {
      auto& view = rows_[row];
      view.is_remove = removes_;
      if (path_.At(row) == nullptr) ThrowError(Corrupt("an {} action has no path", removes_ ? "remove" : "add"));
      view.path = View(*path_.At(row));
      partitions_.At(row, &view.partition_values);
      view.size = Or(size_.At(row), 0);
      if (removes_) {
        view.deletion_timestamp = Optional(time_.At(row));
      } else {
        view.modification_time = Or(time_.At(row), 0);
      }
      view.stats = Text(stats_.At(row));
      const auto* type = dv_type_.At(row);
      view.has_deletion_vector = type != nullptr;
      const int present = (type != nullptr) + (dv_path_.At(row) != nullptr) + (dv_size_.At(row) != nullptr) +
                          (dv_cardinality_.At(row) != nullptr);
      if (present != 0 && present != 4) {
        ThrowError(Corrupt(
            "the deletion vector of {} lacks its storageType, pathOrInlineDv, sizeInBytes or cardinality", view.path));
      }
      if (type != nullptr) {
        view.dv_storage_type = type->GetSize() == 1 ? type->GetData()[0] : '?';
        view.dv_path_or_inline = Text(dv_path_.At(row)).value_or(std::string_view());
        view.dv_offset = Optional(dv_offset_.At(row));
        view.dv_size_in_bytes = Or(dv_size_.At(row), 0);
        view.dv_cardinality = Or(dv_cardinality_.At(row), 0);
      }
      view.base_row_id = Optional(base_row_id_.At(row));
      view.default_row_commit_version = Optional(commit_version_.At(row));
      view.tags_json = Text(tags_.At(row));
      view.clustering_provider = Text(clustering_.At(row));
      view.extended_file_metadata = Optional(extended_.At(row));
    }
  }

  template <class T>
  static T Or(const T* value, std::type_identity_t<T> otherwise) {
    return value == nullptr ? otherwise : *value;
  }
  template <class T>
  static std::optional<T> Optional(const T* value) {
    return value == nullptr ? std::nullopt : std::optional<T>(*value);
  }
  static std::optional<std::string_view> Text(const string_t* value) {
    return value == nullptr ? std::nullopt : std::optional(View(*value));
  }

  std::unique_ptr<Handle<Filters>> filters_;
  std::unique_ptr<Session> session_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  duckdb::unique_ptr<DataChunk> chunk_;
  std::vector<FileActionView> rows_;
  const std::vector<std::string> keys_;
  const bool removes_;
  Column<string_t> path_, stats_, dv_type_, dv_path_, tags_, clustering_;
  MapColumn partitions_;
  Column<int64_t> size_, time_, dv_cardinality_, base_row_id_, commit_version_;
  Column<int32_t> dv_offset_, dv_size_;
  Column<bool> extended_;
};

}  // namespace

void RegisterCheckpointFunctions(duckdb::DatabaseInstance& database) {
  duckdb::ScalarFunction keep(
      "deltic_keep",
      {LogicalType::VARCHAR, LogicalType::VARCHAR, MapOfText(), LogicalType::VARCHAR, LogicalType::VARCHAR},
      LogicalType::BOOLEAN, RunKeep, BindKeep, nullptr, nullptr, MakeKeepState);
  keep.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  keep.SetVolatile();
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  duckdb::CreateScalarFunctionInfo info(std::move(keep));
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(*connection.context).CreateFunction(*connection.context, info);
  connection.Commit();
}

Result<std::vector<std::string>> ReadCheckpointHead(duckdb::DatabaseInstance& database,
                                                    const std::shared_ptr<ObjectStore>& store,
                                                    const std::vector<std::string>& keys) {
  auto read = Guard([&]() -> Result<std::vector<std::string>> {
    CheckpointFiles files(database, store, keys);
    // First the rows by one narrow leaf of each action, then those rows alone: the wide columns of a million null rows
    // stay unread.
    std::vector<std::string> actions, filled, texts;
    for (const auto& [action, leaf] : {kActions[0], kActions[1]}) {
      if (files.Find(action, leaf) == nullptr) continue;
      actions.emplace_back(action);
      filled.push_back(QuoteName(action) + "." + QuoteName(leaf) + " IS NOT NULL");
      texts.push_back("to_json(" + QuoteName(action) + ")::VARCHAR");
    }
    std::vector<std::string> lines;
    if (actions.empty()) return lines;
    std::vector<int64_t> found(actions.size());
    std::map<int64_t, std::string> rows;  // file index -> row numbers, with commas between
    auto find = [&](const std::string& range) -> Status {
      auto positions =
          files.session().connection.Query("SELECT file_index, file_row_number, " + Join(filled, ", ") + " FROM " +
                                           files.source() + " WHERE " + range + "(" + Join(filled, " OR ") + ")");
      if (positions->HasError()) positions->ThrowError();
      for (auto chunk = positions->Fetch(); chunk != nullptr && chunk->size() > 0; chunk = positions->Fetch()) {
        for (idx_t row = 0; row < chunk->size(); row++) {
          for (size_t i = 0; i < actions.size(); i++) {
            if (!duckdb::BooleanValue::Get(chunk->GetValue(2 + i, row))) continue;
            if (++found[i] > 1) return Corrupt("checkpoint {} has more than one {} action", keys[0], actions[i]);
          }
          auto& list = rows[chunk->GetValue(0, row).GetValue<int64_t>()];
          list += (list.empty() ? "" : ", ") + chunk->GetValue(1, row).ToString();
        }
      }
      return {};
    };
    const auto ranges = HeadRanges(files);
    for (const auto& range : ranges) DELTIC_CHECK(find(range));
    const bool all_found = std::find(found.begin(), found.end(), 0) == found.end();
    if (!all_found && ranges != std::vector<std::string>{""}) {
      // A footer that counts wrongly must not hide an action that is there.
      found.assign(actions.size(), 0);
      rows.clear();
      DELTIC_CHECK(find(""));
    }
    std::vector<std::vector<std::string>> by_action(actions.size());
    for (const auto& [file, numbers] : rows) {
      auto result = files.session().connection.Query(
          "SELECT " + Join(texts, ", ") + " FROM " + files.source() + " WHERE file_row_number IN (" + numbers + ")" +
          (keys.size() > 1 ? " AND file_index = " + std::to_string(file) : ""));
      if (result->HasError()) result->ThrowError();
      for (auto chunk = result->Fetch(); chunk != nullptr && chunk->size() > 0; chunk = result->Fetch()) {
        for (idx_t row = 0; row < chunk->size(); row++) {
          for (size_t i = 0; i < actions.size(); i++) {
            const auto value = chunk->GetValue(i, row);
            if (!value.IsNull())
              by_action[i].push_back("{\"" + actions[i] + "\":" + duckdb::StringValue::Get(value) + "}");
          }
        }
      }
    }
    for (auto& of_action : by_action) lines.insert(lines.end(), of_action.begin(), of_action.end());
    return lines;
  });
  if (!read.ok()) return NamingCheckpoint(std::move(read).error(), keys);
  return read;
}

Result<std::vector<std::string>> ReadCheckpointActions(duckdb::DatabaseInstance& database,
                                                       const std::shared_ptr<ObjectStore>& store,
                                                       const std::vector<std::string>& keys) {
  auto read = Guard([&]() -> Result<std::vector<std::string>> {
    CheckpointFiles files(database, store, keys);
    std::vector<std::string> lines;
    for (const auto& [action, leaf] : kActions) {
      if (files.Find(action, leaf) == nullptr) continue;
      AppendActions(files, action, QuoteName(action) + "." + QuoteName(leaf) + " IS NOT NULL", &lines);
    }
    return lines;
  });
  if (!read.ok()) return NamingCheckpoint(std::move(read).error(), keys);
  return read;
}

Result<std::unique_ptr<FileActionCursor>> ReadCheckpointFiles(duckdb::DatabaseInstance& database,
                                                              const CheckpointRead& read) {
  auto opened = Guard([&]() -> Result<std::unique_ptr<FileActionCursor>> {
    CheckpointFiles files(database, read.store, read.keys);
    const std::string action = read.removes ? "remove" : "add";
    std::unique_ptr<Handle<Filters>> filters;
    std::string sql;
    if (files.Find(action, "path") == nullptr) {
      // A checkpoint without the column has no such action; the columns below must exist all the same.
      sql =
          "SELECT NULL::VARCHAR, NULL::MAP(VARCHAR, VARCHAR), NULL::BIGINT, NULL::BIGINT, NULL::VARCHAR, "
          "NULL::VARCHAR, "
          "NULL::VARCHAR, NULL::INTEGER, NULL::INTEGER, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::VARCHAR, "
          "NULL::VARCHAR, NULL::BOOLEAN WHERE false";
    } else {
      const auto path = Field(files, action, "path", "VARCHAR");
      const auto partitions = Field(files, action, "partitionValues", "MAP(VARCHAR, VARCHAR)");
      const auto stats = read.removes ? std::string("NULL::VARCHAR") : StatsExpression(files);
      const auto dv_type = DvField(files, action, "storageType", "VARCHAR");
      const auto dv_path = DvField(files, action, "pathOrInlineDv", "VARCHAR");
      const auto dv_offset = DvField(files, action, "offset", "INTEGER");
      const bool tags = read.all_fields && files.Find(action, "tags") != nullptr;
      sql =
          "SELECT " + path + ", " + partitions + ", " + Field(files, action, "size", "BIGINT") + ", " +
          Field(files, action, read.removes ? "deletionTimestamp" : "modificationTime", "BIGINT") + ", " +
          (read.stats ? stats : "NULL::VARCHAR") + ", " + dv_type + ", " + dv_path + ", " + dv_offset + ", " +
          DvField(files, action, "sizeInBytes", "INTEGER") + ", " + DvField(files, action, "cardinality", "BIGINT") +
          ", " + Field(files, action, "baseRowId", "BIGINT") + ", " +
          Field(files, action, "defaultRowCommitVersion", "BIGINT") + ", " +
          (tags ? "to_json(" + QuoteName(action) + ".\"tags\")::VARCHAR" : "NULL::VARCHAR") + ", " +
          (read.all_fields && !read.removes ? Field(files, action, "clusteringProvider", "VARCHAR") : "NULL::VARCHAR") +
          ", " + (read.removes ? Field(files, action, "extendedFileMetadata", "BOOLEAN") : "NULL::BOOLEAN") + " FROM " +
          files.source() + " WHERE (" + path + " IS NOT NULL" +
          // An action without a path is refused, not passed over.
          (files.Find(action, "dataChange") ? " OR " + QuoteName(action) + ".\"dataChange\" IS NOT NULL)" : ")");
      if (read.filter != nullptr && !read.removes) {
        filters = std::make_unique<Handle<Filters>>(std::make_shared<Filters>(Filters{read.filter}));
        sql += " AND deltic_keep(" + QuoteText(filters->name()) + ", " + path + ", " + partitions + ", " + dv_type +
               " || " + dv_path + " || coalesce('@' || " + dv_offset + "::VARCHAR, ''), " +
               (read.stats ? stats : "NULL::VARCHAR") + ")";
      }
    }
    auto cursor = std::make_unique<CheckpointCursor>(files.TakeSession(), std::move(filters), read);
    cursor->Start(sql);
    return std::unique_ptr<FileActionCursor>(std::move(cursor));
  });
  if (!opened.ok()) return NamingCheckpoint(std::move(opened).error(), read.keys);
  return opened;
}

}  // namespace deltic
