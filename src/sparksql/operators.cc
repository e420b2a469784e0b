// Owns the operators. The engine evaluates both sides of AND and OR, and every argument of a function, for all rows;
// Spark stops at FALSE AND and TRUE OR. Where a later side can fail it is put in a CASE, which the engine evaluates by
// need. One difference stays: Spark skips the second operand of + and of most functions when the first is NULL, and we
// fail the row when that second operand fails: an error where Spark has NULL, never another value.
#include "sparksql/operators.h"

#include <algorithm>

#include "base/error.h"
#include "sparksql/cast.h"
#include "sparksql/coercion.h"
#include "sparksql/pattern.h"

namespace deltic::sparksql {
namespace {

const DataType kBool(TypeKind::kBoolean);
const DataType kText(TypeKind::kString);
constexpr size_t kMaxLogic = 1 << 20;  // bytes of SQL of one chain of AND or OR

Error NoOperator(std::string_view op, const Typed& left, const Typed& right) {
  return InvalidArgument("Spark has no operator {} for {} and {}", op, left.type.ToString(), right.type.ToString());
}

bool IsComparison(std::string_view op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=" || op == "<=>";
}

Result<Typed> Compare(std::string_view op, const Typed& left, const Typed& right) {
  DELTIC_TRY(auto sides, Together(std::string(op), {left, right}));
  if (!IsAtomic(sides[0].type) && sides[0].type.kind() != TypeKind::kVoid) {
    return Unsupported("this build cannot compare values of {} as Spark does", sides[0].type.ToString());
  }
  const std::string_view engine = op == "<=>" ? "IS NOT DISTINCT FROM" : op;
  return Over(fmt::format("({} {} {})", sides[0].sql, engine, sides[1].sql), kBool, {&sides[0], &sides[1]}, false);
}

// Both sides numeric and of one type, by Spark's rules for arithmetic; decimals keep their own types.
Status BringTogether(std::string_view op, Typed* left, Typed* right) {
  if (left->type.kind() == TypeKind::kVoid && right->type.kind() == TypeKind::kVoid) {
    *left = NullOf(DataType(TypeKind::kDouble));
    *right = *left;
    return {};
  }
  const bool decimal = left->type.kind() == TypeKind::kDecimal || right->type.kind() == TypeKind::kDecimal;
  if (decimal && !IsFloating(left->type) && !IsFloating(right->type) && IsNumeric(left->type) &&
      IsNumeric(right->type)) {
    for (auto* side : {left, right}) {
      if (side->type.kind() == TypeKind::kDecimal) continue;
      // A literal is as wide as it is written, a column as wide as its type.
      const auto type = side->literal_digits ? DataType::Decimal(*side->literal_digits, 0) : DecimalFor(side->type);
      DELTIC_TRY(*side, Cast(*side, type));
    }
    return {};
  }
  const auto common = CommonType(left->type, right->type);
  if (!common || !IsNumeric(*common)) return NoOperator(op, *left, *right);
  DELTIC_TRY(*left, Cast(*left, *common));
  DELTIC_TRY(*right, Cast(*right, *common));
  return {};
}

bool IsNotZero(const Typed& value) { return value.whole && *value.whole != 0; }

// The quotient's or remainder's SQL, failing where the divisor is zero and neither side is NULL.
Typed Guarded(std::string sql, const DataType& type, const Typed& left, const Typed& right) {
  if (IsNotZero(right)) return Over(std::move(sql), type, {&left, &right}, false);
  return Over(fmt::format("CASE WHEN {} = 0 AND {} IS NOT NULL THEN {} ELSE {} END", right.sql, left.sql,
                          FailSql("division by zero", type), sql),
              type, {&left, &right}, true);
}

Error TooWide(std::string_view op, const Typed& left, const Typed& right) {
  return Unsupported(
      "this build cannot say {} {} {} exactly: the result has more digits than a decimal, and Spark rounds",
      left.type.ToString(), op, right.type.ToString());
}

Result<Typed> DecimalArithmetic(char op, const Typed& left, const Typed& right) {
  const auto type = DecimalResult(op, left.type, right.type);
  if (!type) return TooWide(std::string(1, op), left, right);
  const bool may_overflow = type->precision() == 38;
  switch (op) {
    case '*':
      // The engine multiplies to the scale s1 + s2, which is Spark's. Two factors of at most 18 digits it would
      // multiply within 18 digits and fail, so one of them is made wider.
      return Over(
          CastSql(
              fmt::format("({} * {})",
                          CastSql(left.sql, DataType::Decimal(std::max(left.type.precision(), 19), left.type.scale())),
                          right.sql),
              *type),
          *type, {&left, &right}, may_overflow);
    case '+':
    case '-':
      for (const auto* side : {&left, &right}) {
        if (side->type.precision() - side->type.scale() + type->scale() > 38) {
          return TooWide(std::string(1, op), left, right);
        }
      }
      return Over(CastSql(fmt::format("({} {} {})", CastSql(left.sql, *type), op, CastSql(right.sql, *type)), *type),
                  *type, {&left, &right}, may_overflow);
    case '%': {
      const int scale = std::max(left.type.scale(), right.type.scale());
      const auto wide = DataType::Decimal(38, scale);
      if (left.type.precision() - left.type.scale() + scale > 38 ||
          right.type.precision() - right.type.scale() + scale > 38) {
        return TooWide("%", left, right);
      }
      return Guarded(CastSql(fmt::format("({} % {})", CastSql(left.sql, wide), CastSql(right.sql, wide)), *type), *type,
                     left, right);
    }
    default: {
      // In whole numbers of 128 bits: n = a * 10^k / b, where a and b are the digits without their points, rounded half
      // away from zero. That Spark first rounds to 39 digits changes nothing while k leaves room for 37.
      const int k = type->scale() + right.type.scale() - left.type.scale();
      if (left.type.precision() + k > 36 || right.type.precision() > 36) return TooWide("/", left, right);
      const auto digits = [](const Typed& value) {
        return fmt::format("CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT)", value.sql);
      };
      const std::string numerator = fmt::format("({} * CAST('1{}' AS HUGEINT))", digits(left), std::string(k, '0'));
      const std::string divisor = digits(right);
      const std::string quotient =
          fmt::format("(((2 * abs({0}) + abs({1})) // (2 * abs({1}))) * sign({0}) * sign({1}))", numerator, divisor);
      // The point goes back in by a product with 0.00..1, which keeps the digits.
      const int scale = type->scale();
      const std::string placed = fmt::format("(CAST({} AS DECIMAL(38,0)) * CAST('0.{}1' AS DECIMAL({},{})))", quotient,
                                             std::string(scale - 1, '0'), scale, scale);
      return Guarded(CastSql(placed, *type), *type, left, right);
    }
  }
}

Result<Typed> Arithmetic(std::string_view op, Typed left, Typed right) {
  DELTIC_CHECK(BringTogether(op, &left, &right));
  const bool decimal = left.type.kind() == TypeKind::kDecimal;
  if (decimal && op == "DIV") return Unsupported("this build cannot say DIV of decimals as Spark does");
  if (decimal) return DecimalArithmetic(op[0], left, right);
  if (op == "/") {
    const DataType type(TypeKind::kDouble);
    const bool literal = IsNotZero(right);
    DELTIC_TRY(left, Cast(left, type));
    DELTIC_TRY(auto divisor, Cast(right, type));
    if (literal) divisor.whole = right.whole;
    return Guarded(fmt::format("({} / {})", left.sql, divisor.sql), type, left, divisor);
  }
  if (op == "DIV") {
    if (!IsIntegral(left.type)) return NoOperator(op, left, right);
    const DataType type(TypeKind::kLong);
    DELTIC_TRY(left, Cast(left, type));
    DELTIC_TRY(right, Cast(right, type));
    auto quotient = Guarded(fmt::format("({} // {})", left.sql, right.sql), type, left, right);
    quotient.can_fail = quotient.can_fail || !right.whole || *right.whole == -1;
    return quotient;
  }
  if (op == "%") {
    if (IsIntegral(left.type)) {  // the least number modulo -1 is 0; some engines fail there
      auto remainder = Guarded(fmt::format("({} % {})", left.sql, right.sql), left.type, left, right);
      if (right.whole && *right.whole != -1) return remainder;
      return Over(
          fmt::format("CASE WHEN {} = -1 THEN CASE WHEN {} IS NULL THEN NULL ELSE CAST(0 AS {}) END ELSE {} END",
                      right.sql, left.sql, EngineTypeName(left.type), remainder.sql),
          left.type, {&remainder}, false);
    }
    // The engine's % is C's fmod, as Java's is; its function fmod is another one, rounding down.
    return Guarded(fmt::format("({} % {})", left.sql, right.sql), left.type, left, right);
  }
  return Over(fmt::format("({} {} {})", left.sql, op, right.sql), left.type, {&left, &right}, IsIntegral(left.type));
}

// date + n and date - n; what else has dates is an interval, which no column can hold.
Result<Typed> DateArithmetic(std::string_view op, const Typed& left, const Typed& right) {
  const bool swapped = left.type.kind() != TypeKind::kDate;
  const Typed& date = swapped ? right : left;
  const Typed& days = swapped ? left : right;
  if (date.type.kind() != TypeKind::kDate || (swapped && op == "-")) {
    return Unsupported("this build cannot say {} {} {}", left.type.ToString(), op, right.type.ToString());
  }
  if (!IsIntegral(days.type) || days.type.kind() == TypeKind::kLong) {
    return Unsupported("this build cannot say {} {} {}", left.type.ToString(), op, right.type.ToString());
  }
  DELTIC_TRY(auto count, Cast(days, DataType(TypeKind::kInteger)));
  return Over(fmt::format("({} {} {})", date.sql, op, count.sql), date.type, {&date, &count}, true);
}

Result<Typed> Concat(const Typed& left, const Typed& right) {
  if (!IsAtomic(left.type) && left.type.kind() != TypeKind::kVoid) return NoOperator("||", left, right);
  const bool binary = left.type.kind() == TypeKind::kBinary && right.type.kind() == TypeKind::kBinary;
  const DataType type = binary ? left.type : kText;
  DELTIC_TRY(auto one, Cast(left, type));
  DELTIC_TRY(auto two, Cast(right, type));
  return Over(fmt::format("({} || {})", one.sql, two.sql), type, {&one, &two}, false);
}

}  // namespace

Result<std::vector<Typed>> Together(std::string_view what, const std::vector<Typed>& values) {
  DataType common;
  for (const auto& value : values) {
    const auto next = CommonType(common, value.type);
    if (!next) {
      return InvalidArgument("{} brings together {} and {}, which have no common type (or none of 38 digits)", what,
                             common.ToString(), value.type.ToString());
    }
    common = *next;
  }
  std::vector<Typed> together;
  for (const auto& value : values) {
    DELTIC_TRY(auto cast, Cast(value, common));
    together.push_back(std::move(cast));
  }
  return together;
}

Result<Typed> AsBoolean(std::string_view what, const Typed& value) {
  if (value.type == kBool) return value;
  if (value.type.kind() == TypeKind::kVoid) return NullOf(kBool);
  return InvalidArgument("{} needs a boolean, and this is {}", what, value.type.ToString());
}

Result<Typed> SayBinary(std::string_view op, Typed left, Typed right) {
  if (IsComparison(op)) return Compare(op, left, right);
  if (op == "||") return Concat(left, right);
  if (op == "&" || op == "|" || op == "^") {
    DELTIC_CHECK(BringTogether(op, &left, &right));
    if (!IsIntegral(left.type)) return NoOperator(op, left, right);
    return Over(op == "^" ? fmt::format("xor({}, {})", left.sql, right.sql)
                          : fmt::format("({} {} {})", left.sql, op, right.sql),
                left.type, {&left, &right}, false);
  }
  if (IsTime(left.type) || IsTime(right.type)) return DateArithmetic(op, left, right);
  return Arithmetic(op, std::move(left), std::move(right));
}

Status CheckSignChange(const Typed& value) {
  if (value.type.kind() == TypeKind::kDecimal && value.type.precision() > 34) {
    return Unsupported("this build cannot negate {}: Spark rounds it to 34 digits", value.type.ToString());
  }
  return {};
}

Result<Typed> SayUnary(std::string_view op, const Typed& operand) {
  if (op == "NOT") {
    DELTIC_TRY(auto value, AsBoolean("NOT", operand));
    return Over("(NOT " + value.sql + ")", kBool, {&value}, false);
  }
  Typed value = operand;
  if (value.type.kind() == TypeKind::kString || value.type.kind() == TypeKind::kVoid) {
    DELTIC_TRY(value, Cast(value, DataType(TypeKind::kDouble)));
  }
  if (!IsNumeric(value.type) || (op == "~" && !IsIntegral(value.type))) {
    return InvalidArgument("Spark has no operator {} for {}", op, value.type.ToString());
  }
  if (op == "+") return value;
  DELTIC_CHECK(CheckSignChange(value));
  return Over(fmt::format("({}{})", op, value.sql), value.type, {&value}, op == "-" && IsIntegral(value.type));
}

Result<Typed> SayLogic(std::string_view word, const std::vector<Typed>& parts) {
  std::vector<Typed> sides;
  for (const auto& part : parts) {
    DELTIC_TRY(auto side, AsBoolean(word, part));
    sides.push_back(std::move(side));
  }
  const std::string_view ends = word == "AND" ? "FALSE" : "TRUE";
  // From the right. Parts that cannot fail are one flat chain, however long.
  Typed all = sides.back();
  bool chain = false;  // all.sql needs parentheses
  for (size_t i = sides.size() - 1; i-- > 0;) {
    const bool by_need = all.can_fail;
    const std::string rest = by_need && chain ? "(" + all.sql + ")" : all.sql;
    all = Over(by_need
                   ? fmt::format("CASE WHEN {0} IS {1} THEN {1} ELSE ({0} {2} {3}) END", sides[i].sql, ends, word, rest)
                   : fmt::format("{} {} {}", sides[i].sql, word, rest),
               kBool, {&sides[i], &all}, false);
    chain = !by_need;
    if (all.sql.size() > kMaxLogic) return Unsupported("this build cannot evaluate an expression so large");
  }
  if (chain) all.sql = "(" + all.sql + ")";
  return all;
}

Result<Typed> SayIn(const Typed& value, const std::vector<Typed>& list) {
  std::vector<Typed> values = {value};
  values.insert(values.end(), list.begin(), list.end());
  DELTIC_TRY(auto together, Together("IN", values));
  if (!IsAtomic(together[0].type)) {
    return Unsupported("this build cannot compare values of {} as Spark does", together[0].type.ToString());
  }
  std::string sql;
  std::vector<const Typed*> operands;
  for (const auto& one : together) {
    if (!operands.empty()) sql += (sql.empty() ? "" : ", ") + one.sql;
    operands.push_back(&one);
  }
  return Over(fmt::format("({} IN ({}))", together[0].sql, sql), kBool, operands, false);
}

Typed SayLetterCase(bool upper, const Typed& text) {
  // Found by comparing every character below U+20000 in Spark 4.2 (ICU) and in the engine; and the capital sigma, whose
  // small letter depends on its place.
  static constexpr const char* kLower =
      R"([\x{130}\x{3A3}\x{1C89}\x{A7CB}-\x{A7DC}\x{10D50}-\x{10D65}\x{16EA0}-\x{16EB8}])";
  static constexpr const char* kUpper =
      R"([\x{DF}\x{149}\x{19B}\x{1F0}\x{264}\x{345}\x{390}\x{3B0}\x{587}\x{1C8A}\x{1E96}-\x{1E9A}\x{1F50}-\x{1FFF}\x{A7CD}-\x{A7DB}\x{FB00}-\x{FB17}\x{10D70}-\x{10D85}\x{16EBB}-\x{16ED3}])";
  return Over(fmt::format("CASE WHEN regexp_matches({0}, {1}) THEN {2} ELSE {3}({0}) END", text.sql,
                          QuoteSqlText(upper ? kUpper : kLower),
                          FailSql("a letter whose upper or lower case Spark and this build write differently", kText),
                          upper ? "upper" : "lower"),
              kText, {&text}, true);
}

Result<Typed> SayLike(std::string_view word, const Typed& value, const Typed& pattern, char escape) {
  if (!pattern.text) return Unsupported("this build cannot use a pattern of {} that is not a literal", word);
  DELTIC_TRY(auto text, Cast(value, kText));
  if (word == "RLIKE") {
    DELTIC_TRY(const auto regex, RegexFromJava(*pattern.text));
    const auto matches = fmt::format("regexp_matches({}, {})", text.sql, QuoteSqlText(regex.re2));
    if (!regex.has_end) return Over(matches, kBool, {&text}, false);
    return Over(fmt::format("CASE WHEN contains({}, chr(13)) THEN {} ELSE {} END", text.sql,
                            FailSql("a text with a carriage return is matched with $", kBool), matches),
                kBool, {&text}, true);
  }
  DELTIC_CHECK(CheckLike(*pattern.text, escape));
  std::string wanted = *pattern.text;
  if (word == "ILIKE") {
    for (char& c : wanted) {
      if ((static_cast<unsigned char>(c) & 0x80) != 0 || (escape >= 'A' && escape <= 'z' && escape != '\\')) {
        return Unsupported("this build cannot use the ILIKE pattern '{}'", *pattern.text);
      }
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    text = SayLetterCase(false, text);
  }
  return Over(
      fmt::format("({} LIKE {} ESCAPE {})", text.sql, QuoteSqlText(wanted), QuoteSqlText(std::string(1, escape))),
      kBool, {&text}, false);
}

Result<Typed> SayCase(const std::vector<Branch>& branches, const Typed& otherwise) {
  std::vector<Typed> values;
  values.reserve(branches.size() + 1);
  for (const auto& branch : branches) values.push_back(branch.then);
  values.push_back(otherwise);
  DELTIC_TRY(const auto together, Together("CASE", values));
  std::string sql = "CASE";
  std::vector<const Typed*> operands;
  std::vector<Typed> conditions;
  conditions.reserve(branches.size());
  for (size_t i = 0; i < branches.size(); ++i) {
    DELTIC_TRY(auto when, AsBoolean("WHEN", branches[i].when));
    conditions.push_back(std::move(when));
    sql += fmt::format(" WHEN {} THEN {}", conditions[i].sql, together[i].sql);
    operands.push_back(&conditions[i]);
    operands.push_back(&together[i]);
  }
  operands.push_back(&together.back());
  return Over(sql + " ELSE " + together.back().sql + " END", together[0].type, operands, false);
}

Result<Typed> SayCoalesce(const std::vector<Typed>& values) {
  DELTIC_TRY(const auto together, Together("coalesce", values));
  std::string sql;
  std::vector<const Typed*> operands;
  for (const auto& value : together) {
    sql += (sql.empty() ? "" : ", ") + value.sql;
    operands.push_back(&value);
  }
  return Over("coalesce(" + sql + ")", together[0].type, operands, false);
}

Result<Typed> AddMonths(const Typed& time, int64_t months) {
  const bool date = time.type.kind() == TypeKind::kDate;
  const std::string clock = date ? time.sql : ClockSql(time);
  const std::string sum = fmt::format("({} + to_months({}))", clock, months);
  return Over(date                                       ? "CAST(" + sum + " AS DATE)"
              : time.type.kind() == TypeKind::kTimestamp ? ZonedSql(sum)
                                                         : sum,
              time.type, {&time}, true);
}

Result<Typed> AddMicros(const Typed& time, int64_t micros) {
  constexpr int64_t kDay = 86'400'000'000;
  if (time.type.kind() == TypeKind::kDate) {
    if (micros % kDay != 0) return Unsupported("this build cannot add an interval of hours to a date");
    return Over(fmt::format("({} + CAST({} AS INTEGER))", time.sql, micros / kDay), time.type, {&time}, true);
  }
  const std::string sum = fmt::format("({} + to_microseconds(CAST('{}' AS BIGINT)))", ClockSql(time), micros);
  return Over(time.type.kind() == TypeKind::kTimestamp ? ZonedSql(sum) : sum, time.type, {&time}, true);
}

}  // namespace deltic::sparksql
