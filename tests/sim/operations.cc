// Owns which operation is next, and the table's making; see the header.
#include "operations.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "file_operations.h"
#include "row_operations.h"
#include "table_operations.h"
#include "table_schema.h"
#include "upkeep_operations.h"
#include "work.h"

namespace deltic::sim {
namespace {

void DoSomething(Work& work) {
  if (work.history().upkeep && work.dice().Happens(0.1)) return Upkeep(work);
  if (work.dice().Happens(work.history().maintenance)) return Vacuum(work);
  if (work.dice().Happens(work.history().maintenance)) return Restore(work);
  if (work.dice().Happens(0.06)) return Merge(work);
  if (work.dice().Happens(0.35)) return MarkRows(work);
  const uint64_t what = work.dice().Below(100);
  if (what < 25) return Append(work);
  if (what < 40) return AppendOnce(work);
  if (what < 55) return Rewrite(work);
  if (what < 61) return Rewrite(work);
  if (what < 64) return Revive(work);
  if (what < 71) return work.dice().Happens(0.5) ? Rearrange(work) : Purge(work);
  if (what < 77) return Overwrite(work);
  if (what < 81) return Count(work);
  if (what < 83) return Copy(work);
  if (what < 87) return ChangeProperty(work);
  if (what < 91) return AddToDomain(work);
  if (what < 95) return work.history().identity ? AppendWithIdentity(work) : Append(work);
  if (what < 97) return Constrain(work);
  return AddFeature(work);
}

void Run(Work work, int operations) {
  for (int i = 0; i < operations; ++i) {
    if (work.Begin()) DoSomething(work);
    work.writer().Pause();
  }
}

}  // namespace

void MakeHistory(World& world, History& history) {
  Dice& dice = world.dice();
  history.level = dice.Happens(0.5) ? IsolationLevel::kSerializable : IsolationLevel::kWriteSerializable;
  history.row_tracking = dice.Happens(0.5);
  history.timestamps = dice.Happens(0.5);
  history.identity = dice.Happens(0.5);

  Intent intent;
  intent.store = world.calm();
  intent.operation = {.name = "CREATE TABLE"};
  std::vector<std::string> writer = {"changeDataFeed", "deletionVectors", "domainMetadata", "identityColumns"};
  Metadata metadata{.id = "sim", .schema_string = SchemaWithMark(0), .partition_columns = {"p"}};
  metadata.configuration["delta.isolationLevel"] = std::string(IsolationName(history.level));
  metadata.configuration["delta.checkpointInterval"] = history.upkeep ? "3" : "1000000";
  if (history.upkeep) metadata.configuration["delta.logRetentionDuration"] = "interval 0 seconds";
  history.maintenance = dice.Happens(0.3) ? 0.2 : 0.06;
  history.retention_ms = 7 * 86'400'000LL;
  if (dice.Happens(0.5)) {
    history.retention_ms = 60'000;
    metadata.configuration["delta.deletedFileRetentionDuration"] = "interval 60 seconds";
  }
  if (history.row_tracking) {
    writer.emplace_back("rowTracking");
  }
  if (history.timestamps) {
    writer.emplace_back("inCommitTimestamp");
    metadata.configuration["delta.enableInCommitTimestamps"] = "true";
  }
  intent.actions = {Protocol{.min_reader_version = 3,
                             .min_writer_version = 7,
                             .reader_features = std::vector<std::string>{"deletionVectors"},
                             .writer_features = writer},
                    metadata};
  CommitOptions options;
  options.env = world.EnvOf(0);
  options.upkeep = false;
  const Result<Committed> made = Commit(intent, options);
  if (!made.ok()) {
    fmt::print(stderr, "{}\n", made.error().ToString());
    std::abort();
  }
  world.ArchiveAll();
  const uint64_t writers = 2 + dice.Below(4);
  const int operations = 3 + static_cast<int>(dice.Below(6));
  for (uint64_t i = 0; i < writers; ++i) {
    world.AddWriter([&history, operations](Writer& one) { Run(Work(one, history), operations); });
  }
}

}  // namespace deltic::sim
