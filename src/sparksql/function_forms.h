// Owns the functions that need more than a pattern of the engine's SQL: they look at the types or literals of their
// arguments. functions.cc has their names and how many arguments each takes.
#pragma once

#include <string_view>
#include <vector>

#include "sparksql/cast.h"
#include "sparksql/typed.h"

namespace deltic::sparksql {

// Spark's implicit cast of an argument: strings and numbers to the wanted type where ANSI mode allows it.
Result<Typed> ImplicitCast(std::string_view function, const Typed& value, const DataType& target);
// A timestamp, timestamp_ntz, date or text of one as the engine's TIMESTAMP, by UTC's clock.
Result<Typed> AsClock(std::string_view function, const Typed& value);

using Arguments = std::vector<Typed>;

// text
Result<Typed> SayLength(const Arguments& a);
Result<Typed> SayLower(const Arguments& a);
Result<Typed> SayUpper(const Arguments& a);
Result<Typed> SayTrimBoth(const Arguments& a);
Result<Typed> SayTrimLeading(const Arguments& a);
Result<Typed> SayTrimTrailing(const Arguments& a);
Result<Typed> SaySubstring(const Arguments& a);
Result<Typed> SayLeft(const Arguments& a);
Result<Typed> SayRight(const Arguments& a);
Result<Typed> SayPadLeft(const Arguments& a);
Result<Typed> SayPadRight(const Arguments& a);
Result<Typed> SayConcat(const Arguments& a);
Result<Typed> SayConcatWithSeparator(const Arguments& a);
Result<Typed> SayReplace(const Arguments& a);
Result<Typed> SaySplit(const Arguments& a);
Result<Typed> SayHex(const Arguments& a);
Result<Typed> SaySha2(const Arguments& a);
Result<Typed> SayRegexLike(const Arguments& a);
Result<Typed> SayRegexExtract(const Arguments& a);
Result<Typed> SayLikeCall(const Arguments& a);

// numbers
Result<Typed> SayAbs(const Arguments& a);
Result<Typed> SayCeil(const Arguments& a);
Result<Typed> SayFloor(const Arguments& a);
Result<Typed> SayRound(const Arguments& a);
Result<Typed> SayMod(const Arguments& a);
Result<Typed> SayPositiveMod(const Arguments& a);
Result<Typed> SayNegative(const Arguments& a);
Result<Typed> SayPositive(const Arguments& a);
Result<Typed> SayGreatest(const Arguments& a);
Result<Typed> SayLeast(const Arguments& a);
Result<Typed> SayNanvl(const Arguments& a);

// nulls and choices
Result<Typed> SayNvl2(const Arguments& a);
Result<Typed> SayNullIf(const Arguments& a);
Result<Typed> SayIf(const Arguments& a);
Result<Typed> SayEqualNull(const Arguments& a);

// dates and times
Result<Typed> SayDatePart(const Arguments& a);
Result<Typed> SayTruncDate(const Arguments& a);
Result<Typed> SayTruncTimestamp(const Arguments& a);
Result<Typed> SayNextDay(const Arguments& a);
Result<Typed> SayDateFormat(const Arguments& a);
Result<Typed> SayFromUnixtime(const Arguments& a);
Result<Typed> SayUnixTimestamp(const Arguments& a);
Result<Typed> SayToDate(const Arguments& a);
Result<Typed> SayToTimestamp(const Arguments& a);

// casts that are written as functions: int(a), date(a)
template <TypeKind kind>
Result<Typed> SayCastTo(const Arguments& a) {
  return Cast(a[0], DataType(kind));
}

// arrays, maps and structs
Result<Typed> SaySize(const Arguments& a);
Result<Typed> SayArrayContains(const Arguments& a);
Result<Typed> SayElementAt(const Arguments& a);
Result<Typed> SayGet(const Arguments& a);
Result<Typed> SayArray(const Arguments& a);
Result<Typed> SayNamedStruct(const Arguments& a);
// value[index]: from 0 for arrays, failing beyond them; by key for maps.
Result<Typed> SayIndex(const Typed& value, const Typed& index);

}  // namespace deltic::sparksql
