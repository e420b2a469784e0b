// Owns Literal: one typed scalar value, as predicates, partition values and statistics hold them.
// Does not parse SQL (engine) and does not know columns.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "schema/types.h"

namespace deltic {

using Int128 = __int128;

// Byte, short, integer, long: int64. Float, double: double. Decimal: the unscaled Int128, scale in the type.
// Date: days since the epoch in int64. Timestamp, timestamp_ntz: microseconds since the epoch in int64.
// String, binary: bytes. A null literal holds monostate. Immutable, safe to share.
struct Literal {
  DataType type;
  std::variant<std::monostate, bool, int64_t, double, Int128, std::string> value;

  bool is_null() const { return value.index() == 0; }
  static Literal Null(DataType type) { return {std::move(type), std::monostate{}}; }
  std::string ToString() const;  // SQL text, for messages and explain
};

// a against b, of the same kind or both numeric (integers and decimals compare exactly, also with doubles: no
// rounding). Strings and binary compare as unsigned bytes. Doubles: -0.0 = 0.0; NaN = NaN and is above all, as Spark
// and DuckDB do. nullopt when either is null or the kinds have no order in common.
std::optional<std::weak_ordering> Compare(const Literal& a, const Literal& b);

// Protocol, "Partition Value Serialization". nullopt and "" are null of any type. A timestamp without a zone is read as
// UTC (the zone of the writer is not in the log); with one ("...Z", "+01:00") it is shifted to UTC.
// InvalidArgument naming the text and the type when it is not a value of the type.
Result<Literal> ParsePartitionValue(const std::optional<std::string>& text, const DataType& type);

}  // namespace deltic
