// Owns Delete and Update (include/deltic/change.h) for the Python files of the package. Requests come as dicts of plain
// values, outcomes go back as dicts, beside the table as it is then. Decides nothing.
#include "deltic/change.h"

#include <nanobind/nanobind.h>

#include <utility>

#include "bindings.h"
#include "requests.h"
#include "table/change.h"

namespace deltic::python {
namespace {

// What outcomes of both have.
template <class Outcome>
nb::dict Shared(const Outcome& outcome) {
  nb::dict out;
  out["changed"] = outcome.changed;
  out["version"] = outcome.version;
  out["num_added_files"] = outcome.num_added_files;
  out["num_removed_files"] = outcome.num_removed_files;
  out["num_copied_rows"] = outcome.num_copied_rows;
  out["num_deletion_vectors_added"] = outcome.num_deletion_vectors_added;
  out["num_deletion_vectors_updated"] = outcome.num_deletion_vectors_updated;
  out["num_deletion_vectors_removed"] = outcome.num_deletion_vectors_removed;
  out["num_change_files"] = outcome.num_change_files;
  out["num_added_bytes"] = outcome.num_added_bytes;
  out["num_removed_bytes"] = outcome.num_removed_bytes;
  out["execution_time_ms"] = outcome.execution_time_ms;
  out["scan_time_ms"] = outcome.scan_time_ms;
  out["rewrite_time_ms"] = outcome.rewrite_time_ms;
  out["retries"] = outcome.retries;
  out["warnings"] = outcome.warnings;
  return out;
}

nb::dict ToDict(const DeleteOutcome& outcome) {
  nb::dict out = Shared(outcome);
  out["num_deleted_rows"] = outcome.num_deleted_rows;
  return out;
}

nb::dict ToDict(const UpdateOutcome& outcome) {
  nb::dict out = Shared(outcome);
  out["num_updated_rows"] = outcome.num_updated_rows;
  return out;
}

// What requests of both have.
template <class Request>
Request Started(const nb::dict& given) {
  Request request;
  Set(request.where, given, "where");
  Set(request.target_file_bytes, given, "target_file_size");
  request.parquet = ParquetOf(given);
  request.commit = CommitOf(given);
  return request;
}

nb::tuple DeleteRows(const Table& table, const nb::dict& given) {
  return ChangeTable(table, given, Started<DeleteRequest>(given), DeleteFrom, ToDict);
}

nb::tuple UpdateRows(const Table& table, const nb::dict& given) {
  auto request = Started<UpdateRequest>(given);
  const auto set = Get<std::vector<std::pair<Text, Text>>>(given, "set").value();  // outlives the loop over it
  for (const auto& [column, expression] : set) {
    request.set.push_back({.column = column, .expression = expression});
  }
  return ChangeTable(table, given, std::move(request), UpdateIn, ToDict);
}

}  // namespace

void BindChange(nb::class_<Table>& table) {
  table.def("delete_rows", DeleteRows, nb::arg("request"));
  table.def("update_rows", UpdateRows, nb::arg("request"));
}

}  // namespace deltic::python
