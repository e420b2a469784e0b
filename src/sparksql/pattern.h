// Owns the small languages within strings: LIKE patterns, Java's regular expressions, Java's date patterns. Each is
// said in the engine's language (LIKE, RE2, strftime) where the meaning is exactly the same, and refused elsewhere.
// Spark: StringUtils.escapeLikeRegex; java.util.regex.Pattern; DateTimeFormatterHelper.
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic::sparksql {

// Ok when Spark accepts the pattern: the escape is followed by a wildcard or by itself, nowhere else.
Status CheckLike(std::string_view pattern, char escape);

struct Regex {
  std::string re2;
  bool has_end = false;          // holds a $, which Java also lets match before a last line terminator
  int groups = 0;                // that capture
  bool repeated_groups = false;  // a group is followed by * + or {}: what it captured last is not told alike
};
// Unsupported for anything but: characters, escapes \d \w \s \t \n \r \f and of punctuation, classes without nesting,
// . ^ $, groups, |, and the quantifiers * + ? {n} {n,} {n,m}, greedy or lazy.
Result<Regex> RegexFromJava(std::string_view java);

// The strftime format of a date pattern, for years 1 to 9999.
Result<std::string> FormatFromJava(std::string_view java);

struct TimeReader {
  std::string re2;     // exactly what Java accepts
  std::string format;  // for strptime
};
// Patterns of yyyy, MM, dd, HH, mm, ss, each at most once, and characters between them.
Result<TimeReader> ReaderFromJava(std::string_view java);

}  // namespace deltic::sparksql
