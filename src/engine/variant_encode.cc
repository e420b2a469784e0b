// Owns the walk over a JSON text that writes variant bytes; see the header.
#include "engine/variant_encode.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/error.h"

namespace deltic {
namespace {

using Int128 = __int128;
namespace ondemand = simdjson::ondemand;

constexpr int kDeepest = 500;  // as variant_json.cc reads

void AppendNumber(std::string& out, uint64_t number, int size) {
  for (int i = 0; i < size; i++) out += static_cast<char>(number >> (8 * i));
}

int SizeFor(uint64_t number) {
  if (number <= 0xFF) return 1;
  if (number <= 0xFFFF) return 2;
  return number <= 0xFFFFFF ? 3 : 4;
}

void AppendPrimitiveHeader(std::string& out, int kind) { out += static_cast<char>(kind << 2); }

void AppendInteger(std::string& out, int64_t value) {
  const auto fits = [&](int bits) { return value >= -(1LL << (bits - 1)) && value < (1LL << (bits - 1)); };
  const int kind = fits(8) ? 3 : fits(16) ? 4 : fits(32) ? 5 : 6;
  AppendPrimitiveHeader(out, kind);
  AppendNumber(out, static_cast<uint64_t>(value), 1 << (kind - 3));
}

void AppendDouble(std::string& out, double value) {
  AppendPrimitiveHeader(out, 7);
  AppendNumber(out, std::bit_cast<uint64_t>(value), 8);
}

struct Decimal {
  Int128 unscaled = 0;
  int digits = 0;  // without leading zeros
  int scale = 0;
};

// "-12.50"; nullopt for exponents and for what has more than 38 digits.
std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal decimal;
  const bool negative = !text.empty() && text[0] == '-';
  bool fraction = false;
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (decimal.digits > 0 || c != '0') decimal.digits++;
    if (fraction) decimal.scale++;
    if (decimal.digits > 38 || decimal.scale > 38) return std::nullopt;
    decimal.unscaled = decimal.unscaled * 10 + (c - '0');
  }
  if (negative) decimal.unscaled = -decimal.unscaled;
  return decimal;
}

void AppendDecimal(std::string& out, const Decimal& decimal) {
  const int precision = std::max(decimal.digits, decimal.scale);
  const int kind = precision <= 9 ? 8 : precision <= 18 ? 9 : 10;
  AppendPrimitiveHeader(out, kind);
  out += static_cast<char>(decimal.scale);
  const auto bits = static_cast<unsigned __int128>(decimal.unscaled);
  AppendNumber(out, static_cast<uint64_t>(bits), kind == 8 ? 4 : 8);
  if (kind == 10) AppendNumber(out, static_cast<uint64_t>(bits >> 64), 8);
}

void AppendString(std::string& out, std::string_view text) {
  if (text.size() < 64) {
    out += static_cast<char>(text.size() << 2 | 1);
  } else {
    AppendPrimitiveHeader(out, 16);
    AppendNumber(out, text.size(), 4);
  }
  out += text;
}

class Encoder {
 public:
  // `Value` is ondemand::document or ondemand::value. Throws simdjson_error.
  template <class Value>
  Result<std::string> Encode(Value&& value, int depth) {
    if (depth > kDeepest) return InvalidArgument("a JSON value nests deeper than {} levels", kDeepest);
    std::string out;
    switch (ondemand::json_type(value.type())) {
      case ondemand::json_type::null:
        if (!bool(value.is_null())) return InvalidArgument("a JSON value begins like null and is not");
        AppendPrimitiveHeader(out, 0);
        return out;
      case ondemand::json_type::boolean:
        AppendPrimitiveHeader(out, bool(value.get_bool()) ? 1 : 2);
        return out;
      case ondemand::json_type::string:
        AppendString(out, std::string_view(value.get_string()));
        return out;
      case ondemand::json_type::number:
        return Number(value);
      case ondemand::json_type::array: {
        std::vector<std::string> elements;
        for (auto element : value.get_array()) {
          DELTIC_TRY(auto bytes, Encode(element.value(), depth + 1));
          elements.push_back(std::move(bytes));
        }
        return Array(elements);
      }
      case ondemand::json_type::object: {
        std::vector<Field> fields;
        for (auto member : value.get_object()) {
          Field field;
          field.name = std::string(std::string_view(member.unescaped_key()));
          DELTIC_TRY(field.bytes, Encode(member.value().value(), depth + 1));
          field.id = Id(field.name);
          fields.push_back(std::move(field));
        }
        return Object(fields);
      }
      default:
        return InvalidArgument("a JSON value is of no known type");
    }
  }

  std::string Metadata() const {
    uint64_t bytes = 0;
    for (const auto& name : names_) bytes += name.size();
    const int size = SizeFor(std::max<uint64_t>(bytes, names_.size()));
    std::string out(1, static_cast<char>(1 | (size - 1) << 6));
    AppendNumber(out, names_.size(), size);
    uint64_t offset = 0;
    AppendNumber(out, offset, size);
    for (const auto& name : names_) AppendNumber(out, offset += name.size(), size);
    for (const auto& name : names_) out += name;
    return out;
  }

 private:
  struct Field {
    std::string name;
    std::string bytes;
    uint64_t id = 0;
  };

  uint64_t Id(const std::string& name) {
    const auto [found, is_new] = ids_.emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return found->second;
  }

  template <class Value>
  static Result<std::string> Number(Value& value) {
    std::string_view token = std::string_view(value.raw_json_token());
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
    const std::string text(token);
    std::string out;
    const double approximate = double(value.get_double());  // also checks that it is a number
    if (text.find_first_of(".eE") == std::string::npos && text.size() <= 20) {
      errno = 0;
      char* end = nullptr;
      const long long whole = std::strtoll(text.c_str(), &end, 10);
      if (errno == 0 && end == text.c_str() + text.size()) {
        AppendInteger(out, whole);
        return out;
      }
    }
    if (const auto decimal = ParseDecimal(text)) {
      AppendDecimal(out, *decimal);
    } else {
      AppendDouble(out, approximate);
    }
    return out;
  }

  static Result<std::string> Array(const std::vector<std::string>& elements) {
    uint64_t bytes = 0;
    for (const auto& element : elements) bytes += element.size();
    const bool large = elements.size() > 255;
    const int size = SizeFor(bytes);
    std::string out(1, static_cast<char>(3 | (size - 1) << 2 | (large ? 1 : 0) << 4));
    AppendNumber(out, elements.size(), large ? 4 : 1);
    uint64_t offset = 0;
    AppendNumber(out, offset, size);
    for (const auto& element : elements) AppendNumber(out, offset += element.size(), size);
    for (const auto& element : elements) out += element;
    return out;
  }

  static Result<std::string> Object(std::vector<Field>& fields) {
    std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
    uint64_t bytes = 0, highest = 0;
    for (size_t i = 0; i < fields.size(); i++) {
      if (i > 0 && fields[i].name == fields[i - 1].name) {
        return InvalidArgument("a JSON object has the key \"{}\" twice", fields[i].name);
      }
      bytes += fields[i].bytes.size();
      highest = std::max(highest, fields[i].id);
    }
    const bool large = fields.size() > 255;
    const int size = SizeFor(bytes), id_size = SizeFor(highest);
    std::string out(1, static_cast<char>(2 | (size - 1) << 2 | (id_size - 1) << 4 | (large ? 1 : 0) << 6));
    AppendNumber(out, fields.size(), large ? 4 : 1);
    for (const auto& field : fields) AppendNumber(out, field.id, id_size);
    uint64_t offset = 0;
    AppendNumber(out, offset, size);
    for (const auto& field : fields) AppendNumber(out, offset += field.bytes.size(), size);
    for (const auto& field : fields) out += field.bytes;
    return out;
  }

  std::vector<std::string> names_;
  std::unordered_map<std::string, uint64_t> ids_;
};

}  // namespace

Result<VariantBytes> VariantFromJson(std::string_view json) {
  try {
    const simdjson::padded_string padded(json);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    Encoder encoder;
    DELTIC_TRY(auto value, encoder.Encode(document, 0));
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return InvalidArgument("text goes on after a JSON value: {}", json.substr(0, 100));
    }
    return VariantBytes{.metadata = encoder.Metadata(), .value = std::move(value)};
  } catch (const simdjson::simdjson_error& error) {
    return InvalidArgument("not JSON: {} (in: {})", error.what(), json.substr(0, 100));
  }
}

}  // namespace deltic
