// Owns the choice of log files for a version: newest complete checkpoint, commits after it, no gaps.
// Pure over a listing; log/listing.h makes the listing. Protocol: "Checkpoints", "Log Compaction Files".
//
// A version is reached by steps: a commit v leads from v-1 to v, a compaction [x, y] from x-1 to y. The steps taken are
// the fewest that lead from the checkpoint (or from nothing) to the wanted version, so that a compaction is used where
// it saves reads, and also where the commits it stands for are gone.
#include "log/segment.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "base/error.h"

namespace deltic {
namespace {

constexpr int64_t kLastVersion = std::numeric_limits<int64_t>::max();

struct Checkpoint {
  int64_t version = 0;
  std::vector<const LogFile*> files;
};

// Of several checkpoints of one version any may be used; one file is preferred to many, since parts that two writers
// wrote over each other may not fit together (protocol, "Problems with multi-part checkpoints"), and Parquet to JSON,
// since its adds can be pruned before they are parsed.
int Rank(const LogFile& file) {
  if (file.kind == LogFile::Kind::kClassicCheckpoint) return 0;
  if (file.kind == LogFile::Kind::kUuidCheckpoint) return file.json ? 2 : 1;
  return 3;
}

bool IsCheckpoint(const LogFile& file) {
  return file.kind == LogFile::Kind::kClassicCheckpoint || file.kind == LogFile::Kind::kUuidCheckpoint ||
         file.kind == LogFile::Kind::kMultiPartCheckpoint;
}

// The best complete checkpoint of each version.
std::map<int64_t, Checkpoint> CompleteCheckpoints(const std::vector<LogFile>& files) {
  std::map<int64_t, Checkpoint> best;
  std::map<std::pair<int64_t, int32_t>, std::map<int32_t, const LogFile*>> parts;
  for (const LogFile& file : files) {
    if (file.kind == LogFile::Kind::kMultiPartCheckpoint) {
      parts[{file.version, file.parts}][file.part] = &file;
    } else if (IsCheckpoint(file)) {
      Checkpoint& have = best[file.version];
      const bool better = have.files.empty() || Rank(file) < Rank(*have.files[0]) ||
                          (Rank(file) == Rank(*have.files[0]) && file.key > have.files[0]->key);
      if (better) have = {file.version, {&file}};
    }
  }
  for (const auto& [id, found] : parts) {
    if (static_cast<int64_t>(found.size()) != id.second) continue;  // a part is missing: must be ignored
    Checkpoint& have = best[id.first];
    if (!have.files.empty()) continue;
    have.version = id.first;
    for (const auto& [part, file] : found) have.files.push_back(file);
  }
  return best;
}

struct Steps {
  std::vector<const LogFile*> files;  // ascending
  int64_t missing = 0;                // when files cannot lead to the version: the first commit that is not there
  bool found = false;
};

// The fewest files that lead from just before `from` to `to`, each once.
Steps FindSteps(const std::vector<LogFile>& files, int64_t from, int64_t to) {
  Steps steps;
  if (from > to) {
    steps.found = true;
    return steps;
  }
  std::vector<const LogFile*> edges;
  for (const LogFile& file : files) {
    const bool delta = file.kind == LogFile::Kind::kCommit || file.kind == LogFile::Kind::kCompaction;
    if (delta && file.from_version >= from && file.version <= to) edges.push_back(&file);
  }
  std::sort(edges.begin(), edges.end(), [](const LogFile* a, const LogFile* b) {
    return a->from_version != b->from_version ? a->from_version < b->from_version : a->version < b->version;
  });
  // The best way on from each version that is a start, found from the end backwards.
  struct Way {
    const LogFile* first = nullptr;
    int64_t length = 0;
  };
  std::unordered_map<int64_t, Way> ways;
  ways.reserve(edges.size());
  for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
    int64_t length = 1;
    if ((*edge)->version != to) {
      const auto next = ways.find((*edge)->version + 1);
      if (next == ways.end()) continue;
      length += next->second.length;
    }
    Way& way = ways[(*edge)->from_version];
    if (!way.first || length < way.length) way = {*edge, length};
  }
  int64_t at = from;
  for (auto way = ways.find(at); way != ways.end(); way = ways.find(at)) {
    steps.files.push_back(way->second.first);
    if (way->second.first->version == to) {
      steps.found = true;
      return steps;
    }
    at = way->second.first->version + 1;
  }
  // No way: go forward as far as the files lead, to name what is missing.
  std::unordered_map<int64_t, bool> reached{{from, true}};
  steps.files.clear();
  steps.missing = from;
  for (const LogFile* edge : edges) {
    if (!reached.count(edge->from_version) || edge->version == kLastVersion) continue;
    reached[edge->version + 1] = true;
    steps.missing = std::max(steps.missing, edge->version + 1);
  }
  return steps;
}

// What is newest in the listing, complete or not: a compaction and a checkpoint prove that their commits were there.
std::optional<int64_t> NewestVersion(const std::vector<LogFile>& files,
                                     const std::map<int64_t, Checkpoint>& checkpoints) {
  std::optional<int64_t> newest;
  for (const LogFile& file : files) {
    if (file.kind != LogFile::Kind::kCommit && file.kind != LogFile::Kind::kCompaction) continue;
    if (!newest || file.version > *newest) newest = file.version;
  }
  if (!checkpoints.empty() && (!newest || checkpoints.rbegin()->first > *newest)) newest = checkpoints.rbegin()->first;
  return newest;
}

bool HasStart(const std::vector<LogFile>& files) {
  return std::any_of(files.begin(), files.end(), [](const LogFile& file) {
    const bool delta = file.kind == LogFile::Kind::kCommit || file.kind == LogFile::Kind::kCompaction;
    return delta && file.from_version == 0;
  });
}

Error NoWay(const std::vector<LogFile>& files, const std::map<int64_t, Checkpoint>& checkpoints, int64_t start,
            int64_t version, int64_t missing) {
  if (start == 0 && !HasStart(files)) {
    if (!checkpoints.empty()) {
      return NotFound(
          "version {} is no longer kept: the log was cleaned up, and the oldest version that can be made is {}",
          version, checkpoints.begin()->first);
    }
    return Corrupt(
        "the log has no commit {} and no complete checkpoint, so version {} cannot be made: restore {}{}.json "
        "or a checkpoint from a backup",
        missing, version, kLogFolder, VersionName(missing));
  }
  return Corrupt(
      "the log has a gap: commit {} ({}{}.json) is missing, and version {} needs it; restore the file, or open "
      "a version before {}",
      missing, kLogFolder, VersionName(missing), version, missing);
}

}  // namespace

const LogFile* LogSegment::commit() const {
  return !commits.empty() && commits.back().version == version ? &commits.back() : nullptr;
}

std::vector<LogFile> LogSegment::CommitsOf(const LogFile& compaction) const {
  std::vector<LogFile> covered;
  for (const LogFile& commit : commits) {
    if (commit.version >= compaction.from_version && commit.version <= compaction.version) covered.push_back(commit);
  }
  if (static_cast<int64_t>(covered.size()) - 1 != compaction.version - compaction.from_version) covered.clear();
  return covered;
}

Result<LogSegment> ChooseSegment(const std::vector<LogFile>& files, std::optional<int64_t> version) {
  if (version && *version < 0) return InvalidArgument("version {} is negative: versions begin at 0", *version);
  const std::map<int64_t, Checkpoint> checkpoints = CompleteCheckpoints(files);
  const std::optional<int64_t> newest = NewestVersion(files, checkpoints);
  if (!newest) return NotFound("there is no Delta table here: _delta_log holds no commit and no complete checkpoint");
  if (version && *version > *newest) {
    return NotFound("version {} does not exist: the newest version is {}", *version, *newest);
  }

  LogSegment segment;
  segment.version = version.value_or(*newest);
  int64_t start = 0;
  if (auto after = checkpoints.upper_bound(segment.version); after != checkpoints.begin()) {
    const Checkpoint& checkpoint = std::prev(after)->second;
    segment.checkpoint_version = checkpoint.version;
    for (const LogFile* file : checkpoint.files) segment.checkpoint.push_back(*file);
    start = checkpoint.version == kLastVersion ? kLastVersion : checkpoint.version + 1;
  }
  const bool done = segment.checkpoint_version == segment.version;
  const Steps steps = done ? Steps{.found = true} : FindSteps(files, start, segment.version);
  if (!steps.found) return NoWay(files, checkpoints, start, segment.version, steps.missing);
  for (const LogFile* file : steps.files) segment.deltas.push_back(*file);

  std::map<int64_t, const LogFile*> commits;
  const int64_t lowest = segment.checkpoint_version.value_or(0);
  for (const LogFile& file : files) {
    if (file.version < lowest || file.version > segment.version) continue;
    if (file.kind == LogFile::Kind::kCommit) commits[file.version] = &file;
    if (file.kind != LogFile::Kind::kChecksum) continue;
    if (!segment.checksum || file.version > segment.checksum->version) segment.checksum = file;
  }
  for (const auto& [at, file] : commits) segment.commits.push_back(*file);
  if (const LogFile* commit = segment.commit()) segment.commit_modified_ms = commit->modified_ms;
  return segment;
}

std::optional<VersionRange> MakeableVersions(const std::vector<LogFile>& files) {
  const std::map<int64_t, Checkpoint> checkpoints = CompleteCheckpoints(files);
  const std::optional<int64_t> newest = NewestVersion(files, checkpoints);
  if (!newest) return std::nullopt;
  if (HasStart(files)) return VersionRange{0, *newest};
  if (checkpoints.empty()) return std::nullopt;
  return VersionRange{checkpoints.begin()->first, *newest};
}

}  // namespace deltic
