// Owns what the program knows of a terminal: whether there is one, its width, colours, and how wide text is on it.
// Does not write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deltic::cli {

// What a descriptor's other end shows. Immutable, safe to share.
struct Terminal {
  bool is_terminal = false;
  bool colours = false;
  bool utf8 = false;
  int columns = 0;  // 0 when unknown or not a terminal

  // Honours NO_COLOR, TERM=dumb, the locale's character set and, for tests, COLUMNS on a terminal without a size.
  static Terminal Of(int fd);

  std::string Bold(std::string_view text) const { return Styled("1", text); }
  std::string Dim(std::string_view text) const { return Styled("2", text); }
  std::string Red(std::string_view text) const { return Styled("1;31", text); }
  std::string Green(std::string_view text) const { return Styled("32", text); }

 private:
  std::string Styled(const char* code, std::string_view text) const;
};

// Text with control characters and broken UTF-8 written as \n, \t, \r, \x1b: one line, and nothing from a table can
// steer the terminal.
std::string Printable(std::string_view text);

// Terminal cells that printable UTF-8 text takes (2 for wide East Asian characters, 0 for combining marks).
int DisplayWidth(std::string_view text);

// Cuts to at most `width` cells; what was cut ends in "…".
std::string CutToWidth(std::string_view text, int width);

// "1234567" as "1,234,567".
std::string GroupedNumber(int64_t number);
// "1 file", "1,234 files".
std::string Counted(int64_t number, std::string_view noun);
// "1.4 MiB", "12 B".
std::string HumanBytes(int64_t bytes);

}  // namespace deltic::cli
