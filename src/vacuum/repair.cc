// Owns the order of a repair's steps: look, decide, commit; and again from the beginning when another writer has
// meanwhile changed one of the lost files, for it may have brought it back.
#include "vacuum/repair.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "features/features.h"
#include "snapshot/paths.h"
#include "vacuum/list_tree.h"

namespace deltic {
namespace {

constexpr int kMostRounds = 5;

std::string_view NameOf(VectorLoss choice) {
  switch (choice) {
    case VectorLoss::kRemoveFiles:
      return "removeFiles";
    case VectorLoss::kReviveRows:
      return "reviveRows";
    default:
      return "refuse";
  }
}

Error LostVectors(const std::vector<LostFile>& lost) {
  return Corrupt(
      "{} {} lost {} deletion vector, and nobody knows any more which of {} rows were deleted ({}: {}); nothing was "
      "changed; choose what becomes of them: lost_vectors = remove-files takes these files out of the table with all "
      "their rows, revive-rows keeps them and brings their deleted rows back",
      lost.size(), lost.size() == 1 ? "file has" : "files have", lost.size() == 1 ? "its" : "their",
      lost.size() == 1 ? "its" : "their", lost[0].file.path, lost[0].what);
}

// A file without the vector that it had. The statistics say already that their bounds are wide, which stays true.
AddFile WithoutVector(AddFile file) {
  file.deletion_vector.reset();
  file.data_change = true;
  return file;
}

Result<Intent> IntentOf(const std::shared_ptr<const Snapshot>& table, const RepairOrder& order, RepairPlan plan) {
  Intent intent{.base = table};
  const CanonicalPaths paths(*table->store());
  int64_t bytes = 0;
  for (const Action& action : plan.actions) {
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    if (!remove) continue;
    DELTIC_TRY(std::string path, paths.Of(remove->path));
    intent.read.lost.insert(std::move(path));
    bytes += remove->size.value_or(0);
  }
  intent.operation = {.name = "FSCK",
                      .parameters = {{"lostVectors", "\"" + std::string(NameOf(order.lost_vectors)) + "\""},
                                     {"damaged", order.damaged ? "true" : "false"}},
                      .metrics = {{"numRemovedFiles", std::to_string(plan.removed.size())},
                                  {"numRevivedFiles", std::to_string(plan.revived.size())},
                                  {"numRemovedBytes", std::to_string(bytes)}}};
  intent.actions = std::move(plan.actions);
  for (const SetTransaction& transaction : order.transactions) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(transaction);
  }
  intent.user_metadata = order.user_metadata;
  intent.user_metadata_text = order.user_metadata_text;
  return intent;
}

}  // namespace

Result<RepairPlan> PlanRepair(const Losses& losses, const RepairOrder& order, int64_t now_ms) {
  RepairPlan plan;
  const auto remove = [&](const AddFile& file) {
    plan.actions.emplace_back(ToRemove(file, now_ms));
    plan.removed.push_back(file.path);
  };
  for (const AddFile& file : losses.missing) remove(file);
  for (const LostFile& lost : losses.vectors) {
    if (order.lost_vectors == VectorLoss::kRefuse) return LostVectors(losses.vectors);
    if (order.lost_vectors == VectorLoss::kRemoveFiles) {
      remove(lost.file);
      continue;
    }
    plan.actions.emplace_back(ToRemove(lost.file, now_ms));
    plan.actions.emplace_back(WithoutVector(lost.file));
    plan.revived.push_back(lost.file.path);
  }
  if (order.damaged) {
    for (const LostFile& lost : losses.damaged) remove(lost.file);
  }
  return plan;
}

Result<RepairDone> RepairFiles(const std::shared_ptr<const Snapshot>& table, const RepairOrder& order) {
  RepairDone done;
  done.snapshot = table;
  for (int round = 1;; ++round) {
    const Snapshot& now = *done.snapshot;
    DELTIC_CHECK(CheckWritable(now.protocol()));
    DELTIC_CHECK(CheckWritableProperties(now.protocol(), now.metadata()));
    DELTIC_TRY(done.losses, FindLosses({.table = &now,
                                        .look_inside = order.damaged,
                                        .threads = ThreadsFor(order.threads),
                                        .cancel = order.commit.cancel,
                                        .progress = order.progress}));
    if (order.dry_run) return done;
    const int64_t now_ms = order.commit.env.now_ms ? order.commit.env.now_ms() : RealEnv().now_ms();
    DELTIC_TRY(RepairPlan plan, PlanRepair(done.losses, order, now_ms));
    if (plan.actions.empty()) return done;
    DELTIC_TRY(const Intent intent, IntentOf(done.snapshot, order, std::move(plan)));
    Result<Committed> committed = Commit(intent, order.commit);
    if (committed.ok()) {
      done.snapshot = std::move(committed->snapshot);
      done.changed = true;
      done.warnings = std::move(committed->warnings);
      return done;
    }
    if (committed.error().code() != Code::kConflict || round == kMostRounds) return std::move(committed).error();
    DELTIC_TRY(done.snapshot, now.Advance());
  }
}

}  // namespace deltic
