// Owns partition values as text and the paths of data files; see the header.
#include "write/partition_path.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/hive_name.h"
#include "base/time.h"
#include "base/url.h"
#include "base/uuid.h"
#include "expr/decimal_text.h"

namespace deltic {
namespace {

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80                   ? 1
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                        : (lead & 0xF0) == 0xE0       ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
    if (size == 0 || i + size > text.size()) return false;
    for (size_t j = 1; j < size; j++) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

// The shortest text that reads back as the number, in the form that Java gives it: digits and a point from 0.001 up to
// ten million, else a mantissa and an exponent ("1.0E10", "1.23456789E7", "1.2E-4"). Two writers must name a folder
// alike.
std::string DoubleText(double number, bool single) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  const double magnitude = std::fabs(number);
  const auto form = magnitude == 0 || (magnitude >= 1e-3 && magnitude < 1e7) ? std::chars_format::fixed
                                                                             : std::chars_format::scientific;
  char buffer[64];
  const auto end = single ? std::to_chars(buffer, buffer + sizeof(buffer), static_cast<float>(number), form)
                          : std::to_chars(buffer, buffer + sizeof(buffer), number, form);
  std::string text(buffer, end.ptr);
  const auto exponent = text.find('e');
  std::string mantissa = text.substr(0, exponent);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  if (exponent == std::string::npos) return mantissa;
  return mantissa + "E" + std::to_string(std::atoi(text.c_str() + exponent + 1));
}

// As Spark casts a timestamp to text: no zeros at a fraction's end.
std::string LocalTimestamp(int64_t micros) {
  auto text = FormatTimestampMicros(micros);
  if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

Result<std::optional<std::string>> PartitionText(const Literal& value) {
  using Text = std::optional<std::string>;
  if (value.is_null()) return Text();
  switch (value.type.kind()) {
    case TypeKind::kBoolean:
      return Text(std::get<bool>(value.value) ? "true" : "false");
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Text(std::to_string(std::get<int64_t>(value.value)));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return Text(DoubleText(std::get<double>(value.value), value.type.kind() == TypeKind::kFloat));
    case TypeKind::kDecimal:
      return Text(FormatDecimal(std::get<Int128>(value.value), value.type.scale()));
    case TypeKind::kDate:
      return Text(FormatDate(std::get<int64_t>(value.value)));
    case TypeKind::kTimestamp: {
      auto text = FormatTimestampMicros(std::get<int64_t>(value.value));
      const auto blank = text.find(' ');
      if (blank != std::string::npos) text[blank] = 'T';
      if (text.find('.') == std::string::npos) text += ".000000";
      return Text(text + "Z");
    }
    case TypeKind::kTimestampNtz:
      return Text(LocalTimestamp(std::get<int64_t>(value.value)));
    case TypeKind::kString:
    case TypeKind::kBinary: {
      const auto& text = std::get<std::string>(value.value);
      if (text.empty()) return Text();
      if (!IsUtf8(text)) {
        return Unsupported(
            "a partition value is not UTF-8 text ({}), and Delta's log has no agreed form for it: do not "
            "split this table by a {} column",
            value.ToString(), value.type.ToString());
      }
      return Text(text);
    }
    default:
      return Unsupported("a table cannot be split by a column of type {}", value.type.ToString());
  }
}

Result<std::string> PartitionFolder(const std::string& name, const Literal& value) {
  std::optional<std::string> text;
  if (!value.is_null() && value.type.kind() == TypeKind::kTimestamp) {
    text = LocalTimestamp(std::get<int64_t>(value.value));
  } else {
    DELTIC_TRY(text, PartitionText(value));
  }
  return HiveEscape(name) + "=" + (text ? HiveEscape(*text) : std::string(kHiveNull));
}

std::string DataFileName(const std::string& kind, const std::string& compression,
                         const std::function<uint64_t()>& random) {
  std::string codec;
  if (compression == "gzip") {
    codec = ".gz";
  } else if (compression == "brotli") {
    codec = ".br";
  } else if (compression != "uncompressed") {
    codec = "." + compression;
  }
  return kind + "-00000-" + FormatUuid(MakeRandomUuid(random)) + (kind == "part" ? "-c000" : ".c000") + codec +
         ".parquet";
}

std::string LogPath(const std::string& key) { return PercentEncode(key, "/=+,;!'()*&$@"); }

}  // namespace deltic
