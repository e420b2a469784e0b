// Owns Spark's operators and the conditional forms, over operands that are said already: types brought together by
// Spark's rules, results of Spark's types, and no part evaluated that Spark would not evaluate.
#pragma once

#include <string_view>
#include <vector>

#include "sparksql/typed.h"

namespace deltic::sparksql {

// + - * / % DIV || & | ^ and the comparisons = <> < <= > >= <=>.
Result<Typed> SayBinary(std::string_view op, Typed left, Typed right);
// Unsupported for decimals of more than 34 digits, which Spark rounds when it changes their sign.
Status CheckSignChange(const Typed& value);
Result<Typed> SayUnary(std::string_view op, const Typed& operand);               // - + ~ NOT
Result<Typed> SayLogic(std::string_view word, const std::vector<Typed>& parts);  // AND, OR
Result<Typed> SayIn(const Typed& value, const std::vector<Typed>& list);
// LIKE, ILIKE or RLIKE; the escape counts for the first two.
Result<Typed> SayLike(std::string_view word, const Typed& value, const Typed& pattern, char escape);

struct Branch {
  Typed when;
  Typed then;
};
Result<Typed> SayCase(const std::vector<Branch>& branches, const Typed& otherwise);
Result<Typed> SayCoalesce(const std::vector<Typed>& values);

// date or timestamp plus an interval (one of months or micros is used).
Result<Typed> AddMonths(const Typed& time, int64_t months);
Result<Typed> AddMicros(const Typed& time, int64_t micros);

// All values cast to their common type. InvalidArgument when there is none.
Result<std::vector<Typed>> Together(std::string_view what, const std::vector<Typed>& values);

// A boolean, or NULL as one.
Result<Typed> AsBoolean(std::string_view what, const Typed& value);

// Lower or upper case; fails rows whose text has characters that Java and the engine map differently.
Typed SayLetterCase(bool upper, const Typed& text);

}  // namespace deltic::sparksql
