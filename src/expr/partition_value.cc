// Owns the reading of serialised partition values. Does not write them and does not know which columns they belong to.
// Protocol: "Partition Value Serialization". Reads more than the protocol writes where nothing can be mistaken: Hive's
// name for null, booleans in any case, numbers with an exponent, a midnight timestamp for a date.
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/time.h"
#include "expr/decimal_text.h"
#include "expr/literal.h"

namespace deltic {
namespace {

constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";

Error NotA(std::string_view text, const DataType& type) {
  return InvalidArgument("partition value '{}' is not a {}", text, type.ToString());
}

bool EqualsIgnoreCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

int64_t LargestInteger(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte:
      return std::numeric_limits<int8_t>::max();
    case TypeKind::kShort:
      return std::numeric_limits<int16_t>::max();
    case TypeKind::kInteger:
      return std::numeric_limits<int32_t>::max();
    default:
      return std::numeric_limits<int64_t>::max();
  }
}

Result<Literal> ParseInteger(std::string_view text, const DataType& type) {
  const auto parsed = ParseDecimalText(text);
  if (!parsed) return NotA(text, type);
  const auto whole = TimesPowerOfTen(parsed->unscaled, -parsed->scale);
  const Int128 largest = LargestInteger(type.kind());
  if (!whole || *whole > largest || *whole < -largest - 1) return NotA(text, type);
  return Literal{type, static_cast<int64_t>(*whole)};
}

Result<Literal> ParseDecimal(std::string_view text, const DataType& type) {
  const auto parsed = ParseDecimalText(text);
  if (!parsed) return NotA(text, type);
  const auto unscaled = TimesPowerOfTen(parsed->unscaled, type.scale() - parsed->scale);
  const auto limit = TimesPowerOfTen(1, type.precision());
  if (!unscaled || !limit || *unscaled >= *limit || *unscaled <= -*limit) return NotA(text, type);
  return Literal{type, *unscaled};
}

template <class Real>
Result<Literal> ParseReal(std::string_view text, const DataType& type) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '+') rest.remove_prefix(1);
  Real value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  // from_chars knows "nan", "inf" and "infinity" in any case, with a sign; "nan(...)" is not a number of any writer.
  if (rest.empty() || error != std::errc() || end != rest.data() + rest.size() || rest.back() == ')')
    return NotA(text, type);
  if (std::isnan(value)) value = std::numeric_limits<Real>::quiet_NaN();
  return Literal{type, static_cast<double>(value)};
}

Result<Literal> ParseBoolean(std::string_view text, const DataType& type) {
  if (EqualsIgnoreCase(text, "true")) return Literal{type, true};
  if (EqualsIgnoreCase(text, "false")) return Literal{type, false};
  return NotA(text, type);
}

Result<Literal> ParseDate(std::string_view text, const DataType& type) {
  constexpr int64_t kMicrosPerDay = 86400000000;
  if (auto days = ParseDateDays(text); days.ok()) return Literal{type, *days};
  const auto micros = ParseTimestampMicros(text);
  if (!micros.ok() || *micros % kMicrosPerDay != 0) return NotA(text, type);
  return Literal{type, *micros / kMicrosPerDay};
}

Result<Literal> ParseTimestamp(std::string_view text, const DataType& type) {
  const auto micros = ParseTimestampMicros(text);
  if (!micros.ok()) return NotA(text, type);
  return Literal{type, *micros};
}

// A local time: a zone, should a writer have put one, is not applied (as Spark's cast does).
Result<Literal> ParseLocalTimestamp(std::string_view text, const DataType& type) {
  bool has_zone = false;
  const auto shifted = ParseTimestampMicros(text, &has_zone);
  if (!shifted.ok()) return NotA(text, type);
  if (!has_zone) return Literal{type, *shifted};
  const size_t colon = text.find(':');
  const size_t zone = text.find_first_not_of("0123456789:.", colon == std::string_view::npos ? 0 : colon);
  const auto local = ParseTimestampMicros(text.substr(0, zone));
  if (!local.ok()) return NotA(text, type);
  return Literal{type, *local};
}

}  // namespace

Result<Literal> ParsePartitionValue(const std::optional<std::string>& text, const DataType& type) {
  if (!text || text->empty() || *text == kHiveNull) return Literal::Null(type);
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return ParseBoolean(*text, type);
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return ParseInteger(*text, type);
    case TypeKind::kFloat:
      return ParseReal<float>(*text, type);
    case TypeKind::kDouble:
      return ParseReal<double>(*text, type);
    case TypeKind::kDecimal:
      return ParseDecimal(*text, type);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return Literal{type, *text};
    case TypeKind::kDate:
      return ParseDate(*text, type);
    case TypeKind::kTimestamp:
      return ParseTimestamp(*text, type);
    case TypeKind::kTimestampNtz:
      return ParseLocalTimestamp(*text, type);
    default:
      return InvalidArgument("a partition column cannot be of type {} (value '{}')", type.ToString(), *text);
  }
}

}  // namespace deltic
