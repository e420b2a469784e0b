// Owns the asking of the terminal and the measuring of text.
#include "terminal.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace deltic::cli {

namespace {

// One character of UTF-8. bytes is 1 and valid false at a byte that starts none.
struct Character {
  char32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

Character Decode(std::string_view text, size_t at) {
  const auto first = static_cast<uint8_t>(text[at]);
  if (first < 0x80) return {first, 1, true};
  const size_t bytes = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (bytes == 0 || first >= 0xf5 || at + bytes > text.size()) return {};
  char32_t code = first & (0xff >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<uint8_t>(text[at + i]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3f);
  }
  static constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid = code >= kSmallest[bytes] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? Character{code, bytes, true} : Character{};
}

bool IsControl(char32_t code) {
  // C0, C1, and the marks that turn the direction of the text that follows.
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

int CellsOf(char32_t code) {
  if (code < 0x7f) return 1;
  const int width = wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : width;
}

}  // namespace

Terminal Terminal::Of(int fd) {
  Terminal terminal;
  terminal.is_terminal = isatty(fd) == 1;
  if (!terminal.is_terminal) return terminal;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  terminal.colours = (no_color == nullptr || *no_color == '\0') && term != nullptr && std::string_view(term) != "dumb";
  terminal.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0) terminal.columns = size.ws_col;
  if (terminal.columns == 0) {
    const char* columns = std::getenv("COLUMNS");
    if (columns != nullptr) terminal.columns = std::max(0, std::atoi(columns));
  }
  return terminal;
}

std::string Terminal::Styled(const char* code, std::string_view text) const {
  if (!colours) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Character c = Decode(text, at);
    if (!c.valid) {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[at]));
    } else if (c.code == '\n') {
      out += "\\n";
    } else if (c.code == '\t') {
      out += "\\t";
    } else if (c.code == '\r') {
      out += "\\r";
    } else if (IsControl(c.code)) {
      out += c.code < 0x100 ? fmt::format("\\x{:02x}", static_cast<uint32_t>(c.code))
                            : fmt::format("\\u{:04x}", static_cast<uint32_t>(c.code));
    } else {
      out.append(text.substr(at, c.bytes));
    }
    at += c.bytes;
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const Character c = Decode(text, at);
    width += c.valid ? CellsOf(c.code) : 1;
    at += c.bytes;
  }
  return width;
}

std::string CutToWidth(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  int taken = 0;
  size_t at = 0;
  while (at < text.size()) {
    const Character c = Decode(text, at);
    const int cells = c.valid ? CellsOf(c.code) : 1;
    if (taken + cells > width - 1) break;
    taken += cells;
    at += c.bytes;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string GroupedNumber(int64_t number) {
  std::string digits = fmt::format("{}", number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string Counted(int64_t number, std::string_view noun) {
  return GroupedNumber(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string HumanBytes(int64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (size >= 1023.95 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace deltic::cli
