// Owns the rare parts of the scan: escapes and containers nobody asked for.
#include "expr/json_scanner.h"

#include <optional>

namespace deltic {
namespace {

std::optional<uint32_t> Hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

void AppendUtf8(uint32_t code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// `rest` begins after "\u".
bool UnescapeUnicode(std::string_view& rest, std::string& text) {
  auto code = Hex4(rest);
  if (!code) return false;
  rest.remove_prefix(4);
  if (*code >= 0xDC00 && *code <= 0xDFFF) return false;
  if (*code >= 0xD800 && *code <= 0xDBFF) {
    if (!rest.starts_with("\\u")) return false;
    const auto low = Hex4(rest.substr(2));
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
    rest.remove_prefix(6);
    code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
  }
  AppendUtf8(*code, text);
  return true;
}

}  // namespace

bool UnescapeJson(std::string_view raw, std::string& text) {
  text.clear();
  while (!raw.empty()) {
    const size_t plain = raw.find('\\');
    text.append(raw.substr(0, plain));
    if (plain == std::string_view::npos) return true;
    if (plain + 1 >= raw.size()) return false;
    const char c = raw[plain + 1];
    raw.remove_prefix(plain + 2);
    switch (c) {
      case '"':
      case '\\':
      case '/':
        text += c;
        break;
      case 'b':
        text += '\b';
        break;
      case 'f':
        text += '\f';
        break;
      case 'n':
        text += '\n';
        break;
      case 'r':
        text += '\r';
        break;
      case 't':
        text += '\t';
        break;
      case 'u':
        if (!UnescapeUnicode(raw, text)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

bool JsonScanner::SkipContainer() {
  int64_t depth = 0;
  while (at_ < end_) {
    const char c = *at_;
    if (c == '"') {
      JsonText text;
      if (!ReadString(text)) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

}  // namespace deltic
