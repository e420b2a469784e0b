// Owns the facade of repair and of symlink manifests: the public request into vacuum/ and upkeep/, the outcome back.
// Decides nothing about files.
#include "table/repair.h"

#include <utility>

#include "base/error.h"
#include "deltic/manifest.h"
#include "table/commit_text.h"
#include "table/sources.h"
#include "upkeep/manifest.h"
#include "vacuum/repair.h"

namespace deltic {
namespace {

VectorLoss LossOf(LostVectors choice) {
  switch (choice) {
    case LostVectors::kRemoveFiles:
      return VectorLoss::kRemoveFiles;
    case LostVectors::kReviveRows:
      return VectorLoss::kReviveRows;
    default:
      return VectorLoss::kRefuse;
  }
}

RepairOrder OrderOf(const RepairRequest& request, const CancelToken& cancel) {
  RepairOrder order;
  order.dry_run = request.dry_run;
  order.lost_vectors = LossOf(request.lost_vectors);
  order.damaged = request.damaged;
  TakeCommit(request.commit, cancel, order);
  order.threads = request.threads;
  order.progress = request.progress;
  return order;
}

std::vector<std::string> Told(const std::vector<LostFile>& losses) {
  std::vector<std::string> texts;
  texts.reserve(losses.size());
  for (const LostFile& lost : losses) texts.push_back(lost.file.path + ": " + lost.what);
  return texts;
}

}  // namespace

Result<RepairOutcome> RepairTable(Table& table, const RepairRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(const auto newest, NewestOf(table));
  const RepairOrder order = OrderOf(request, cancel);
  DELTIC_TRY(RepairDone done, RepairFiles(newest, order));
  DELTIC_TRY(table, TableOf(done.snapshot));
  RepairOutcome outcome;
  outcome.dry_run = request.dry_run;
  outcome.changed = done.changed;
  outcome.files_checked = done.losses.files_checked;
  outcome.vectors_lost = Told(done.losses.vectors);
  outcome.damaged = Told(done.losses.damaged);
  // A dry run tells of lost vectors that the repair itself would refuse.
  const bool refused = order.lost_vectors == VectorLoss::kRefuse;
  if (refused) done.losses.vectors.clear();
  DELTIC_TRY(RepairPlan plan, PlanRepair(done.losses, order, 0));
  outcome.files_removed = std::move(plan.removed);
  outcome.rows_revived_of = std::move(plan.revived);
  outcome.version = table.version();
  outcome.warnings = std::move(done.warnings);
  return outcome;
}

Result<RepairOutcome> Repair(Table& table, const RepairRequest& request) {
  return RepairTable(table, request, CancelToken());
}

Result<ManifestOutcome> GenerateManifests(const Table& table) {
  DELTIC_TRY(const auto newest, NewestOf(table));
  DELTIC_TRY(const ManifestsDone done, WriteManifests(*newest));
  return ManifestOutcome{.version = done.version,
                         .manifests_written = done.written,
                         .manifests_deleted = done.deleted,
                         .files = done.files};
}

}  // namespace deltic
