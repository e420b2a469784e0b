// Owns casts: Spark's ANSI cast of each pair of types said in the engine's SQL, exactly or refused. Also the value of a
// literal text that is cast (dates and timestamps are read here, at translation). The session's time zone is UTC.
// Spark: Cast.scala in ANSI mode.
#pragma once

#include <string_view>

#include "sparksql/typed.h"

namespace deltic::sparksql {

// InvalidArgument for pairs that Spark refuses or a literal that cannot be cast; Unsupported, naming both types, for
// those whose results the engine does not give exactly (double to string, for one).
Result<Typed> Cast(const Typed& value, const DataType& target);

// The literals DATE 'x', TIMESTAMP 'x' and TIMESTAMP_NTZ 'x'.
Result<Typed> TimeLiteral(std::string_view text, const DataType& type);

// A timestamp or timestamp_ntz as the engine's TIMESTAMP (UTC's clock), and that as a timestamp again.
std::string ClockSql(const Typed& time);
std::string ZonedSql(std::string_view clock);

}  // namespace deltic::sparksql
