// Owns Tokenize. Follows Spark 4: two quotes within a string are one quote ('it''s'); backslash escapes are on; text in
// double quotes is a string. Spark 3 read 'it''s' as two strings side by side: its tables that hold such a text are
// read here with Spark 4's meaning, as Spark 4 reads them.
#include "sparksql/lexer.h"

#include <cctype>

#include "base/error.h"

namespace deltic::sparksql {
namespace {

bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(uint32_t point, std::string* out) {
  if (point < 0x80) {
    out->push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (point >> 6)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else if (point < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (point >> 12)));
    out->push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (point >> 18)));
    out->push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    while (true) {
      DELTIC_CHECK(SkipBlank());
      DELTIC_TRY(auto token, Next());
      tokens.push_back(std::move(token));
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  char At(size_t offset) const { return at_ + offset < text_.size() ? text_[at_ + offset] : '\0'; }
  bool Done() const { return at_ >= text_.size(); }
  Error Wrong(std::string_view what, size_t position) const {
    return InvalidArgument("{} {}", what, Place(text_, position));
  }

  Status SkipBlank() {
    while (!Done()) {
      const char c = At(0);
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else if (c == '-' && At(1) == '-') {
        while (!Done() && At(0) != '\n') ++at_;
      } else if (c == '/' && At(1) == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return Wrong("a comment without an end", at_);
        // Spark lets comments nest and reads /*+ as a hint: both are left alone.
        if (At(2) == '+' || text_.substr(at_ + 2, end - at_ - 2).find("/*") != std::string_view::npos) {
          return Wrong("a hint or a comment within a comment", at_);
        }
        at_ = end + 2;
      } else {
        break;
      }
    }
    return {};
  }

  Result<Token> Next() {
    const size_t start = at_;
    if (Done()) return Token{TokenKind::kEnd, "", start};
    const char c = At(0);
    if ((c == 'r' || c == 'R') && (At(1) == '\'' || At(1) == '"')) {
      ++at_;
      return String(start, true);
    }
    if (c == '\'' || c == '"') return String(start, false);
    if (c == '`') return QuotedName(start);
    if (IsLetter(c)) {
      while (IsLetter(At(0)) || IsDigit(At(0))) ++at_;
      return Token{TokenKind::kWord, std::string(text_.substr(start, at_ - start)), start};
    }
    if (IsDigit(c) || (c == '.' && IsDigit(At(1)))) return Number(start);
    for (const std::string_view symbol :
         {"<=>", ">>>", "<>", "<=", ">=", "!=", "==", "||", "::", "->", "=>", "<<", ">>"}) {
      if (text_.substr(at_, symbol.size()) == symbol) {
        at_ += symbol.size();
        return Token{TokenKind::kSymbol, std::string(symbol), start};
      }
    }
    if (std::string_view("+-*/%&|^~=<>!(),.[]:?;@").find(c) != std::string_view::npos) {
      ++at_;
      return Token{TokenKind::kSymbol, std::string(1, c), start};
    }
    return Wrong("a character that Spark's SQL does not have", start);
  }

  Result<Token> QuotedName(size_t start) {
    std::string name;
    for (++at_; !Done(); ++at_) {
      if (At(0) != '`') {
        name.push_back(At(0));
      } else if (At(1) == '`') {
        name.push_back('`');
        ++at_;
      } else {
        ++at_;
        return Token{TokenKind::kQuotedName, std::move(name), start};
      }
    }
    return Wrong("a name in backticks without an end", start);
  }

  Result<Token> Number(size_t start) {
    while (IsDigit(At(0))) ++at_;
    if (At(0) == '.') {
      ++at_;
      while (IsDigit(At(0))) ++at_;
    }
    if ((At(0) == 'e' || At(0) == 'E') && (IsDigit(At(1)) || ((At(1) == '+' || At(1) == '-') && IsDigit(At(2))))) {
      at_ += 2;
      while (IsDigit(At(0))) ++at_;
    }
    while (IsLetter(At(0)) || IsDigit(At(0))) ++at_;  // a suffix; the parser judges it
    return Token{TokenKind::kNumber, std::string(text_.substr(start, at_ - start)), start};
  }

  Result<Token> String(size_t start, bool raw) {
    const char quote = At(0);
    std::string value;
    for (++at_; !Done();) {
      const char c = At(0);
      if (c == quote) {
        if (!raw && At(1) == quote) {
          value.push_back(quote);
          at_ += 2;
          continue;
        }
        ++at_;
        if (value.find('\0') != std::string::npos) {
          return Unsupported("a string that holds a NUL character {}", Place(text_, start));
        }
        return Token{TokenKind::kString, std::move(value), start};
      }
      if (c == '\\' && !raw) {
        DELTIC_CHECK(Escape(&value));
      } else {
        value.push_back(c);
        ++at_;
      }
    }
    return Wrong("a string without an end", start);
  }

  // Reads one backslash escape as Spark does.
  Status Escape(std::string* value) {
    const size_t start = at_++;
    if (Done()) return Wrong("a string without an end", start);
    const char c = At(0);
    if (c == 'u' || c == 'U') {
      const size_t digits = c == 'u' ? 4 : 8;
      uint32_t point = 0;
      size_t read = 0;
      while (read < digits && std::isxdigit(static_cast<unsigned char>(At(1 + read))) != 0) {
        const char digit = At(1 + read++);
        point = point * 16 + (IsDigit(digit) ? digit - '0' : (std::tolower(digit) - 'a' + 10));
      }
      if (read == digits) {
        if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
          return Unsupported("an escape that is no Unicode character {}", Place(text_, start));
        }
        AppendUtf8(point, value);
        at_ += 1 + digits;
        return {};
      }
    }
    if (c >= '0' && c <= '1' && At(1) >= '0' && At(1) <= '7' && At(2) >= '0' && At(2) <= '7') {
      AppendUtf8(static_cast<uint32_t>((c - '0') * 64 + (At(1) - '0') * 8 + (At(2) - '0')), value);
      at_ += 3;
      return {};
    }
    ++at_;
    switch (c) {
      case '0':
        value->push_back('\0');
        break;
      case 'b':
        value->push_back('\b');
        break;
      case 'n':
        value->push_back('\n');
        break;
      case 'r':
        value->push_back('\r');
        break;
      case 't':
        value->push_back('\t');
        break;
      case 'Z':
        value->push_back('\x1A');
        break;
      case '%':
        value->append("\\%");
        break;
      case '_':
        value->append("\\_");
        break;
      default:
        value->push_back(c);
    }
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view text) { return Lexer(text).Run(); }

std::string Place(std::string_view text, size_t position) {
  constexpr size_t kShown = 200;
  const std::string shown = text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "...";
  return fmt::format("at character {} of: {}", position + 1, shown);
}

}  // namespace deltic::sparksql
