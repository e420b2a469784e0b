// Owns PredicateTree: a predicate made ready to be asked file by file, names resolved, NOT pushed down.
// Judges nothing (expr/prune.cc).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "expr/leaf.h"
#include "expr/prune.h"
#include "expr/stats.h"

namespace deltic {

struct PredicateNode {
  // kMay: nothing is known, keep the file. kNever: TRUE for no row of any file.
  enum class Kind : uint8_t { kMay, kNever, kAnd, kOr, kLeaf };
  Kind kind = Kind::kMay;
  std::vector<PredicateNode> children;  // kAnd, kOr: two or more, none of them kMay or kNever
  Leaf leaf;
  bool uses_partition = false;
  bool uses_statistics = false;
};

struct PartitionColumn {
  std::string name;
  std::string physical_name;
  DataType type;
};

// Immutable, safe to share. The leaves look into the literals of `input`, which therefore lives here.
struct PredicateTree {
  PrunerInput input;
  std::vector<PartitionColumn> partition_columns;  // those that the predicate reads
  std::vector<StatsColumn> stats_columns;
  PredicateNode root;
};

std::shared_ptr<const PredicateTree> MakePredicateTree(PrunerInput input);

}  // namespace deltic
