// Owns the translations of pattern languages.
#include "sparksql/pattern.h"

#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/error.h"

namespace deltic::sparksql {
namespace {

bool IsAlnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

constexpr const char* kBlankClass = R"( \t\n\x{0B}\f\r)";  // Java's \s; RE2's lacks the vertical tab
constexpr const char* kAnyButLineEnd = R"([^\n\r\x{85}\x{2028}\x{2029}])";

// One pass over a Java pattern.
class RegexReader {
 public:
  explicit RegexReader(std::string_view java) : java_(java) {}

  Result<Regex> Run() {
    for (; at_ < java_.size();) DELTIC_CHECK(Next());
    if (depth_ != 0) return Refused("a group that is not closed");
    return std::move(out_);
  }

 private:
  char At(size_t ahead = 0) const { return at_ + ahead < java_.size() ? java_[at_ + ahead] : '\0'; }
  Error Refused(std::string_view what) const {
    return Unsupported("this build cannot match the regular expression '{}' exactly as Java does: it has {}", java_,
                       what);
  }

  Status Next() {
    const char c = At();
    switch (c) {
      case '\\': {
        DELTIC_CHECK(Escape(false));
        return Quantifier();
      }
      case '[': {
        DELTIC_CHECK(Class());
        return Quantifier();
      }
      case '.':
        out_.re2 += kAnyButLineEnd;
        ++at_;
        return Quantifier();
      case '^':
        out_.re2 += "^";
        ++at_;
        return {};
      case '$':
        // Java's $ looks at what follows; ours reads it: the same only where nothing follows.
        if (at_ + 1 != java_.size() && !(At(1) == '|' && depth_ == 0)) return Refused("a $ before its end");
        out_.re2 += R"((?:[\n\x{85}\x{2028}\x{2029}])?\z)";
        out_.has_end = true;
        ++at_;
        return {};
      case '(':
        if (At(1) == '?' && At(2) != ':') return Refused("a group that begins with (?");
        if (At(1) != '?') ++out_.groups;
        out_.re2 += At(1) == '?' ? "(?:" : "(";
        at_ += At(1) == '?' ? 3 : 1;
        ++depth_;
        return {};
      case ')':
        if (depth_-- == 0) return Refused("a ) without a (");
        out_.re2 += ")";
        ++at_;
        out_.repeated_groups = out_.repeated_groups || At() == '*' || At() == '+' || At() == '{';
        return Quantifier();
      case '|':
        out_.re2 += "|";
        ++at_;
        return {};
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        return Refused(std::string("a '") + c + "' where it is no quantifier and no class");
      default:
        out_.re2.push_back(c);
        ++at_;
        // A quantifier after a character of several bytes belongs to the whole character, in both languages.
        while ((static_cast<unsigned char>(At()) & 0xC0) == 0x80) out_.re2.push_back(java_[at_++]);
        return Quantifier();
    }
  }

  Status Escape(bool in_class) {
    const char c = At(1);
    at_ += 2;
    const auto one = [&](std::string_view members) {
      out_.re2 += in_class ? std::string(members) : "[" + std::string(members) + "]";
      return Status();
    };
    switch (c) {
      case 'd':
        return one("0-9");
      case 'w':
        return one("a-zA-Z0-9_");
      case 's':
        return one(kBlankClass);
      case 'D':
      case 'W':
      case 'S':
        if (in_class) return Refused(std::string("\\") + c + " within a class");
        out_.re2 += c == 'D' ? "[^0-9]" : c == 'W' ? "[^a-zA-Z0-9_]" : std::string("[^") + kBlankClass + "]";
        return {};
      case 't':
      case 'n':
      case 'r':
      case 'f':
        out_.re2 += std::string("\\") + c;
        return {};
      default:
        if (c <= ' ' || c > '~' || IsAlnum(c)) return Refused(std::string("the escape \\") + c);
        out_.re2 += std::string("\\") + c;
        return {};
    }
  }

  Status Class() {
    out_.re2 += "[";
    ++at_;
    if (At() == '^') {
      out_.re2 += "^";
      ++at_;
    }
    if (At() == ']') return Refused("a class that begins with ]");
    while (at_ < java_.size() && At() != ']') {
      const char c = At();
      if (c == '[' || (c == '&' && At(1) == '&')) return Refused("a class within a class, or &&");
      if (c == '\\') {
        DELTIC_CHECK(Escape(true));
      } else {
        out_.re2.push_back(c);
        ++at_;
      }
    }
    if (at_ >= java_.size()) return Refused("a class that is not closed");
    out_.re2 += "]";
    ++at_;
    return {};
  }

  // What may follow an atom: at most one quantifier, greedy or lazy.
  Status Quantifier() {
    const char c = At();
    if (c == '*' || c == '+' || c == '?') {
      out_.re2.push_back(c);
      ++at_;
    } else if (c == '{') {
      const size_t end = java_.find('}', at_);
      const auto inner = java_.substr(at_ + 1, end == std::string_view::npos ? 0 : end - at_ - 1);
      const size_t comma = inner.find(',');
      const auto low = inner.substr(0, comma);
      const auto high = comma == std::string_view::npos ? std::string_view() : inner.substr(comma + 1);
      const auto digits = [](std::string_view text) {
        return text.size() <= 3 && text.find_first_not_of("0123456789") == std::string_view::npos;
      };
      if (low.empty() || !digits(low) || !digits(high)) return Refused("a repetition written so");
      out_.re2 += "{" + std::string(inner) + "}";
      at_ = end + 1;
    } else {
      return {};
    }
    if (At() == '?') {
      out_.re2.push_back('?');
      ++at_;
    }
    const char next = At();
    if (at_ < java_.size() && (next == '+' || next == '*' || next == '?' || next == '{')) {
      return Refused("a possessive or a doubled quantifier");
    }
    return {};
  }

  std::string_view java_;
  size_t at_ = 0;
  int depth_ = 0;
  Regex out_;
};

// A run of one pattern letter, or text that stands for itself.
struct Piece {
  std::string letters;
  std::string text;
};

Result<std::vector<Piece>> Pieces(std::string_view java) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < java.size();) {
    const char c = java[i];
    if (c == '\'') {
      const size_t end = java.find('\'', i + 1);
      if (end == std::string_view::npos)
        return InvalidArgument("the date pattern '{}' has a quote without an end", java);
      pieces.push_back({"", end == i + 1 ? "'" : std::string(java.substr(i + 1, end - i - 1))});
      i = end + 1;
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      const size_t end = std::min(java.find_first_not_of(c, i), java.size());
      pieces.push_back({std::string(java.substr(i, end - i)), ""});
      i = end;
    } else if (c == '[' || c == ']' || c == '{' || c == '}' || c == '#' || c == '%' ||
               (static_cast<unsigned char>(c) & 0x80) != 0) {
      return Unsupported("this build cannot use the date pattern '{}': it has a '{}'", java, c);
    } else {
      pieces.push_back({"", std::string(1, c)});
      ++i;
    }
  }
  return pieces;
}

}  // namespace

Status CheckLike(std::string_view pattern, char escape) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != escape) continue;
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next != '_' && next != '%' && next != escape) {
      return InvalidArgument("the LIKE pattern '{}' has its escape character '{}' before something that needs none",
                             pattern, escape);
    }
    ++i;
  }
  return {};
}

Result<Regex> RegexFromJava(std::string_view java) { return RegexReader(java).Run(); }

Result<std::string> FormatFromJava(std::string_view java) {
  static const std::map<std::string, std::string> kFormats = {
      {"yyyy", "%Y"}, {"yy", "%y"}, {"MM", "%m"},  {"M", "%-m"},   {"MMM", "%b"}, {"MMMM", "%B"},
      {"dd", "%d"},   {"d", "%-d"}, {"HH", "%H"},  {"H", "%-H"},   {"hh", "%I"},  {"h", "%-I"},
      {"mm", "%M"},   {"m", "%-M"}, {"ss", "%S"},  {"s", "%-S"},   {"SSS", "%g"}, {"SSSSSS", "%f"},
      {"E", "%a"},    {"EE", "%a"}, {"EEE", "%a"}, {"EEEE", "%A"}, {"a", "%p"},   {"DDD", "%j"}};
  DELTIC_TRY(const auto pieces, Pieces(java));
  std::string format;
  for (const auto& piece : pieces) {
    if (piece.letters.empty()) {
      if (piece.text.find('%') != std::string::npos) {
        return Unsupported("this build cannot use the date pattern '{}': it has a '%'", java);
      }
      format += piece.text;
      continue;
    }
    const auto found = kFormats.find(piece.letters);
    if (found == kFormats.end()) {
      return Unsupported("this build cannot use the date pattern '{}': it does not know '{}'", java, piece.letters);
    }
    format += found->second;
  }
  return format;
}

Result<TimeReader> ReaderFromJava(std::string_view java) {
  struct Part {
    const char* re2;
    const char* format;
  };
  static const std::map<std::string, Part> kParts = {
      {"yyyy", {"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])", "%Y"}},
      {"MM", {"(?:0[1-9]|1[0-2])", "%m"}},
      {"dd", {"(?:0[1-9]|[12][0-9]|3[01])", "%d"}},
      {"HH", {"(?:[01][0-9]|2[0-3])", "%H"}},
      {"mm", {"[0-5][0-9]", "%M"}},
      {"ss", {"[0-5][0-9]", "%S"}}};
  DELTIC_TRY(const auto pieces, Pieces(java));
  TimeReader reader;
  std::set<std::string> seen;
  for (const auto& piece : pieces) {
    if (piece.letters.empty()) {
      for (const char c : piece.text) {
        if (!IsAlnum(c)) reader.re2.push_back('\\');
        reader.re2.push_back(c);
      }
      if (piece.text.find('%') != std::string::npos)
        return Unsupported("this build cannot use the date pattern '{}'", java);
      reader.format += piece.text;
      continue;
    }
    const auto found = kParts.find(piece.letters);
    if (found == kParts.end() || !seen.insert(piece.letters).second) {
      return Unsupported(
          "this build cannot read dates by the pattern '{}': only yyyy, MM, dd, HH, mm and ss, once each", java);
    }
    reader.re2 += found->second.re2;
    reader.format += found->second.format;
  }
  // What a pattern leaves out is 1970, the first month, the first day, midnight: the engine says 1900 for the year.
  const auto without = [&](const char* part, const char* needed) {
    return seen.count(part) != 0 && seen.count(needed) == 0;
  };
  if (seen.count("yyyy") == 0 || seen.count("MM") == 0 || without("HH", "dd") || without("mm", "HH") ||
      without("ss", "mm")) {
    return Unsupported("this build cannot read dates by the pattern '{}': it lacks a part before a smaller one", java);
  }
  return reader;
}

}  // namespace deltic::sparksql
