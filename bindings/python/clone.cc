// Owns Restore, Clone, Convert and Detail (include/deltic/clone.h) for the Python files of the package. Requests come
// as dicts of plain values, outcomes go back as dicts. Decides nothing.
#include "deltic/clone.h"

#include <nanobind/nanobind.h>

#include <utility>

#include "bindings.h"
#include "requests.h"
#include "table/clone.h"

namespace deltic::python {
namespace {

nb::dict ToDict(const RestoreOutcome& outcome) {
  nb::dict out;
  out["changed"] = outcome.changed;
  out["version"] = outcome.version;
  out["restored_version"] = outcome.restored_version;
  out["size_after_bytes"] = outcome.size_after_bytes;
  out["files_after"] = outcome.files_after;
  out["files_restored"] = outcome.files_restored;
  out["bytes_restored"] = outcome.bytes_restored;
  out["files_removed"] = outcome.files_removed;
  out["bytes_removed"] = outcome.bytes_removed;
  out["missing_files"] = outcome.missing_files;
  out["retries"] = outcome.retries;
  out["warnings"] = outcome.warnings;
  return out;
}

nb::tuple RestoreVersion(const Table& table, const nb::dict& given) {
  RestoreRequest request;
  Set(request.version, given, "version");
  Set(request.timestamp_ms, given, "timestamp_ms");
  Set(request.ignore_missing_files, given, "ignore_missing_files");
  Set(request.protocol_downgrade_allowed, given, "protocol_downgrade_allowed");
  request.commit = CommitOf(given);
  return ChangeTable(table, given, std::move(request), RestoreTo, ToDict);
}

nb::dict CloneOf(const Table& table, const Text& target, const nb::dict& given) {
  CloneRequest request;
  Set(request.shallow, given, "shallow");
  const Text mode = Get<Text>(given, "mode").value_or("error");
  request.mode = mode == "ignore"    ? CloneMode::kIgnore
                 : mode == "replace" ? CloneMode::kReplace
                                     : CloneMode::kErrorIfExists;
  Set(request.version, given, "version");
  Set(request.properties, given, "properties");
  request.commit = CommitOf(given);
  Set(request.storage_options, given, "storage_options");
  const Text source = table.Info().uri;
  const auto done =
      RunTold(given, request, [&](const CancelToken& cancel) { return CloneTo(source, target, request, cancel); });
  nb::dict out;
  out["cloned"] = done.cloned;
  out["version"] = done.version;
  out["source_version"] = done.source_version;
  out["source_size_bytes"] = done.source_size_bytes;
  out["source_files"] = done.source_files;
  out["files_copied"] = done.files_copied;
  out["bytes_copied"] = done.bytes_copied;
  out["files_kept"] = done.files_kept;
  out["files_removed"] = done.files_removed;
  out["bytes_removed"] = done.bytes_removed;
  out["warnings"] = done.warnings;
  return out;
}

nb::dict ConvertOne(const Text& folder, const nb::dict& given) {
  ConvertRequest request;
  const Text mode = Get<Text>(given, "mode").value_or("error");
  request.mode = mode == "ignore" ? ConvertMode::kIgnore : ConvertMode::kErrorIfExists;
  Set(request.partition_by, given, "partition_by");
  Set(request.infer_partitions, given, "infer_partitions");
  Set(request.statistics, given, "statistics");
  Set(request.read_missing_statistics, given, "read_missing_statistics");
  Set(request.configuration, given, "configuration");
  Set(request.name, given, "name");
  Set(request.description, given, "description");
  request.commit = CommitOf(given);
  Set(request.storage_options, given, "storage_options");
  const auto done =
      RunTold(given, request, [&](const CancelToken& cancel) { return ConvertFolder(folder, request, cancel); });
  nb::dict out;
  out["converted"] = done.converted;
  out["version"] = done.version;
  out["files"] = done.files;
  out["size_bytes"] = done.size_bytes;
  out["rows"] = done.rows;
  out["partition_columns"] = done.partition_columns;
  out["warnings"] = done.warnings;
  return out;
}

// By the names of Spark's DESCRIBE DETAIL.
nb::dict DetailOf(const Table& table) {
  CancelToken cancel;
  const auto detail = Unwrap(Interruptible(cancel, [&] { return Detail(table); }));
  nb::dict out;
  out["format"] = detail.format;
  out["id"] = detail.id;
  out["name"] = detail.name;
  out["description"] = detail.description;
  out["location"] = detail.location;
  out["createdAt"] = detail.created_at_ms;
  out["lastModified"] = detail.last_modified_ms;
  out["partitionColumns"] = detail.partition_columns;
  out["clusteringColumns"] = detail.clustering_columns;
  out["numFiles"] = detail.num_files;
  out["sizeInBytes"] = detail.size_bytes;
  out["properties"] = detail.properties;
  out["minReaderVersion"] = detail.min_reader_version;
  out["minWriterVersion"] = detail.min_writer_version;
  out["tableFeatures"] = detail.table_features;
  out["numRows"] = detail.num_rows;
  out["numDeletionVectors"] = detail.num_deletion_vectors;
  out["numDeletedRows"] = detail.num_deleted_rows;
  return out;
}

}  // namespace

void BindClone(nb::module_& module, nb::class_<Table>& table) {
  table.def("restore", RestoreVersion, nb::arg("request"));
  table.def("clone", CloneOf, nb::arg("target"), nb::arg("request"));
  table.def("detail", DetailOf);
  module.def("convert", ConvertOne, nb::arg("folder"), nb::arg("request"));
}

}  // namespace deltic::python
