// Owns the reading of a file's statistics JSON: only the columns that a predicate asks for, in one pass, without
// allocating. Does not judge predicates (expr/prune.cc) and never fails: what cannot be understood is absent.
// Protocol: "Per-file Statistics".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/bounds.h"
#include "expr/json_scanner.h"
#include "expr/scalar.h"

namespace deltic {

// A column to look for.
struct StatsColumn {
  std::vector<std::string> path;  // physical names from the top
  DataType type;
  bool was_float = false;  // a double column that a type change widened from float
  bool bounded = true;     // false: minimum and maximum are not to be used, only the null count
};

// What one file's statistics say of a column.
struct ColumnStats {
  Scalar min;  // kNone when absent or meaningless
  Scalar max;
  int64_t null_count = -1;  // -1 when absent or negative
};

// One thread at a time.
class StatsReader {
 public:
  explicit StatsReader(const std::vector<StatsColumn>& columns);

  // Reads `json`. What column() and num_records() say is about it until the next call; strings may lie in `json`
  // itself.
  void Read(std::string_view json);

  const ColumnStats& column(size_t i) const { return found_[i].stats; }
  int64_t num_records() const { return num_records_; }  // -1 when absent or not a number
  // Whether the writer says that minima, maxima and null counts are exact; nullopt when it says nothing.
  std::optional<bool> tight_bounds() const { return tight_bounds_; }

 private:
  enum class Section : uint8_t { kMin, kMax, kNullCount };
  struct Node {
    std::string name;
    int column = -1;  // a leaf that was asked for
    std::vector<Node> children;
  };
  // A name that comes twice in an object has no agreed meaning, so a second word makes the fact absent for good.
  struct Found {
    ColumnStats stats;
    bool min_seen = false, max_seen = false, nulls_seen = false;
    std::string min_text, max_text;  // strings that had escapes
  };

  void Add(size_t column);
  void Forget();
  bool ReadTop(JsonScanner& scanner);
  bool ReadTightBounds(JsonScanner& scanner);
  bool ReadSection(JsonScanner& scanner, const Node& node, Section section);
  bool ReadFact(JsonScanner& scanner, size_t column, Section section);
  const Node* Match(const JsonText& key, const Node& node);

  const std::vector<StatsColumn> columns_;
  Node root_;
  std::vector<Found> found_;
  int64_t num_records_ = -1;
  std::optional<bool> tight_bounds_;
  std::string name_;  // of a key that had escapes
};

}  // namespace deltic
