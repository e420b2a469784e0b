// Owns the question "what do the log's statistics say of these columns, exactly?" and its answer, as values between the
// engine, which sees the query, and a FileSource, which knows the log. Decides nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "expr/literal.h"
#include "expr/predicate.h"

namespace deltic {

struct StatisticsQuestion {
  enum class Kind : uint8_t { kCount, kMin, kMax };  // kCount: of the rows in which the column is not NULL
  struct Value {
    Kind kind = Kind::kCount;
    size_t column = 0;  // index into ScanSpec::schema; never a partition column
    bool operator==(const Value& other) const { return kind == other.kind && column == other.column; }
  };
  std::vector<size_t> keys;  // indexes into ScanSpec::partition_columns: one group for each of their combinations
  std::vector<Value> values;
  Predicate filter;       // over partition columns; files that hold no row for which it is true may be left out
  size_t max_groups = 0;  // more are no answer

  // Equal for equal questions.
  std::string ToString() const {
    std::string text = filter.ToString();
    for (const size_t key : keys) text += " k" + std::to_string(key);
    for (const Value& value : values) {
      text += " v" + std::to_string(static_cast<int>(value.kind)) + "." + std::to_string(value.column);
    }
    return text;
  }
};

struct StatisticsAnswer {
  struct Group {
    std::vector<Literal> keys;
    int64_t files = 0;
    std::optional<int64_t> rows;  // live ones; nullopt when some file does not tell
    // One for each of the question's values; nullopt when some file does not tell it exactly, a null literal for the
    // minimum of no value at all.
    std::vector<std::optional<Literal>> values;
  };
  std::vector<Group> groups;  // several may have equal keys, written differently in the log
};

}  // namespace deltic
