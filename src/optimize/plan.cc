// Owns the rules of choice; see the header. Compaction: Spark's (files below a size, or with many deleted rows), but in
// the table's order. Clustering: Spark's conditions, but a group of clustered files is only ordered anew together with
// new files that are worth it: Spark takes every group below 100 GB whenever a row was added.
#include "optimize/plan.h"

#include <algorithm>
#include <map>

#include "expr/stats.h"
#include "optimize/bins.h"

namespace deltic {
namespace {

// Equal values have equal keys, however the writers spelled them.
std::string PartitionKey(const std::vector<Literal>& partition) {
  std::string key;
  for (const Literal& value : partition) {
    const std::string text = value.ToString();
    key += std::to_string(text.size()) + ":" + text + ",";
  }
  return key;
}

int64_t DeletedRows(const AddFile& file) { return file.deletion_vector ? file.deletion_vector->cardinality : 0; }

std::optional<int64_t> LiveRows(const CandidateFile& file) {
  if (!file.rows || *file.rows < DeletedRows(file.add)) return std::nullopt;
  return *file.rows - DeletedRows(file.add);
}

// Of its rows that are not deleted, taken to be as large as the others.
int64_t LiveBytes(const CandidateFile& file) {
  const std::optional<int64_t> live = LiveRows(file);
  if (!live || *file.rows == 0) return file.add.size;
  return static_cast<int64_t>(static_cast<double>(file.add.size) * static_cast<double>(*live) /
                              static_cast<double>(*file.rows));
}

bool ManyDeleted(const CandidateFile& file, double max_ratio) {
  if (!file.add.deletion_vector) return false;
  if (!file.rows || *file.rows <= 0) return true;  // the new file will say how many it has
  return static_cast<double>(DeletedRows(file.add)) / static_cast<double>(*file.rows) > max_ratio;
}

void AddTo(FileGroup& group, CandidateFile file) {
  const std::optional<int64_t> rows = LiveRows(file);
  group.bytes += LiveBytes(file);
  group.rows = group.rows && rows ? std::optional(*group.rows + *rows) : std::nullopt;
  if (group.files.empty()) group.partition = std::move(file.partition);
  group.files.push_back(std::move(file.add));
}

FileGroup EmptyGroup() {
  FileGroup group;
  group.rows = 0;
  return group;
}

using ByPartition = std::map<std::string, std::vector<CandidateFile>>;

ByPartition Split(std::vector<CandidateFile> files) {
  ByPartition partitions;
  for (CandidateFile& file : files) partitions[PartitionKey(file.partition)].push_back(std::move(file));
  return partitions;
}

// Bins of `files`, those of one file only where `alone` says so.
template <class Alone>
void AddBins(std::vector<CandidateFile> files, int64_t max_bytes, const Alone& alone, RewritePlan& plan) {
  std::vector<int64_t> sizes;
  for (const CandidateFile& file : files) sizes.push_back(LiveBytes(file));
  for (const auto& bin : PackInOrder(sizes, max_bytes)) {
    if (bin.size() == 1 && !alone(files[bin[0]])) continue;
    FileGroup group = EmptyGroup();
    plan.max_span = std::max(plan.max_span, static_cast<int64_t>(bin.back() - bin.front() + 1));
    for (const size_t i : bin) AddTo(group, std::move(files[i]));
    plan.groups.push_back(std::move(group));
  }
}

RewritePlan::Count& operator+=(RewritePlan::Count& count, const CandidateFile& file) {
  count.files++;
  count.bytes += file.add.size;
  return count;
}

struct OldCube {
  std::vector<CandidateFile> files;
  int64_t bytes = 0;
};

// The clustered files by their group, and the others.
struct Clustered {
  std::map<std::string, OldCube> cubes;
  std::vector<CandidateFile> unclustered;
  std::vector<CandidateFile> foreign;  // by other columns or another program
};

Clustered SortByCube(std::vector<CandidateFile> files, const ClusteringRules& rules, RewritePlan& plan) {
  Clustered sorted;
  for (CandidateFile& file : files) {
    const std::optional<ZCube> cube = ZCubeOf(file.add);
    const bool ours = !file.add.clustering_provider || *file.add.clustering_provider == kLiquidProvider;
    if (ours && cube && cube->columns == rules.columns) {
      plan.clustered += file;
      OldCube& old = sorted.cubes[cube->id];
      old.bytes += LiveBytes(file);
      old.files.push_back(std::move(file));
    } else {
      plan.others += file;
      // A provider without tags clustered it in a way that nobody can know.
      const bool none = !cube && !file.add.clustering_provider;
      (none ? sorted.unclustered : sorted.foreign).push_back(std::move(file));
    }
  }
  plan.cubes = static_cast<int64_t>(sorted.cubes.size());
  return sorted;
}

}  // namespace

bool HasDeletedRows(const AddFile& file) { return file.deletion_vector && file.deletion_vector->cardinality != 0; }

CandidateFile MakeCandidate(AddFile add, std::vector<Literal> partition) {
  CandidateFile file{.add = std::move(add), .partition = std::move(partition), .rows = {}};
  if (file.add.stats) {
    StatsReader reader({});
    reader.Read(*file.add.stats);
    if (reader.num_records() >= 0) file.rows = reader.num_records();
  }
  file.add.size = std::max<int64_t>(file.add.size, 0);
  return file;
}

void SortByAge(std::vector<CandidateFile>& files) {
  // The log gives its newest files first.
  std::reverse(files.begin(), files.end());
  const bool numbered =
      std::all_of(files.begin(), files.end(), [](const auto& file) { return file.add.base_row_id.has_value(); });
  std::stable_sort(files.begin(), files.end(), [&](const CandidateFile& a, const CandidateFile& b) {
    if (numbered) return *a.add.base_row_id < *b.add.base_row_id;
    return a.add.modification_time < b.add.modification_time;
  });
}

std::vector<CandidateFile> InCrowdedPartitions(std::vector<CandidateFile> files, int64_t bytes, int64_t count) {
  std::map<std::string, int64_t> small;
  for (const CandidateFile& file : files) small[PartitionKey(file.partition)] += file.add.size < bytes ? 1 : 0;
  std::erase_if(files, [&](const CandidateFile& file) { return small[PartitionKey(file.partition)] < count; });
  return files;
}

RewritePlan PlanCompaction(std::vector<CandidateFile> files, const CompactionRules& rules) {
  RewritePlan plan;
  plan.considered = static_cast<int64_t>(files.size());
  const auto alone = [&](const CandidateFile& file) { return ManyDeleted(file, rules.max_deleted_ratio); };
  for (auto& [key, all] : Split(std::move(files))) {
    std::vector<CandidateFile> chosen;
    for (CandidateFile& file : all) {
      if (file.add.size < rules.min_bytes || alone(file)) chosen.push_back(std::move(file));
    }
    AddBins(std::move(chosen), rules.target_bytes, alone, plan);
  }
  return plan;
}

RewritePlan PlanZOrder(std::vector<CandidateFile> files) {
  RewritePlan plan;
  plan.considered = static_cast<int64_t>(files.size());
  for (auto& [key, all] : Split(std::move(files))) {
    FileGroup group = EmptyGroup();
    plan.max_span = std::max(plan.max_span, static_cast<int64_t>(all.size()));
    for (CandidateFile& file : all) {
      plan.others += file;
      plan.merged += file;
      AddTo(group, std::move(file));
    }
    plan.groups.push_back(std::move(group));
  }
  return plan;
}

RewritePlan PlanClustering(std::vector<CandidateFile> files, const ClusteringRules& rules) {
  RewritePlan plan;
  plan.considered = static_cast<int64_t>(files.size());
  Clustered sorted = SortByCube(std::move(files), rules, plan);
  std::vector<CandidateFile> chosen = std::move(sorted.unclustered);
  if (rules.full) std::move(sorted.foreign.begin(), sorted.foreign.end(), std::back_inserter(chosen));
  std::vector<OldCube> cubes;
  for (auto& [id, cube] : sorted.cubes) {
    if (cube.bytes < rules.max_cube_bytes) cubes.push_back(std::move(cube));
  }
  std::stable_sort(cubes.begin(), cubes.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  int64_t bytes = 0;
  for (const CandidateFile& file : chosen) bytes += LiveBytes(file);
  const bool merge_all = rules.full && (!chosen.empty() || cubes.size() > 1);
  for (OldCube& cube : cubes) {
    if (!merge_all && (chosen.empty() || cube.bytes / 2 > bytes)) break;
    bytes += cube.bytes;
    std::move(cube.files.begin(), cube.files.end(), std::back_inserter(chosen));
  }
  for (const CandidateFile& file : chosen) plan.merged += file;
  AddBins(
      std::move(chosen), rules.max_cube_bytes, [](const CandidateFile&) { return true; }, plan);
  for (FileGroup& group : plan.groups) group.cube = ZCube{.id = {}, .columns = rules.columns};
  return plan;
}

RewritePlan PlanPurge(std::vector<CandidateFile> files, const std::set<std::string>& paths, int64_t target_bytes) {
  RewritePlan plan;
  plan.considered = static_cast<int64_t>(files.size());
  for (auto& [key, all] : Split(std::move(files))) {
    // What was clustered together stays so: rows keep their place in their file.
    std::map<std::string, std::vector<CandidateFile>> by_cube;
    for (CandidateFile& file : all) {
      if (!paths.contains(file.add.path)) continue;
      const std::optional<ZCube> cube = ZCubeOf(file.add);
      by_cube[cube ? cube->id : ""].push_back(std::move(file));
    }
    for (auto& [id, chosen] : by_cube) {
      const std::optional<ZCube> cube = ZCubeOf(chosen[0].add);
      const size_t first = plan.groups.size();
      // Files of a ZCube are each a range of the curve: two in one would be half as good.
      const int64_t max_bytes = cube ? 1 : target_bytes;
      AddBins(
          std::move(chosen), max_bytes, [](const CandidateFile&) { return true; }, plan);
      for (size_t i = first; i < plan.groups.size(); ++i) plan.groups[i].cube = cube;
    }
  }
  return plan;
}

}  // namespace deltic
