// Owns the lives and their check.
#include "file_lives.h"

#include <algorithm>

#include <fmt/format.h>

#include "dv/deletion_vector.h"
#include "log/listing.h"
#include "vacuum/vacuum.h"

namespace deltic::sim {
namespace {

// Clocks differ by up to 2 s each way.
constexpr int64_t kSlackMs = 5'000;

std::string VectorKey(const AddFile& add) {
  return add.deletion_vector ? LocateDeletionVector(*add.deletion_vector)->key : "";
}

}  // namespace

void FileLives::Open(const std::string& key, int64_t version) {
  if (key.empty() || open_[key]++ > 0) return;
  const std::string commit = fmt::format("_delta_log/{}.json", VersionName(version));
  lives_[key].push_back({.version = version, .from_ms = world_.landed_ms().at(commit)});
}

void FileLives::Close(const std::string& key, int64_t at_ms) {
  if (key.empty() || --open_[key] > 0) return;
  lives_[key].back().to_ms = at_ms;
}

void FileLives::Begin(const AddFile& add, int64_t version) {
  Open(add.path, version);
  Open(VectorKey(add), version);
}

void FileLives::End(const AddFile& add, int64_t deletion_timestamp_ms) {
  Close(add.path, deletion_timestamp_ms);
  Close(VectorKey(add), deletion_timestamp_ms);
}

void FileLives::TellChange(const std::string& path, int64_t version) {
  Open(path, version);
  Close(path, lives_.at(path).back().from_ms);
}

bool FileLives::CameLate(const Deletion& deletion) const {
  const auto lives = lives_.find(deletion.key);
  return lives == lives_.end() || lives->second[0].from_ms > deletion.put_ms + retention_ms_ - kSlackMs;
}

std::string FileLives::Check() const {
  for (const Deletion& deletion : world_.deletions()) {
    const auto lives = lives_.find(deletion.key);
    const bool vacuumed = deletion.by == "vacuum";
    if (vacuumed && deletion.put_ms > deletion.at_ms - retention_ms_ + kSlackMs) {
      return fmt::format("a vacuum deleted {}, which was written {} ms before", deletion.key,
                         deletion.at_ms - deletion.put_ms);
    }
    if (lives == lives_.end()) continue;
    if (!vacuumed) {
      return fmt::format("{}, which lives in version {}, was deleted by its {} at {}", deletion.key,
                         lives->second[0].version, deletion.by, deletion.at_ms);
    }
    if (CameLate(deletion)) continue;
    for (const Life& life : lives->second) {
      if (life.to_ms <= deletion.at_ms - retention_ms_ + kSlackMs) continue;
      return fmt::format("a vacuum deleted {} at {}, which version {} needs from {} to {}", deletion.key,
                         deletion.at_ms, life.version, life.from_ms,
                         life.to_ms == INT64_MAX ? "the end" : std::to_string(life.to_ms));
    }
  }
  return "";
}

std::string FileLives::CheckLastVacuum() const {
  std::set<std::string> gone_late;
  for (const Deletion& deletion : world_.deletions()) {
    if (CameLate(deletion)) gone_late.insert(deletion.key);
  }
  world_.PassTime(retention_ms_ + 2 * 86'400'000LL);
  const Result<std::shared_ptr<const Snapshot>> table = Snapshot::Open(world_.calm());
  if (!table.ok()) return "at the end: " + table.error().ToString();
  VacuumOrder order;
  order.commit.env = world_.EnvOf(0);
  order.commit.upkeep = false;
  order.threads = 1;
  const Result<VacuumDone> done = VacuumFiles(*table, order);
  if (!done.ok()) return "the last vacuum: " + done.error().ToString();
  std::set<std::string> there;
  const Status listed = world_.calm()->ListRecursive("", [&](const ObjectMeta& meta) {
    if (!meta.key.starts_with(kLogFolder)) there.insert(meta.key);
    return true;
  });
  if (!listed.ok()) return listed.error().ToString();
  for (const auto& [key, count] : open_) {
    if (count > 0 && !there.erase(key) && !gone_late.count(key)) return key + " lives, but is not there at the end";
  }
  return there.empty() ? "" : *there.begin() + " lives in no version, and the last vacuum left it";
}

}  // namespace deltic::sim
