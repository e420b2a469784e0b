// Owns RawTable and RawSql: include/deltic/ for the Python files of the package, which give it the names and types that
// users know. Values come as plain tuples and dicts. Does not interpret filters, times or types.
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "deltic/changes.h"
#include "deltic/sql.h"
#include "deltic/table.h"
#include "features/features.h"
#include "table/changes_text.h"
#include "table/stoppable.h"

namespace deltic::python {
namespace {

using Text = std::string;
template <class T>
using Maybe = std::optional<T>;

Table OpenTable(const Text& uri, Maybe<int64_t> version, Maybe<int64_t> timestamp_ms, std::map<Text, Text> options) {
  return Unwrap(Interruptible([&] {
    return Table::Open(uri, {.version = version, .timestamp_ms = timestamp_ms, .storage_options = std::move(options)});
  }));
}

nb::dict Info(const Table& table) {
  const auto info = table.Info();
  nb::dict out;
  out["uri"] = info.uri;
  out["id"] = info.id;
  out["name"] = info.name;
  out["description"] = info.description;
  out["version"] = info.version;
  out["timestamp_ms"] = info.timestamp_ms;
  out["created_time_ms"] = info.created_time_ms;
  out["partition_columns"] = info.partition_columns;
  out["configuration"] = info.configuration;
  out["min_reader_version"] = info.protocol.min_reader_version;
  out["min_writer_version"] = info.protocol.min_writer_version;
  out["reader_features"] = info.protocol.reader_features;
  out["writer_features"] = info.protocol.writer_features;
  out["schema_json"] = info.schema_json;
  return out;
}

// Calls take for each live file that may hold a row of `where`; stops for Ctrl-C.
template <class F>
void Visit(const Table& table, const Text& where, F&& take) {
  CancelToken cancel;
  Unwrap(Interruptible(cancel, [&] {
    return table.VisitFiles(where, [&](const FileInfo& file) {
      take(file);
      return !cancel.cancelled();
    });
  }));
}

nb::list Paths(const Table& table, const Text& where, bool full) {
  std::vector<Text> paths;
  Visit(table, where, [&](const FileInfo& file) { paths.push_back(full ? file.full_path : file.path); });
  nb::list out;
  for (const auto& path : paths) out.append(path);
  return out;
}

nb::list PartitionValues(const Table& table, const Text& where) {
  using Values = std::map<Text, Maybe<Text>>;
  std::map<Values, int> seen;  // sorted, so that the answer does not depend on the log's order
  Visit(table, where, [&](const FileInfo& file) { seen.emplace(file.partition_values, 0); });
  nb::list out;
  for (const auto& [values, _] : seen) {
    if (!values.empty()) out.append(nb::cast(values));
  }
  return out;
}

nb::list History(const Table& table, Maybe<int64_t> limit) {
  auto history = Unwrap(Interruptible([&] { return table.History(limit); }));
  nb::list out;
  for (const auto& entry : history)
    out.append(nb::make_tuple(entry.version, entry.timestamp_ms, entry.commit_info_json));
  return out;
}

nb::dict Totals(const Table& table) {
  auto totals = Unwrap(Interruptible([&] { return table.Totals(); }));
  nb::dict out;
  out["num_files"] = totals.num_files;
  out["size_bytes"] = totals.size_bytes;
  out["num_rows"] = totals.num_rows;
  out["num_deletion_vectors"] = totals.num_deletion_vectors;
  out["num_deleted_rows"] = totals.num_deleted_rows;
  return out;
}

nb::object Scan(const Table& table, std::vector<Text> columns, Text where, Maybe<int64_t> limit, bool row_ids) {
  CancelToken cancel;
  return MakeStream(Unwrap(Interruptible(cancel, [&]() -> Result<std::shared_ptr<Rows>> {
    ArrowArrayStream stream{};
    DELTIC_CHECK(
        ScanTable(table, {.columns = std::move(columns), .where = std::move(where), .limit = limit, .row_ids = row_ids},
                  cancel, &stream));
    return Rows::Start(stream, cancel);
  })));
}

nb::object ScanChangesOf(const Table& table, Maybe<int64_t> from_version, Maybe<int64_t> from_ms,
                         Maybe<int64_t> to_version, Maybe<int64_t> to_ms, std::vector<Text> columns, Text where,
                         Maybe<int64_t> limit) {
  CancelToken cancel;
  return MakeStream(Unwrap(Interruptible(cancel, [&]() -> Result<std::shared_ptr<Rows>> {
    ChangesOptions range;
    range.from_version = from_version;
    range.from_timestamp_ms = from_ms;
    range.to_version = to_version;
    range.to_timestamp_ms = to_ms;
    DELTIC_TRY(auto changes, Changes::Open(table, range));
    ArrowArrayStream stream{};
    DELTIC_CHECK(ScanChanges(changes, {.columns = std::move(columns), .where = std::move(where), .limit = limit},
                             cancel, &stream));
    return Rows::Start(stream, cancel);
  })));
}

int64_t Count(const Table& table, const Text& where) {
  CancelToken cancel;
  return Unwrap(Interruptible(cancel, [&] { return CountTable(table, {.columns = {}, .where = where}, cancel); }));
}

nb::dict Explain(const Table& table, const Text& where, int64_t max_paths) {
  auto plan = Unwrap(Interruptible([&] { return table.Explain({.columns = {}, .where = where}, max_paths); }));
  nb::dict out;
  out["predicate"] = plan.predicate;
  out["files_total"] = plan.files_total;
  out["files_dropped_by_partition"] = plan.files_dropped_by_partition;
  out["files_dropped_by_statistics"] = plan.files_dropped_by_statistics;
  out["files_kept"] = plan.files_kept;
  out["bytes_kept"] = plan.bytes_kept;
  out["kept_paths"] = plan.kept_paths;
  return out;
}

// Names as they stand in a protocol's readerFeatures.
std::vector<Text> ReadableFeatures() {
  std::vector<Text> names;
  for (const auto& row : AllFeatures()) {
    if (row.reader_writer && row.can_read) names.emplace_back(row.name);
  }
  return names;
}

// The newest version as a table of its own: `table` may be in use by other threads and stays as it is.
Table Refreshed(const Table& table) {
  return Unwrap(Interruptible([&]() -> Result<Table> {
    Table copy = table;
    DELTIC_CHECK(copy.Refresh());
    return copy;
  }));
}

// One statement's session: names are registered, one query runs, its rows keep the session alive.
nb::object Query(const std::map<Text, const Table*>& tables, const Text& text, const std::map<Text, Text>& options) {
  CancelToken cancel;
  return MakeStream(Unwrap(Interruptible(cancel, [&]() -> Result<std::shared_ptr<Rows>> {
    DELTIC_TRY(auto sql, Sql::Open(options));
    for (const auto& [name, table] : tables) DELTIC_CHECK(sql.Register(name, *table));
    ArrowArrayStream stream{};
    DELTIC_CHECK(QuerySql(sql, text, cancel, &stream));
    return Rows::Start(stream, cancel);
  })));
}

}  // namespace

void BindTable(nb::module_& module) {
  nb::class_<Table> table(module, "RawTable");
  table.def("version", &Table::version)
      .def("info", Info)
      .def("paths", Paths, nb::arg("where"), nb::arg("full"))
      .def("partition_values", PartitionValues, nb::arg("where"))
      .def("history", History, nb::arg("limit").none())
      .def("totals", Totals)
      .def("scan", Scan, nb::arg("columns"), nb::arg("where"), nb::arg("limit").none(), nb::arg("row_ids"))
      .def("scan_changes", ScanChangesOf, nb::arg("from_version").none(), nb::arg("from_ms").none(),
           nb::arg("to_version").none(), nb::arg("to_ms").none(), nb::arg("columns"), nb::arg("where"),
           nb::arg("limit").none())
      .def("count", Count, nb::arg("where"))
      .def("explain", Explain, nb::arg("where"), nb::arg("max_paths"))
      .def("transaction_version",
           [](const Table& self, const Text& app) {
             return Unwrap(Interruptible([&] { return self.TransactionVersion(app); }));
           })
      .def("refreshed", Refreshed);
  BindFileFacts(table);
  BindWrite(module, table);
  BindHealth(table);
  BindOptimize(table);
  BindClone(module, table);
  BindChange(table);
  BindMerge(table);
  BindVacuum(table);
  module.def("readable_features", ReadableFeatures);
  module.def("open", OpenTable, nb::arg("uri"), nb::arg("version").none(), nb::arg("timestamp_ms").none(),
             nb::arg("storage_options"));
  module.def("check_storage_options", CheckStorageOptions, nb::arg("storage_options"));
  module.def("query", Query, nb::arg("tables"), nb::arg("sql"), nb::arg("storage_options"));
}

}  // namespace deltic::python
