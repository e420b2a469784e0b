// Owns the choice of files that an optimize or a purge rewrites, and which of them go together. Pure: files in, groups
// out; reads no table and writes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "expr/literal.h"
#include "optimize/zcube.h"

namespace deltic {

// A live file that may be rewritten.
struct CandidateFile {
  AddFile add;
  std::vector<Literal> partition;  // parsed, in the order of partitionColumns
  std::optional<int64_t> rows;     // in the file, deleted ones too, as its statistics say
};
// Parses what planning needs of an add.
CandidateFile MakeCandidate(AddFile add, std::vector<Literal> partition);
// Files in the order in which their rows came, as far as the log still knows: by row ids, else by the time of writing.
void SortByAge(std::vector<CandidateFile>& files);

// The files of partitions that have at least `count` files below `bytes`.
std::vector<CandidateFile> InCrowdedPartitions(std::vector<CandidateFile> files, int64_t bytes, int64_t count);

// Files of one partition that are read together and written anew.
struct FileGroup {
  std::vector<AddFile> files;  // oldest first
  std::vector<Literal> partition;
  int64_t bytes = 0;            // of rows that are not deleted, as far as known
  std::optional<int64_t> rows;  // that are not deleted; nullopt when a file does not say
  std::optional<ZCube> cube;    // what the new files are marked as
};

struct RewritePlan {
  std::vector<FileGroup> groups;
  int64_t considered = 0;
  int64_t max_span = 0;  // of a group, in files of its partition that were considered for it
  // Of clustering only.
  struct Count {
    int64_t files = 0, bytes = 0;
  };
  Count clustered, others, merged;
  int64_t cubes = 0;
};

struct CompactionRules {
  int64_t target_bytes = 0;
  int64_t min_bytes = 0;         // smaller files are taken
  double max_deleted_ratio = 0;  // files of which more is deleted are taken
};
// Each group is to become one file. A file alone is left as it is, but for its deleted rows.
RewritePlan PlanCompaction(std::vector<CandidateFile> files, const CompactionRules& rules);

// Every file, all of a partition together.
RewritePlan PlanZOrder(std::vector<CandidateFile> files);

struct ClusteringRules {
  std::vector<std::string> columns;  // as ZCube::columns
  bool full = false;
  int64_t max_cube_bytes = 0;  // larger groups are not rewritten, and none is made larger
};
// Files that are not clustered yet, with groups of clustered ones as large as they (twice at most: so each row is
// rewritten a number of times that grows with the logarithm of the table only). `new_cube` gives each group its tags.
RewritePlan PlanClustering(std::vector<CandidateFile> files, const ClusteringRules& rules);

// These files, as they are to be purged: small ones of one partition and one ZCube together.
RewritePlan PlanPurge(std::vector<CandidateFile> files, const std::set<std::string>& paths, int64_t target_bytes);

// Whether the file's deletion vector deletes rows, or may.
bool HasDeletedRows(const AddFile& file);

}  // namespace deltic
