// Owns the reading of a file's statistics JSON: only the columns that a predicate asks for, in one pass, without
// allocating. Does not judge predicates (expr/prune.cc) and never fails: what cannot be understood is absent.
// Protocol: "Per-file Statistics".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/bounds.h"
#include "expr/scalar.h"

namespace deltic {

// A column to look for.
struct StatsColumn {
  std::vector<std::string> path;  // physical names from the top
  DataType type;
  bool was_float = false;         // a double column that a type change widened from float
  bool bounded = true;            // false: minimum and maximum are not to be used, only the null count
};

// What one file's statistics say of a column.
struct ColumnStats {
  Scalar min;               // kNone when absent or meaningless
  Scalar max;
  int64_t null_count = -1;  // -1 when absent or negative
};

// One thread at a time.
class StatsReader {
 public:
  explicit StatsReader(const std::vector<StatsColumn>& columns);
  ~StatsReader();

  // Reads `json`; what column() and num_records() say, and the bytes of strings in it, is about it until the next call.
  void Read(std::string_view json);

  const ColumnStats& column(size_t i) const { return found_[i].stats; }
  int64_t num_records() const { return num_records_; }  // -1 when absent or not a number

 private:
  struct Parser;
  struct Node {
    std::string name;
    int column = -1;  // a leaf that was asked for
    std::vector<Node> children;
  };
  // A name that comes twice in an object has no agreed meaning, so a second word makes the fact absent for good.
  struct Found {
    ColumnStats stats;
    uint8_t min_seen = 0, max_seen = 0, nulls_seen = 0;
  };

  void Add(size_t column);
  void Forget();
  bool ReadAll(std::string_view json);

  const std::vector<StatsColumn> columns_;
  Node root_;
  std::vector<Found> found_;
  int64_t num_records_ = -1;
  std::unique_ptr<Parser> parser_;
};

}  // namespace deltic
