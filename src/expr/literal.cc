// Owns the text and the order of literals. Does not parse (expr/partition_value.cc reads partition values, the engine
// SQL).
#include "expr/literal.h"

#include <fmt/format.h>

#include <cmath>

#include "base/time.h"
#include "expr/decimal_text.h"
#include "expr/scalar.h"

namespace deltic {
namespace {

std::string RealText(double value, bool is_float) {
  const char* type = is_float ? "FLOAT" : "DOUBLE";
  if (std::isnan(value)) return fmt::format("'NaN'::{}", type);
  if (std::isinf(value)) return fmt::format("'{}Infinity'::{}", value < 0 ? "-" : "", type);
  std::string text = is_float ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string Quoted(std::string_view bytes) {
  std::string text = "'";
  for (const char c : bytes) {
    text += c;
    if (c == '\'') text += c;
  }
  return text + "'";
}

std::string Hex(std::string_view bytes) {
  std::string text = "X'";
  for (const char c : bytes) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text + "'";
}

}  // namespace

std::string Literal::ToString() const {
  if (is_null()) return "NULL";
  const Scalar view = ViewOf(*this);
  switch (view.tag) {
    case ScalarTag::kBoolean:
      return view.integer != 0 ? "true" : "false";
    case ScalarTag::kInteger:
      return fmt::format("{}", view.integer);
    case ScalarTag::kDecimal:
      return FormatDecimal(view.unscaled, view.scale);
    case ScalarTag::kReal:
      return RealText(view.real, type.kind() == TypeKind::kFloat);
    case ScalarTag::kString:
      return Quoted(view.bytes);
    case ScalarTag::kBinary:
      return Hex(view.bytes);
    case ScalarTag::kDate:
      return fmt::format("DATE '{}'", FormatDate(view.integer));
    case ScalarTag::kTimestamp:
      return fmt::format("TIMESTAMPTZ '{}+00'", FormatTimestampMicros(view.integer));
    case ScalarTag::kTimestampNtz:
      return fmt::format("TIMESTAMP '{}'", FormatTimestampMicros(view.integer));
    case ScalarTag::kNone:
      break;
  }
  return fmt::format("<{}>", type.ToString());
}

std::optional<std::weak_ordering> Compare(const Literal& a, const Literal& b) {
  const Scalar left = ViewOf(a);
  const Scalar right = ViewOf(b);
  if (!HaveOrder(left.tag, right.tag)) return std::nullopt;
  return Order(left, right);
}

}  // namespace deltic
