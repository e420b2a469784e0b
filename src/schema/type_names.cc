// Owns the table of primitive type names and the reading of decimal(p,s).
#include "schema/type_names.h"

#include <cassert>
#include <charconv>
#include <optional>

#include "base/error.h"

namespace deltic {
namespace {

struct NamedKind {
  std::string_view name;
  TypeKind kind;
};
// The protocol's name comes first where Spark knows two.
constexpr NamedKind kNames[] = {
    {"string", TypeKind::kString},       {"long", TypeKind::kLong},
    {"integer", TypeKind::kInteger},     {"short", TypeKind::kShort},
    {"byte", TypeKind::kByte},           {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},       {"boolean", TypeKind::kBoolean},
    {"binary", TypeKind::kBinary},       {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp}, {"timestamp_ntz", TypeKind::kTimestampNtz},
    {"variant", TypeKind::kVariant},     {"void", TypeKind::kVoid},
    {"null", TypeKind::kVoid},           {"timestamp_ltz", TypeKind::kTimestamp},
};

// Real types of Spark or of protocol proposals that this build has no reader for.
constexpr std::string_view kUnreadable[] = {"geometry", "geography",       "interval",    "calendar_interval",
                                            "time",     "timestamp_nanos", "timestamp_ns"};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<int> ParseSmallNumber(std::string_view text) {
  text = Trim(text);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "10,2" or "10 , 2"; "10" alone has scale 0, as in SQL.
Result<DataType> ParseDecimal(std::string_view name, std::string_view parameters) {
  const size_t comma = parameters.find(',');
  const std::optional<int> precision = ParseSmallNumber(parameters.substr(0, comma));
  const std::optional<int> scale =
      comma == std::string_view::npos ? std::optional<int>(0) : ParseSmallNumber(parameters.substr(comma + 1));
  if (!precision || !scale) return Corrupt("'{}' is not a decimal type: expected decimal(precision,scale)", name);
  if (*precision < 1 || *precision > 38 || *scale < 0 || *scale > *precision) {
    return Corrupt("'{}' is not a decimal type: precision must be 1 to 38 and scale 0 to the precision", name);
  }
  return DataType::Decimal(*precision, *scale);
}

}  // namespace

Result<DataType> ParseTypeName(std::string_view name) {
  for (const NamedKind& known : kNames) {
    if (known.name == name) return DataType(known.kind);
  }
  if (name == "decimal") return DataType::Decimal(10, 0);
  const size_t open = name.find('(');
  const bool has_parameters = open != std::string_view::npos && name.back() == ')';
  const std::string_view word = Trim(name.substr(0, open));
  const std::string_view parameters = has_parameters ? name.substr(open + 1, name.size() - open - 2) : "";
  if (has_parameters && word == "decimal") return ParseDecimal(name, parameters);
  if (has_parameters && (word == "char" || word == "varchar") && ParseSmallNumber(parameters)) {
    return DataType(TypeKind::kString);
  }
  // "interval day to second" has its parameters behind spaces.
  const std::string_view first_word = word.substr(0, word.find(' '));
  for (std::string_view unreadable : kUnreadable) {
    if (first_word == unreadable) return Unsupported("deltic cannot read the type {} yet", name);
  }
  return Corrupt("'{}' is not a type that the Delta protocol knows", name);
}

std::string TypeName(const DataType& primitive) {
  assert(!primitive.nested());
  if (primitive.kind() == TypeKind::kDecimal) {
    return fmt::format("decimal({},{})", primitive.precision(), primitive.scale());
  }
  for (const NamedKind& known : kNames) {
    if (known.kind == primitive.kind()) return std::string(known.name);
  }
  return "void";
}

}  // namespace deltic
