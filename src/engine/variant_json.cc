// Owns the walk over variant bytes. Every length and offset is checked before it is used.
#include "engine/variant_json.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "base/time.h"

namespace deltic {
namespace {

using Int128 = __int128;

constexpr int kDeepest = 500;
constexpr uint64_t kMaxElements = 1u << 27;  // more than 128 MiB of bytes can hold

std::string Base64(std::string_view bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; j++) group = group << 8 | (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; j++) text += i + j <= bytes.size() ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::string DecimalText(Int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (scale > 0) {
    if (static_cast<int>(digits.size()) <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return (negative && digits != "0" ? "-" : "") + digits;
}

class Writer {
 public:
  explicit Writer(std::string_view metadata) : metadata_(metadata) {}

  Status ReadMetadata() {
    DELTIC_TRY(const uint64_t header, Number(metadata_, 0, 1));
    if ((header & 15) != 1) return Corrupt("variant metadata of version {}, known is 1", header & 15);
    const int size = static_cast<int>(header >> 6) + 1;
    DELTIC_TRY(const uint64_t count, Number(metadata_, 1, size));
    if (count > metadata_.size()) return Corrupt("variant metadata: {} names in {} bytes", count, metadata_.size());
    const uint64_t offsets = 1 + size, bytes = offsets + (count + 1) * size;
    for (uint64_t i = 0; i < count; i++) {
      DELTIC_TRY(const uint64_t from, Number(metadata_, offsets + i * size, size));
      DELTIC_TRY(const uint64_t to, Number(metadata_, offsets + (i + 1) * size, size));
      if (to < from) return Corrupt("variant metadata: name {} ends before it begins", i);
      DELTIC_TRY(auto name, Bytes(metadata_, bytes + from, to - from));
      names_.push_back(name);
    }
    return {};
  }

  Status Write(std::string_view value, int depth) {
    if (depth > kDeepest) return Corrupt("a variant nests deeper than {} levels", kDeepest);
    DELTIC_TRY(const uint64_t header, Number(value, 0, 1));
    const int basic = header & 3, detail = static_cast<int>(header >> 2);
    switch (basic) {
      case 0:
        return WritePrimitive(detail, value);
      case 1: {
        DELTIC_TRY(auto text, Bytes(value, 1, detail));
        AppendJsonString(out, text);
        return {};
      }
      case 2:
        return WriteObject(detail, value, depth);
      default:
        return WriteArray(detail, value, depth);
    }
  }

  std::string out;

 private:
  static Result<std::string_view> Bytes(std::string_view in, uint64_t at, uint64_t size) {
    if (at > in.size() || size > in.size() - at) {
      return Corrupt("a variant is cut: {} bytes wanted at byte {}, it has {}", size, at, in.size());
    }
    return in.substr(at, size);
  }
  static Result<uint64_t> Number(std::string_view in, uint64_t at, int size) {
    DELTIC_TRY(auto bytes, Bytes(in, at, size));
    uint64_t number = 0;
    std::memcpy(&number, bytes.data(), size);
    return number;
  }
  template <class T>
  static Result<T> Fixed(std::string_view in, uint64_t at) {
    DELTIC_TRY(auto bytes, Bytes(in, at, sizeof(T)));
    T number;
    std::memcpy(&number, bytes.data(), sizeof(T));
    return number;
  }

  void Quoted(const std::string& text) { AppendJsonString(out, text); }

  void Floating(double number, std::string text) {
    if (std::isnan(number)) return Quoted("NaN");
    if (std::isinf(number)) return Quoted(number > 0 ? "Infinity" : "-Infinity");
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    out += text;
  }

  // A timestamp counts micros, or nanos.
  Status Timestamp(std::string_view value, bool nanos, bool zone) {
    DELTIC_TRY(const int64_t number, Fixed<int64_t>(value, 1));
    int64_t micros = number;
    std::string rest;
    if (nanos) {
      const int64_t below = (number % 1000 + 1000) % 1000;
      micros = (number - below) / 1000;
      if (below != 0) rest = fmt::format("{:03}", below);
    }
    auto text = FormatTimestampMicros(micros);
    if (!rest.empty()) {
      if (text.find('.') == std::string::npos) text += ".000000";
      while (text.size() - text.find('.') < 7) text += '0';
      text += rest;
    }
    Quoted(text + (zone ? "+00:00" : ""));
    return {};
  }

  template <class T>
  Status Decimal(std::string_view value) {
    DELTIC_TRY(const uint64_t scale, Number(value, 1, 1));
    if (scale > 38) return Corrupt("a variant's decimal has scale {}, at most 38 can be", scale);
    DELTIC_TRY(const T unscaled, Fixed<T>(value, 2));
    out += DecimalText(unscaled, static_cast<int>(scale));
    return {};
  }

  template <class T>
  Status Integer(std::string_view value) {
    DELTIC_TRY(const T number, Fixed<T>(value, 1));
    out += std::to_string(number);
    return {};
  }

  Status WritePrimitive(int type, std::string_view value) {
    switch (type) {
      case 0:
        out += "null";
        return {};
      case 1:
        out += "true";
        return {};
      case 2:
        out += "false";
        return {};
      case 3:
        return Integer<int8_t>(value);
      case 4:
        return Integer<int16_t>(value);
      case 5:
        return Integer<int32_t>(value);
      case 6:
        return Integer<int64_t>(value);
      case 7: {
        DELTIC_TRY(const double number, Fixed<double>(value, 1));
        Floating(number, fmt::format("{}", number));
        return {};
      }
      case 8:
        return Decimal<int32_t>(value);
      case 9:
        return Decimal<int64_t>(value);
      case 10:
        return Decimal<Int128>(value);
      case 11: {
        DELTIC_TRY(const int32_t days, Fixed<int32_t>(value, 1));
        Quoted(FormatDate(days));
        return {};
      }
      case 12:
        return Timestamp(value, false, true);
      case 13:
        return Timestamp(value, false, false);
      case 14: {
        DELTIC_TRY(const float number, Fixed<float>(value, 1));
        Floating(number, fmt::format("{}", number));
        return {};
      }
      case 15:
      case 16: {
        DELTIC_TRY(const uint64_t size, Number(value, 1, 4));
        DELTIC_TRY(auto bytes, Bytes(value, 5, size));
        type == 15 ? Quoted(Base64(bytes)) : AppendJsonString(out, bytes);
        return {};
      }
      case 17: {
        DELTIC_TRY(const int64_t micros, Fixed<int64_t>(value, 1));
        if (micros < 0 || micros >= 86'400'000'000)
          return Corrupt("a variant's time of {} microseconds is no time of day", micros);
        Quoted(FormatTimestampMicros(micros).substr(11));
        return {};
      }
      case 18:
        return Timestamp(value, true, true);
      case 19:
        return Timestamp(value, true, false);
      case 20: {
        DELTIC_TRY(auto bytes, Bytes(value, 1, 16));
        std::string text;
        for (size_t i = 0; i < 16; i++) {
          if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
          text += fmt::format("{:02x}", static_cast<uint8_t>(bytes[i]));
        }
        Quoted(text);
        return {};
      }
      default:
        return Corrupt("a variant has the primitive type {}, which the encoding does not define", type);
    }
  }

  Status WriteObject(int detail, std::string_view value, int depth) {
    const int offset_size = (detail & 3) + 1, id_size = (detail >> 2 & 3) + 1, count_size = detail & 16 ? 4 : 1;
    DELTIC_TRY(const uint64_t count, Number(value, 1, count_size));
    if (count > kMaxElements) return Corrupt("a variant object claims {} fields", count);
    const uint64_t ids = 1 + count_size, offsets = ids + count * id_size, values = offsets + (count + 1) * offset_size;
    out += '{';
    for (uint64_t i = 0; i < count; i++) {
      DELTIC_TRY(const uint64_t id, Number(value, ids + i * id_size, id_size));
      if (id >= names_.size()) return Corrupt("a variant object names field {} of {}", id, names_.size());
      DELTIC_TRY(const uint64_t offset, Number(value, offsets + i * offset_size, offset_size));
      if (values + offset > value.size())
        return Corrupt("a variant object's field lies beyond its {} bytes", value.size());
      if (i > 0) out += ',';
      AppendJsonString(out, names_[id]);
      out += ':';
      DELTIC_CHECK(Write(value.substr(values + offset), depth + 1));
    }
    out += '}';
    return {};
  }

  Status WriteArray(int detail, std::string_view value, int depth) {
    const int offset_size = (detail & 3) + 1, count_size = detail & 4 ? 4 : 1;
    DELTIC_TRY(const uint64_t count, Number(value, 1, count_size));
    if (count > kMaxElements) return Corrupt("a variant array claims {} elements", count);
    const uint64_t offsets = 1 + count_size, values = offsets + (count + 1) * offset_size;
    out += '[';
    for (uint64_t i = 0; i < count; i++) {
      DELTIC_TRY(const uint64_t offset, Number(value, offsets + i * offset_size, offset_size));
      if (values + offset > value.size())
        return Corrupt("a variant array's element lies beyond its {} bytes", value.size());
      if (i > 0) out += ',';
      DELTIC_CHECK(Write(value.substr(values + offset), depth + 1));
    }
    out += ']';
    return {};
  }

  std::string_view metadata_;
  std::vector<std::string_view> names_;
};

}  // namespace

Result<std::string> VariantToJson(std::string_view metadata, std::string_view value) {
  Writer writer(metadata);
  DELTIC_CHECK(writer.ReadMetadata());
  DELTIC_CHECK(writer.Write(value, 0));
  return std::move(writer.out);
}

}  // namespace deltic
