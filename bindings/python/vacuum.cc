// Owns Vacuum, Repair and GenerateManifests (include/deltic/) for the Python files of the package. Requests come as
// dicts of plain values, outcomes go back as dicts, beside the table as it is then. Decides nothing.
#include "deltic/vacuum.h"

#include <nanobind/nanobind.h>

#include <utility>

#include "bindings.h"
#include "deltic/manifest.h"
#include "requests.h"
#include "table/repair.h"
#include "table/vacuum.h"

namespace deltic::python {
namespace {

nb::dict ToDict(const VacuumOutcome& outcome) {
  nb::dict out;
  nb::list files;
  for (const auto& file : outcome.files) files.append(nb::make_tuple(file.path, file.size_bytes));
  out["files"] = files;
  out["size_bytes"] = outcome.size_bytes;
  out["folders_deleted"] = outcome.folders_deleted;
  out["folders_listed"] = outcome.folders_listed;
  out["files_listed"] = outcome.files_listed;
  out["failed"] = outcome.failed;
  out["version"] = outcome.version;
  out["warnings"] = outcome.warnings;
  return out;
}

nb::dict ToDict(const RepairOutcome& outcome) {
  nb::dict out;
  out["dry_run"] = outcome.dry_run;
  out["changed"] = outcome.changed;
  out["files_removed"] = outcome.files_removed;
  out["rows_revived_of"] = outcome.rows_revived_of;
  out["vectors_lost"] = outcome.vectors_lost;
  out["damaged"] = outcome.damaged;
  out["files_checked"] = outcome.files_checked;
  out["version"] = outcome.version;
  out["warnings"] = outcome.warnings;
  return out;
}

nb::tuple VacuumFiles(const Table& table, const nb::dict& given) {
  VacuumRequest request;
  request.mode = Get<Text>(given, "mode") == "lite" ? VacuumMode::kLite : VacuumMode::kFull;
  Set(request.retention_ms, given, "retention_ms");
  Set(request.enforce_retention, given, "enforce_retention");
  Set(request.dry_run, given, "dry_run");
  Set(request.keep_versions, given, "keep_versions");
  Set(request.inventory_sql, given, "inventory_sql");
  request.commit = CommitOf(given);
  return ChangeTable(table, given, std::move(request), VacuumTable, ToDict);
}

nb::tuple RepairFiles(const Table& table, const nb::dict& given) {
  RepairRequest request;
  Set(request.dry_run, given, "dry_run");
  Set(request.damaged, given, "damaged");
  const std::optional<Text> choice = Get<Text>(given, "lost_vectors");
  if (choice == "remove_files") request.lost_vectors = LostVectors::kRemoveFiles;
  if (choice == "revive_rows") request.lost_vectors = LostVectors::kReviveRows;
  request.commit = CommitOf(given);
  return ChangeTable(table, given, std::move(request), RepairTable, ToDict);
}

nb::tuple Generate(const Table& table) {
  const ManifestOutcome done = Unwrap(Interruptible([&] { return GenerateManifests(table); }));
  return nb::make_tuple(done.version, done.manifests_written, done.manifests_deleted, done.files);
}

}  // namespace

void BindVacuum(nb::class_<Table>& table) {
  table.def("vacuum", VacuumFiles, nb::arg("request"));
  table.def("repair", RepairFiles, nb::arg("request"));
  table.def("generate", Generate);
}

}  // namespace deltic::python
