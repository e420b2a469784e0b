// Owns upkeep, restore and vacuum; see the header.
#include "upkeep_operations.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "clone/restore.h"
#include "mutants.h"
#include "upkeep/upkeep.h"
#include "vacuum/vacuum.h"

namespace deltic::sim {

void Upkeep(Work& work) {
  CancelToken cancel;
  const Result<CheckpointDone> checkpoint = WriteCheckpoint(*work.snapshot(), work.writer().env(), cancel);
  work.history().warnings.push_back(checkpoint.ok() ? "checkpoint" : checkpoint.error().ToString());
  if (work.dice().Happens(0.5)) work.writer().world().PassTime(86'400'000);
  const Result<LogCleanup> cleanup = CleanLog(*work.snapshot(), work.writer().env());
  work.history().warnings.push_back(cleanup.ok() ? fmt::format("{} log files deleted", cleanup->deleted.size())
                                                 : cleanup.error().ToString());
}

void Restore(Work& work) {
  const auto store =
      MutantOf(work.writer().store(), work.history().mutant == Mutant::kRestoreForgetsWinners   ? "winners"
                                      : work.history().mutant == Mutant::kRestoreForgetsVacuums ? "vacuums"
                                                                                                : "");
  Result<SnapshotPtr> newest = Snapshot::Open(store);
  if (!newest.ok() || (*newest)->version() < 2) return;
  work.See(*newest);
  MutantForgetsAfter(store, work.snapshot()->version());
  const auto back = static_cast<int64_t>(work.dice().Below(static_cast<uint64_t>(work.snapshot()->version() - 1)));
  Intent unused = work.Start("restore");
  std::vector<AddFile> files;
  if (!work.Read(std::nullopt, files, unused)) return;
  work.deed().restored = work.snapshot()->version() - 1 - back;
  work.deed().level = IsolationLevel::kSerializable;
  RestoreRequest request{.version = work.deed().restored};
  request.commit.custom_metadata = {{"sim", std::to_string(work.deed().id)}};
  const Result<Restored> done =
      RestoreTable(work.snapshot(), request, {.commit = work.Options(), .transactions = {}, .looks = 1});
  if (!done.ok()) return work.Ended(done.error());
  if (!done->outcome.changed) return;
  if (work.history().mutant == Mutant::kNone)
    work.See(done->snapshot);
  else
    work.Forget();
  work.Ended(done->outcome.version, done->outcome.warnings);
}

void Vacuum(Work& work) {
  const auto store =
      MutantOf(work.writer().store(), work.history().mutant == Mutant::kVacuumForgetsVectors      ? "vectors"
                                      : work.history().mutant == Mutant::kVacuumTakesYoungFiles   ? "ages"
                                      : work.history().mutant == Mutant::kVacuumForgetsNewCommits ? "winners"
                                                                                                  : "");
  Result<SnapshotPtr> newest = Snapshot::Open(store);
  if (!newest.ok()) return;
  MutantForgetsAfter(store, (*newest)->version());
  // A vacuum that finds nothing old proves nothing.
  const auto half = static_cast<uint64_t>(work.history().retention_ms / 2);
  if (work.dice().Happens(0.75))
    work.writer().world().PassTime(static_cast<int64_t>(half + work.dice().Below(3 * half)));
  VacuumOrder order{.scope = work.dice().Happens(0.3) ? VacuumScope::kLite : VacuumScope::kFull};
  if (work.history().mutant == Mutant::kVacuumForgetsTombstones) {
    order.retention_ms = 0;
    order.enforce_retention = false;
  }
  order.commit = work.Options();
  order.threads = 1;
  work.writer().deletes_as = "vacuum";
  work.writer().world().VacuumBegins();
  const Result<VacuumDone> done = VacuumFiles(*newest, order);
  work.writer().world().VacuumEnds();
  work.writer().deletes_as = "commit";
  work.history().warnings.push_back(
      done.ok() ? fmt::format("vacuum of {}: {} files", (*newest)->version(), done->files.size())
                : "vacuum: " + done.error().ToString());
  if (work.history().mutant == Mutant::kNone && done.ok()) work.See(done->snapshot);
}

}  // namespace deltic::sim
