// Owns percent-encoding and the reading of a URL's scheme. Knows no scheme by name and opens nothing.
// RFC 3986, sections 2.1 (percent-encoding), 2.3 (unreserved characters) and 3.1 (scheme).
#include "base/url.h"

#include "base/error.h"

namespace deltic {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Not isalpha: that one asks the process's locale.
bool IsAlpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsUnreserved(char c) { return IsAlpha(c) || IsDigit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

}  // namespace

Result<std::string> PercentDecode(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Corrupt("'{}' is not percent-encoded: two hexadecimal digits must follow the '%' at byte {}", text, i);
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

std::string PercentEncode(std::string_view bytes, std::string_view keep) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (IsUnreserved(c) || keep.find(c) != std::string_view::npos) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text.push_back('%');
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

std::optional<std::string_view> UrlScheme(std::string_view text) {
  if (text.empty() || !IsAlpha(text[0])) return std::nullopt;
  size_t end = 1;
  while (end < text.size() &&
         (IsAlpha(text[end]) || IsDigit(text[end]) || text[end] == '+' || text[end] == '-' || text[end] == '.')) {
    ++end;
  }
  if (end == text.size() || text[end] != ':') return std::nullopt;
  if (end == 1) return std::nullopt;  // "C:\data": a drive letter
  return text.substr(0, end);
}

}  // namespace deltic
