// Proves the one promise of pruning by trial: a file that holds a row for which the predicate is TRUE is kept. Files of
// random rows, statistics as Spark, as delta-rs and as a writer that puts decimals through doubles would write them,
// and random predicates, judged row by row by an evaluator of SQL's three-valued logic that shares no code with the
// library. DELTIC_SEED and DELTIC_CASES choose other runs.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>

#include "base/time.h"
#include "expr/predicate_testing.h"
#include "expr/prune.h"

namespace deltic {
namespace {

using namespace deltic::testing;

using Kind = Predicate::Kind;
using Truth = std::optional<bool>;

enum class Writer { kSpark, kOldSpark, kDeltaRs, kLossy };

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool OneIn(int n) { return Between(1, n) == 1; }
  template <class T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Between(0, static_cast<int64_t>(from.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

struct Column {
  ColumnPath path;
  DataType type;
  bool partition = false;
  bool was_float = false;
  bool was_date = false;
};

const DataType kBig = DataType::Decimal(38, 18);
const DataType kSmall = DataType::Decimal(10, 2);

std::vector<Column> AllColumns() {
  return {
      {{"l"}, Type(TypeKind::kLong)},
      {{"i"}, Type(TypeKind::kInteger)},
      {{"f"}, Type(TypeKind::kFloat)},
      {{"d"}, Type(TypeKind::kDouble)},
      {.path = {"fd"}, .type = Type(TypeKind::kDouble), .was_float = true},
      {{"big"}, kBig},
      {{"small"}, kSmall},
      {{"s"}, Type(TypeKind::kString)},
      {{"bin"}, Type(TypeKind::kBinary)},
      {{"b"}, Type(TypeKind::kBoolean)},
      {{"day"}, Type(TypeKind::kDate)},
      {{"ts"}, Type(TypeKind::kTimestamp)},
      {{"ntz"}, Type(TypeKind::kTimestampNtz)},
      {.path = {"wide"}, .type = Type(TypeKind::kTimestampNtz), .was_date = true},
      {{"st", "x"}, Type(TypeKind::kLong)},
      {{"st", "y"}, Type(TypeKind::kString)},
      {.path = {"pi"}, .type = Type(TypeKind::kInteger), .partition = true},
      {.path = {"ps"}, .type = Type(TypeKind::kString), .partition = true},
      {.path = {"pd"}, .type = Type(TypeKind::kDouble), .partition = true},
      {.path = {"pt"}, .type = Type(TypeKind::kTimestamp), .partition = true},
  };
}

Fields SchemaOf(const std::vector<Column>& columns) {
  Fields fields;
  Fields inner;
  for (const Column& column : columns) {
    StructField field = Field(column.path.back(), column.type);
    if (column.was_float) field.type_changes.push_back({Type(TypeKind::kFloat), Type(TypeKind::kDouble), ""});
    if (column.was_date) field.type_changes.push_back({Type(TypeKind::kDate), Type(TypeKind::kTimestampNtz), ""});
    (column.path.size() == 2 ? inner : fields).push_back(std::move(field));
  }
  fields.push_back(Field("st", DataType::Struct(inner)));
  return fields;
}

// --- values ---------------------------------------------------------------------------------------------------------

// What the values of one column in one file have in common, so that files differ and bounds can exclude something.
struct Region {
  int64_t base = 0;
  int64_t spread = 0;
  std::string prefix;
  bool nan = false;
  int null_in = 0;  // 1: all null
};

std::string RandomChars(Random& random, int64_t count) {
  static const std::vector<std::string> kChars = {"a",
                                                  "b",
                                                  "z",
                                                  "\x7f",
                                                  "0",
                                                  "?",
                                                  "\"",
                                                  "\\",
                                                  "\xC3\xA9",
                                                  "\xE4\xB8\xAD",
                                                  "\xEF\xBF\xBD",
                                                  "\xEE\x80\x80",
                                                  "\xF0\x9F\x98\x80",
                                                  "\xF4\x8F\xBF\xBF"};
  std::string text;
  for (int64_t i = 0; i < count; ++i) text += random.Pick(kChars);
  return text;
}

Region MakeRegion(Random& random) {
  static const std::vector<std::string> kLong = {std::string(31, 'k'), std::string(32, 'k'), std::string(40, 'k'),
                                                 std::string(30, 'k') + "\xC3\xA9\xF0\x9F\x98\x80"};
  Region region;
  region.base = random.OneIn(6) ? random.Between(-60000, 60000) : random.Between(-12, 12);
  region.spread = random.OneIn(3) ? 0 : random.Between(0, 4);
  region.prefix = random.OneIn(3) ? random.Pick(kLong) : RandomChars(random, random.Between(0, 2));
  region.nan = random.OneIn(4);
  region.null_in = random.OneIn(8) ? 1 : random.OneIn(3) ? 3 : 1000000;
  return region;
}

Int128 Pow10(int n) {
  Int128 value = 1;
  for (; n > 0; --n) value *= 10;
  return value;
}

double SpecialDouble(Random& random, int64_t step) {
  switch (random.Between(0, 5)) {
    case 0:
      return -0.0;
    case 1:
      return 0.0;
    case 2:
      return static_cast<double>(step) * 0.1;
    case 3:
      return static_cast<double>(step) * 1e300;
    case 4:
      return random.OneIn(4) ? std::copysign(INFINITY, static_cast<double>(step)) : static_cast<double>(step) / 3;
    default:
      return std::nextafter(static_cast<double>(step), 1e9);
  }
}

Literal MakeValue(Random& random, const Column& column, const Region& region) {
  if (random.OneIn(region.null_in)) return Literal::Null(column.type);
  const int64_t step = region.base + random.Between(0, region.spread);
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      return {column.type, (step & 1) != 0};
    case TypeKind::kInteger:
      return {column.type, step};
    case TypeKind::kLong:
      return {column.type, region.base % 3 == 0 ? step : step + (int64_t{1} << 53)};
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      if (region.nan && random.OneIn(3)) return {column.type, std::nan("")};
      double value = region.base % 2 == 0 ? static_cast<double>(step) * 0.1 : SpecialDouble(random, step);
      if (column.type.kind() == TypeKind::kFloat || column.was_float) value = static_cast<float>(value);
      return {column.type, value};
    }
    case TypeKind::kDecimal:
      if (column.type.scale() == 2) return {column.type, Int128{step} * 7};
      // About 10^19 in units of 10^-18 times anything: more digits than a double holds.
      return {column.type, step * Pow10(18 + static_cast<int>(((region.base % 12) + 12) % 12)) + random.Between(-3, 3)};
    case TypeKind::kString:
    case TypeKind::kBinary:
      return {column.type, region.prefix + (region.spread == 0 ? "" : RandomChars(random, random.Between(0, 3)))};
    case TypeKind::kDate:
      return {column.type, step * 11};
    default:
      if (column.was_date) return {column.type, step * 86400000000};
      return {column.type, step * 86400000000 / 7 + random.Between(0, 2000)};
  }
}

// --- the evaluator --------------------------------------------------------------------------------------------------

template <class T>
int Three(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int CompareBytes(const std::string& a, const std::string& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return Three(a.size(), b.size());
}

int CompareValues(const Literal& a, const Literal& b) {
  if (const auto* x = std::get_if<double>(&a.value)) {
    if (const auto* whole = std::get_if<int64_t>(&b.value)) return std::isnan(*x) ? 1 : Three<__float128>(*x, *whole);
    const double y = std::get<double>(b.value);
    if (std::isnan(*x) || std::isnan(y)) return Three(std::isnan(*x), std::isnan(y));
    return Three(*x, y);
  }
  if (const auto* x = std::get_if<int64_t>(&a.value)) {
    if (const auto* y = std::get_if<double>(&b.value)) return std::isnan(*y) ? -1 : Three<__float128>(*x, *y);
    if (const auto* y = std::get_if<Int128>(&b.value)) return Three<Int128>(*x * Pow10(b.type.scale()), *y);
    Int128 left = *x;
    Int128 right = std::get<int64_t>(b.value);
    if (a.type.kind() != b.type.kind() && a.type.kind() == TypeKind::kDate) left *= 86400000000;
    if (a.type.kind() != b.type.kind() && b.type.kind() == TypeKind::kDate) right *= 86400000000;
    return Three(left, right);
  }
  if (const auto* x = std::get_if<Int128>(&a.value)) {
    if (const auto* y = std::get_if<int64_t>(&b.value)) return Three<Int128>(*x, *y * Pow10(a.type.scale()));
    return Three(*x, std::get<Int128>(b.value));
  }
  if (const auto* x = std::get_if<bool>(&a.value)) return Three<int>(*x, std::get<bool>(b.value));
  return CompareBytes(std::get<std::string>(a.value), std::get<std::string>(b.value));
}

using Row = std::map<ColumnPath, Literal>;

Truth Negate(Truth truth) { return truth ? Truth(!*truth) : truth; }

Truth EvaluateCompare(const Literal& value, CompareOp op, const Literal& literal) {
  const bool either_null = value.is_null() || literal.is_null();
  if (op == CompareOp::kNullSafeEq || op == CompareOp::kNullSafeNe) {
    const bool same = either_null ? value.is_null() && literal.is_null() : CompareValues(value, literal) == 0;
    return same == (op == CompareOp::kNullSafeEq);
  }
  if (either_null) return std::nullopt;
  const int order = CompareValues(value, literal);
  switch (op) {
    case CompareOp::kEq:
      return order == 0;
    case CompareOp::kNe:
      return order != 0;
    case CompareOp::kLt:
      return order < 0;
    case CompareOp::kLe:
      return order <= 0;
    case CompareOp::kGt:
      return order > 0;
    default:
      return order >= 0;
  }
}

Truth Evaluate(const Predicate& predicate, const Row& row) {
  switch (predicate.kind) {
    case Kind::kAnd:
    case Kind::kOr: {
      const bool decisive = predicate.kind == Kind::kOr;
      Truth result = !decisive;
      for (const Predicate& child : predicate.children) {
        const Truth truth = Evaluate(child, row);
        if (truth == Truth(decisive)) return decisive;
        if (!truth) result = std::nullopt;
      }
      return result;
    }
    case Kind::kNot:
      return Negate(Evaluate(predicate.children[0], row));
    case Kind::kConstant:
      return predicate.literals[0].is_null() ? Truth() : Truth(std::get<bool>(predicate.literals[0].value));
    case Kind::kOpaque:
      return predicate.text == "yes" ? Truth(true) : predicate.text == "no" ? Truth(false) : Truth();
    default:
      break;
  }
  const Literal& value = row.at(predicate.column);
  switch (predicate.kind) {
    case Kind::kIsNull:
      return value.is_null();
    case Kind::kIsNotNull:
      return !value.is_null();
    case Kind::kCompare:
      return EvaluateCompare(value, predicate.op, predicate.literals[0]);
    case Kind::kStartsWith: {
      if (value.is_null()) return std::nullopt;
      const auto& text = std::get<std::string>(value.value);
      const auto& prefix = std::get<std::string>(predicate.literals[0].value);
      return text.compare(0, prefix.size(), prefix) == 0;
    }
    default:
      break;  // kIn
  }
  Truth result = false;
  for (const Literal& literal : predicate.literals) {
    const Truth same = EvaluateCompare(value, CompareOp::kEq, literal);
    if (same == Truth(true)) return true;
    if (!same) result = std::nullopt;
  }
  return result;
}

// --- writers --------------------------------------------------------------------------------------------------------

std::string JsonString(Random& random, const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || (c == 'k' && random.OneIn(50))) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      json += c;
    }
  }
  return json + "\"";
}

size_t CharLength(char first) {
  const auto c = static_cast<unsigned char>(first);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

std::string CutChars(const std::string& text, int chars) {
  size_t at = 0;
  for (; chars > 0 && at < text.size(); --chars) at += CharLength(text[at]);
  return text.substr(0, at);
}

std::string CutBytes(const std::string& text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t at = 0;
  while (at + CharLength(text[at]) <= bytes) at += CharLength(text[at]);
  return text.substr(0, at) + (at < bytes ? "\xEF\xBF\xBD" : "");
}

std::string StringBoundText(Random& random, Writer writer, const std::string& value, bool is_max) {
  if (writer == Writer::kDeltaRs) return JsonString(random, CutBytes(value, 32));
  std::string cut = CutChars(value, 32);
  if (writer == Writer::kLossy || !is_max || cut == value) return JsonString(random, cut);
  return JsonString(random, cut + (writer == Writer::kOldSpark ? "\xEF\xBF\xBD" : "\xF4\x8F\xBF\xBF"));
}

std::string DecimalDigits(Int128 unscaled, int scale) {
  std::string digits;
  const bool negative = unscaled < 0;
  for (Int128 rest = negative ? -unscaled : unscaled; rest != 0; rest /= 10)
    digits.insert(0, 1, static_cast<char>('0' + static_cast<int>(rest % 10)));
  while (static_cast<int>(digits.size()) <= scale) digits.insert(0, 1, '0');
  digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return (negative ? "-" : "") + digits;
}

std::string DecimalBoundText(Writer writer, const Literal& value) {
  const Int128 unscaled = std::get<Int128>(value.value);
  const int scale = value.type.scale();
  if (writer == Writer::kSpark || writer == Writer::kOldSpark) return DecimalDigits(unscaled, scale);
  if (writer == Writer::kDeltaRs) return fmt::format("{}", static_cast<double>(unscaled) / std::pow(10.0, scale));
  return fmt::format("{:.16e}", std::strtod(DecimalDigits(unscaled, scale).c_str(), nullptr));
}

std::string TimestampText(Random& random, int64_t micros, bool zoned) {
  const int64_t ms = micros >= 0 || micros % 1000 == 0 ? micros / 1000 : micros / 1000 - 1;
  std::string text = FormatTimestampMs(ms);
  if (!zoned) text.pop_back();
  if (zoned && random.OneIn(3)) {  // the same instant on a clock one hour ahead
    text = FormatTimestampMs(ms + 3600000);
    text.pop_back();
    text += "+01:00";
  }
  return "\"" + text + "\"";
}

std::string BoundText(Random& random, Writer writer, const Column& column, const Literal& value, bool is_max) {
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      return std::get<bool>(value.value) ? "true" : "false";
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return fmt::format("{}", std::get<int64_t>(value.value));
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      const double real = std::get<double>(value.value);
      if (std::isnan(real)) return "\"NaN\"";
      if (std::isinf(real)) return real > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      if (column.type.kind() == TypeKind::kFloat || column.was_float)
        return fmt::format("{}", static_cast<float>(real));
      return fmt::format("{}", real);
    }
    case TypeKind::kDecimal:
      return DecimalBoundText(writer, value);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return StringBoundText(random, writer, std::get<std::string>(value.value), is_max);
    case TypeKind::kDate:
      return "\"" + FormatDate(std::get<int64_t>(value.value)) + "\"";
    default: {
      const int64_t micros = std::get<int64_t>(value.value);
      if (column.was_date)
        return "\"" +
               FormatDate(micros >= 0 || micros % 86400000000 == 0 ? micros / 86400000000 : micros / 86400000000 - 1) +
               "\"";
      return TimestampText(random, micros, column.type.kind() == TypeKind::kTimestamp);
    }
  }
}

void AddMember(std::string& object, const std::string& name, const std::string& value) {
  if (!object.empty()) object += ",";
  object += "\"" + name + "\":" + value;
}

struct File {
  std::vector<Row> rows;
  std::map<std::string, std::optional<std::string>> partition_values;
  std::string stats;
  bool has_deletion_vector = false;
};

// The rows that count are `file.rows`; with wide bounds the statistics were made of more.
std::string MakeStats(Random& random, Writer writer, const std::vector<Column>& columns, const std::vector<Row>& rows,
                      bool tight) {
  std::string sections[3];
  std::string inner[3];
  for (const Column& column : columns) {
    if (column.partition || random.OneIn(15)) continue;
    const Literal* min = nullptr;
    const Literal* max = nullptr;
    int64_t nulls = 0;
    for (const Row& row : rows) {
      const Literal& value = row.at(column.path);
      if (value.is_null()) {
        ++nulls;
        continue;
      }
      const auto* real = std::get_if<double>(&value.value);
      if (real != nullptr && std::isnan(*real) && writer == Writer::kDeltaRs) continue;  // Parquet ignores NaN
      if (min == nullptr || CompareValues(value, *min) < 0) min = &value;
      if (max == nullptr || CompareValues(value, *max) > 0) max = &value;
    }
    auto* to = column.path.size() == 2 ? inner : sections;
    if (min != nullptr && !random.OneIn(20))
      AddMember(to[0], column.path.back(), BoundText(random, writer, column, *min, false));
    if (max != nullptr && !random.OneIn(20))
      AddMember(to[1], column.path.back(), BoundText(random, writer, column, *max, true));
    if (!random.OneIn(20)) AddMember(to[2], column.path.back(), fmt::format("{}", nulls));
  }
  for (int i = 0; i < 3; ++i) {
    if (!inner[i].empty()) AddMember(sections[i], "st", "{" + inner[i] + "}");
  }
  std::string stats;
  if (!random.OneIn(10)) AddMember(stats, "numRecords", fmt::format("{}", rows.size()));
  AddMember(stats, "minValues", "{" + sections[0] + "}");
  AddMember(stats, "maxValues", "{" + sections[1] + "}");
  AddMember(stats, "nullCount", "{" + sections[2] + "}");
  if (!tight || random.OneIn(2)) AddMember(stats, "tightBounds", tight ? "true" : "false");
  return "{" + stats + "}";
}

std::optional<std::string> PartitionText(const Literal& value) {
  if (value.is_null()) return std::nullopt;
  if (const auto* whole = std::get_if<int64_t>(&value.value)) {
    return value.type.kind() == TypeKind::kTimestamp ? FormatTimestampMicros(*whole) : fmt::format("{}", *whole);
  }
  if (const auto* real = std::get_if<double>(&value.value)) {
    if (std::isnan(*real)) return "NaN";
    if (std::isinf(*real)) return *real > 0 ? "Infinity" : "-Infinity";
    return fmt::format("{}", *real);
  }
  return std::get<std::string>(value.value);
}

File MakeFile(Random& random, const std::vector<Column>& columns) {
  File file;
  const int64_t rows = random.Between(1, 4);
  file.rows.resize(static_cast<size_t>(rows));
  std::vector<Row> gone(static_cast<size_t>(random.OneIn(4) ? random.Between(1, 2) : 0));
  for (const Column& column : columns) {
    const Region region = MakeRegion(random);
    if (column.partition) {
      Literal value = MakeValue(random, column, region);
      if (const auto* text = std::get_if<std::string>(&value.value); text != nullptr && text->empty())
        value = Literal::Null(column.type);
      const auto text = PartitionText(value);
      if (text || random.OneIn(2)) file.partition_values[column.path[0]] = text;
      for (Row& row : file.rows) row.emplace(column.path, value);
      continue;
    }
    for (Row& row : file.rows) row.emplace(column.path, MakeValue(random, column, region));
    for (Row& row : gone) row.emplace(column.path, MakeValue(random, column, region));
  }
  const auto writer = static_cast<Writer>(random.Between(0, 3));
  std::vector<Row> physical = file.rows;
  physical.insert(physical.end(), gone.begin(), gone.end());
  file.has_deletion_vector = !gone.empty();
  file.stats = MakeStats(random, writer, columns, physical, gone.empty());
  return file;
}

// --- predicates -----------------------------------------------------------------------------------------------------

Literal MakeLiteral(Random& random, const Column& column, const File& file) {
  if (random.OneIn(25)) return Literal::Null(column.type);
  Literal literal =
      random.OneIn(2) ? random.Pick(file.rows).at(column.path) : MakeValue(random, column, MakeRegion(random));
  if (literal.is_null()) return literal;
  if (auto* whole = std::get_if<int64_t>(&literal.value)) {
    if (random.OneIn(3)) *whole += random.Between(-2, 2);
    if (column.type.kind() == TypeKind::kInteger && random.OneIn(4))
      return Double(static_cast<double>(*whole) + 0.5 * static_cast<double>(random.Between(-1, 1)));
    if (column.type.kind() == TypeKind::kInteger && random.OneIn(4))
      return Dec(Int128{*whole} * 100 + random.Between(-1, 1), 14, 2);
    if (column.type.kind() == TypeKind::kDate && random.OneIn(3))
      return Ntz(*whole * 86400000000 + random.Between(-1, 1));
  } else if (auto* real = std::get_if<double>(&literal.value)) {
    const bool up = random.OneIn(2);
    if (column.type.kind() == TypeKind::kFloat) {
      if (random.OneIn(5)) *real = std::nextafterf(static_cast<float>(*real), up ? 1e9F : -1e9F);
    } else if (random.OneIn(5)) {
      *real = std::nextafter(*real, up ? 1e9 : -1e9);
    }
    if (column.type.kind() == TypeKind::kDouble && !std::isnan(*real) && std::fabs(*real) < 1e6 && random.OneIn(5))
      return Long(static_cast<int64_t>(*real));
  } else if (auto* unscaled = std::get_if<Int128>(&literal.value)) {
    if (random.OneIn(3)) *unscaled += random.Between(-2, 2);
  } else if (auto* text = std::get_if<std::string>(&literal.value)) {
    if (random.OneIn(4)) *text += RandomChars(random, 1);
    if (random.OneIn(6)) *text = CutChars(*text, static_cast<int>(random.Between(0, 33)));
  }
  return literal;
}

Predicate MakePredicate(Random& random, const std::vector<Column>& columns, const File& file, int depth) {
  const int64_t shape = random.Between(0, depth > 0 ? 9 : 5);
  if (shape >= 6) {
    if (shape == 9) return Not(MakePredicate(random, columns, file, depth - 1));
    std::vector<Predicate> children;
    for (int64_t n = random.Between(1, 3); n > 0; --n)
      children.push_back(MakePredicate(random, columns, file, depth - 1));
    return shape >= 7 ? And(std::move(children)) : Or(std::move(children));
  }
  if (random.OneIn(40)) return Constant(random.OneIn(3) ? Null(TypeKind::kBoolean) : Bool(random.OneIn(2)));
  if (random.OneIn(40)) {
    Predicate opaque = Opaque();
    opaque.text = random.OneIn(3) ? "yes" : random.OneIn(2) ? "no" : "unknown";
    return opaque;
  }
  const Column& column = random.Pick(columns);
  if (shape == 0 && random.OneIn(2)) return random.OneIn(2) ? IsNull(column.path) : IsNotNull(column.path);
  if (shape == 1) {
    std::vector<Literal> literals;
    for (int64_t n = random.Between(0, 4); n > 0; --n) literals.push_back(MakeLiteral(random, column, file));
    return In(column.path, std::move(literals));
  }
  if (shape == 2 && column.type.kind() == TypeKind::kString) {
    const Literal literal = MakeLiteral(random, column, file);
    return StartsWith(column.path, literal.is_null() ? "a"
                                                     : CutChars(std::get<std::string>(literal.value),
                                                                static_cast<int>(random.Between(0, 34))));
  }
  if (shape == 3) {  // BETWEEN, which lets the maximum of doubles be used
    return And({Cmp(column.path, CompareOp::kGe, MakeLiteral(random, column, file)),
                Cmp(column.path, CompareOp::kLe, MakeLiteral(random, column, file))});
  }
  return Cmp(column.path, static_cast<CompareOp>(random.Between(0, 7)), MakeLiteral(random, column, file));
}

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

TEST(PruneDifferential, AFileWithARowThatMatchesIsAlwaysKept) {
  const int64_t seed = FromEnvironment("DELTIC_SEED", 20240229);
  const int64_t cases = FromEnvironment("DELTIC_CASES", 30000);
  std::printf("seed %lld, %lld cases\n", static_cast<long long>(seed), static_cast<long long>(cases));
  const std::vector<Column> columns = AllColumns();
  const Fields schema = SchemaOf(columns);
  int64_t matching = 0;
  int64_t hopeless = 0;
  int64_t dropped = 0;
  int64_t by_partition = 0;
  for (int64_t i = 0; i < cases; ++i) {
    Random random(static_cast<uint64_t>(seed) * 1000003 + static_cast<uint64_t>(i));
    const File file = MakeFile(random, columns);
    const Predicate predicate = MakePredicate(random, columns, file, 3);
    const auto pruner = MakePruner({schema, MappingMode::kNone, {"pi", "ps", "pd", "pt"}, predicate});
    bool holds = false;
    for (const Row& row : file.rows) holds |= Evaluate(predicate, row) == Truth(true);

    const FileFacts facts{&file.partition_values, file.stats, file.has_deletion_vector};
    const auto reason = pruner->Check(facts);
    ASSERT_TRUE(reason.ok()) << "case " << i << ": " << reason.error().message();
    if (holds) {
      ++matching;
      ASSERT_EQ(*reason, PruneReason::kKept) << "seed " << seed << " case " << i << "\npredicate "
                                             << predicate.ToString() << "\nstatistics " << file.stats;
      // Nor may it be dropped without statistics, or with broken ones.
      ASSERT_EQ(*pruner->Check({&file.partition_values, "", false}), PruneReason::kKept);
      const std::string_view stats = file.stats;
      const auto cut = stats.substr(0, static_cast<size_t>(random.Between(0, static_cast<int64_t>(stats.size()) - 1)));
      ASSERT_EQ(*pruner->Check({&file.partition_values, cut, false}), PruneReason::kKept);
    } else {
      ++hopeless;
      dropped += *reason != PruneReason::kKept;
      by_partition += *reason == PruneReason::kPartition;
      if (*reason == PruneReason::kPartition) {
        // What partition values prove, they prove without statistics.
        ASSERT_EQ(*pruner->Check({&file.partition_values, "", false}), PruneReason::kPartition);
      } else if (!pruner->uses_statistics()) {
        ASSERT_EQ(*reason, PruneReason::kKept) << "case " << i;
      }
    }
  }
  std::printf("%lld files hold a match; of %lld without, %lld (%.0f%%) were dropped, %lld by partition\n",
              static_cast<long long>(matching), static_cast<long long>(hopeless), static_cast<long long>(dropped),
              100.0 * static_cast<double>(dropped) / static_cast<double>(hopeless),
              static_cast<long long>(by_partition));
  EXPECT_GT(matching, cases / 5);
  EXPECT_GT(dropped, hopeless * 55 / 100) << "pruning proves next to nothing any more";
  EXPECT_GT(by_partition, hopeless / 20);
}

}  // namespace
}  // namespace deltic
