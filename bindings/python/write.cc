// Owns the writing half of RawTable and of the extension module: include/deltic/write.h and manage.h for the Python
// files of the package. Requests come as dicts of plain values, outcomes go back as dicts. Decides nothing; which names
// and defaults users see is in the Python files.
#include "deltic/write.h"

#include <utility>

#include "base/error.h"
#include "bindings.h"
#include "deltic/manage.h"
#include "features/features.h"
#include "requests.h"
#include "table/file_commit.h"
#include "table/stoppable.h"

namespace deltic::python {
namespace {

TableProperties ToTable(const nb::dict& request) {
  TableProperties table;
  Set(table.partition_by, request, "partition_by");
  Set(table.cluster_by, request, "cluster_by");
  Set(table.configuration, request, "configuration");
  Set(table.name, request, "name");
  Set(table.description, request, "description");
  return table;
}

WriteRequest ToWrite(const nb::dict& request) {
  WriteRequest write;
  const Text mode = Get<Text>(request, "mode").value_or("append");
  write.mode = mode == "overwrite" ? WriteMode::kOverwrite
               : mode == "error"   ? WriteMode::kErrorIfExists
               : mode == "ignore"  ? WriteMode::kIgnore
                                   : WriteMode::kAppend;
  const Text schema = Get<Text>(request, "schema_mode").value_or("");
  write.schema = schema == "merge"       ? SchemaEvolution::kMerge
                 : schema == "overwrite" ? SchemaEvolution::kOverwrite
                                         : SchemaEvolution::kStrict;
  Set(write.replace_where, request, "predicate");
  Set(write.dynamic_partitions, request, "dynamic_partitions");
  Set(write.once, request, "once");
  Set(write.target_file_bytes, request, "target_file_size");
  write.table = ToTable(request);
  write.parquet = ParquetOf(request);
  write.commit = CommitOf(request);
  Set(write.storage_options, request, "storage_options");
  return write;
}

nb::dict ToDict(const WriteOutcome& outcome) {
  nb::dict out;
  out["written"] = outcome.written;
  out["version"] = outcome.version;
  out["rows"] = outcome.rows;
  out["files_added"] = outcome.files_added;
  out["bytes_added"] = outcome.bytes_added;
  out["files_removed"] = outcome.files_removed;
  out["rows_copied"] = outcome.rows_copied;
  out["retries"] = outcome.retries;
  out["warnings"] = outcome.warnings;
  return out;
}

// Writes to `table` when it is given, else to the location; answers the outcome, and the table as it is then.
nb::tuple WriteRows(const Text& location, const Table* table, nb::object stream, const Text& sql,
                    const nb::dict& request) {
  const WriteRequest write = ToWrite(request);
  RowsToWrite rows{.stream = nullptr, .sql = sql};
  ArrowArrayStream taken{};
  if (!stream.is_none()) {
    taken = TakeStream(stream);
    rows.stream = &taken;
  }
  CancelToken cancel;
  Maybe<Table> moved;
  if (table != nullptr) moved = *table;
  const WriteOutcome outcome = Unwrap(Interruptible(cancel, [&]() -> Result<WriteOutcome> {
    return moved ? WriteTo(*moved, rows, write, cancel) : WriteTo(location, rows, write, cancel);
  }));
  return nb::make_tuple(ToDict(outcome), moved ? nb::cast(std::move(*moved)) : nb::none());
}

FileToAdd ToFile(const nb::dict& action) {
  FileToAdd file;
  Set(file.path, action, "path");
  Set(file.size_bytes, action, "size");
  for (auto [key, value] : Get<nb::dict>(action, "partition_values").value_or(nb::dict())) {
    file.partition_values[nb::cast<Text>(key)] = value.is_none() ? Maybe<Text>() : Maybe<Text>(nb::cast<Text>(value));
  }
  Set(file.modification_time_ms, action, "modification_time");
  Set(file.data_change, action, "data_change");
  Set(file.stats, action, "stats");
  return file;
}

CreateRequest ToCreate(const nb::dict& request) {
  CreateRequest create;
  Set(create.schema_json, request, "schema_json");
  Set(create.schema_ddl, request, "schema_ddl");
  const Text mode = Get<Text>(request, "mode").value_or("error");
  create.mode = mode == "overwrite" ? CreateMode::kOverwrite
                : mode == "ignore"  ? CreateMode::kIgnore
                                    : CreateMode::kErrorIfExists;
  create.table = ToTable(request);
  create.commit = CommitOf(request);
  Set(create.storage_options, request, "storage_options");
  return create;
}

Table CreateOne(const Text& location, const nb::dict& request, const nb::list& files) {
  const CreateRequest create = ToCreate(request);
  std::vector<FileToAdd> adds;
  for (nb::handle file : files) adds.push_back(ToFile(nb::cast<nb::dict>(file)));
  return Unwrap(
      Interruptible([&] { return adds.empty() ? Create(location, create) : CreateWithFiles(location, create, adds); }));
}

Table CommitFilesTo(const Table& table, const nb::list& add, const nb::list& remove, const nb::dict& request) {
  FileCommit files;
  for (nb::handle file : add) files.add.push_back(ToFile(nb::cast<nb::dict>(file)));
  for (nb::handle each : remove) {
    const auto action = nb::cast<nb::dict>(each);
    FileToRemove file;
    Set(file.path, action, "path");
    Set(file.data_change, action, "data_change");
    Set(file.deletion_timestamp_ms, action, "deletion_timestamp");
    files.remove.push_back(std::move(file));
  }
  Set(files.schema_json, request, "schema_json");
  Set(files.partition_by, request, "partition_by");
  Set(files.overwrite, request, "overwrite");
  Set(files.replace_where, request, "predicate");
  files.commit = CommitOf(request);
  return Unwrap(Interruptible([&] { return CommitFiles(table, files); }));
}

// One change; answers the table afterwards, whether there is a new version, and the warnings.
nb::tuple AlterOne(const Table& table, const Text& change, const nb::dict& arguments, const nb::dict& commit) {
  Table moved = table;
  Alter alter(moved, ToCommit(commit));
  const auto text = [&](const char* name) { return Get<Text>(arguments, name).value_or(""); };
  const auto texts = [&](const char* name) {
    return Get<std::vector<Text>>(arguments, name).value_or(std::vector<Text>());
  };
  const auto map = [&](const char* name) {
    return Get<std::map<Text, Text>>(arguments, name).value_or(std::map<Text, Text>());
  };
  const auto flag = [&](const char* name) { return Get<bool>(arguments, name).value_or(false); };
  const Maybe<Text> value = Get<Text>(arguments, "value");
  const Text column = text("column");
  std::vector<ColumnToAdd> columns;
  for (nb::handle each : Get<nb::list>(arguments, "columns_to_add").value_or(nb::list())) {
    const auto given = nb::cast<nb::dict>(each);
    ColumnToAdd added;
    Set(added.definition, given, "definition");
    Set(added.parent, given, "parent");
    Set(added.first, given, "first");
    Set(added.after, given, "after");
    columns.push_back(std::move(added));
  }
  const std::vector<Text> names = texts("names");
  const std::map<Text, Text> values = map("values");
  const Text to = text("to"), after = text("after");
  const bool first = flag("first"), if_exists = flag("if_exists"), nullable = flag("nullable");
  ChangeOutcome outcome = Unwrap(Interruptible([&]() -> Result<ChangeOutcome> {
    if (change == "add_columns") return alter.AddColumns(columns);
    if (change == "rename_column") return alter.RenameColumn(column, to);
    if (change == "drop_columns") return alter.DropColumns(names, if_exists);
    if (change == "change_column_type") return alter.ChangeColumnType(column, to);
    if (change == "set_column_nullable") return alter.SetColumnNullable(column, nullable);
    if (change == "set_column_comment") return alter.SetColumnComment(column, value);
    if (change == "move_column") return alter.MoveColumn(column, first, after);
    if (change == "set_column_default") return alter.SetColumnDefault(column, value);
    if (change == "set_column_metadata") return alter.SetColumnMetadata(column, values);
    if (change == "set_properties") return alter.SetProperties(values);
    if (change == "unset_properties") return alter.UnsetProperties(names, if_exists);
    if (change == "add_constraints") return alter.AddConstraints(values);
    if (change == "drop_constraint") return alter.DropConstraint(to, if_exists);
    if (change == "add_features") return alter.AddFeatures(names);
    if (change == "drop_feature") return alter.DropFeature(to);
    if (change == "set_name") return alter.SetName(value);
    if (change == "set_description") return alter.SetDescription(value);
    if (change == "cluster_by") return alter.ClusterBy(names);
    return Internal("no change is called {}", change);
  }));
  return nb::make_tuple(nb::cast(std::move(moved)), outcome.changed, outcome.warnings);
}

nb::dict CheckpointOf(const Table& table) {
  const auto done = Unwrap(Interruptible([&] { return Checkpoint(table); }));
  nb::dict out;
  out["version"] = done.version;
  out["existed"] = done.existed;
  out["size_bytes"] = done.size_bytes;
  return out;
}

nb::tuple CleanLogOf(const Table& table, bool dry_run, Maybe<int64_t> retention_ms) {
  auto done = Unwrap(Interruptible([&] { return CleanLog(table, dry_run, retention_ms); }));
  return nb::make_tuple(done.deleted, done.failed);
}

// Names as they stand in a protocol's writerFeatures, with the versions that imply them and whether readers must know.
nb::list WritableFeatures() {
  nb::list out;
  for (const auto& row : AllFeatures()) {
    if (row.can_write && row.can_read) out.append(Text(row.name));
  }
  return out;
}

// Whether the table has the feature, by its protocol's list or version; and whether readers must know it.
nb::tuple FeatureOf(const Table& table, const Text& name) {
  const auto info = table.Info().protocol;
  Protocol protocol{.min_reader_version = info.min_reader_version, .min_writer_version = info.min_writer_version};
  if (info.min_reader_version >= 3) protocol.reader_features = info.reader_features;
  if (info.min_writer_version >= 7) protocol.writer_features = info.writer_features;
  const FeatureRow* row = FindFeature(name);
  return nb::make_tuple(SupportsFeature(protocol, name), row != nullptr && row->reader_writer);
}

}  // namespace

void BindWrite(nb::module_& module, nb::class_<Table>& table) {
  table.def("alter", AlterOne, nb::arg("change"), nb::arg("arguments"), nb::arg("commit"))
      .def("commit_files", CommitFilesTo, nb::arg("add"), nb::arg("remove"), nb::arg("request"))
      .def("checkpoint", CheckpointOf)
      .def("clean_log", CleanLogOf, nb::arg("dry_run"), nb::arg("retention_ms").none())
      .def("compact_log", [](const Table& self, int64_t first,
                             int64_t last) { Unwrap(Interruptible([&] { return CompactLog(self, first, last); })); })
      .def("feature", FeatureOf, nb::arg("name"));
  module.def("writable_features", WritableFeatures);
  module.def("write", WriteRows, nb::arg("location"), nb::arg("table").none(), nb::arg("stream").none(), nb::arg("sql"),
             nb::arg("request"));
  module.def("create", CreateOne, nb::arg("location"), nb::arg("request"), nb::arg("files"));
}

}  // namespace deltic::python
