// Owns the reading of SQL words; see the header. The dialect is DuckDB's: quotes are doubled inside quotes, E'' has
// backslashes too, dollar quotes have tags, block comments nest.
#include "dml/sql_words.h"

#include "base/error.h"

namespace deltic {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool GoesOnName(char c) { return StartsName(c) || IsDigit(c) || c == '$'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<std::vector<SqlWord>> Run() {
    while (true) {
      DELTIC_CHECK(SkipBlanks());
      if (at_ == text_.size()) break;
      DELTIC_CHECK(ReadWord());
    }
    if (!open_.empty()) {
      return InvalidArgument("the {} at character {} is not closed in: {}", open_.back().what, open_.back().place + 1,
                             text_);
    }
    words_.push_back({.kind = SqlWordKind::kEnd, .text = "", .begin = at_, .end = at_, .depth = 0});
    return std::move(words_);
  }

 private:
  struct Open {
    std::string what;
    std::string closes;
    size_t place;
  };

  char Peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Status SkipBlanks() {
    while (at_ < text_.size()) {
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (text_[at_] == '-' && Peek(1) == '-') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (text_[at_] == '/' && Peek(1) == '*') {
        DELTIC_CHECK(SkipBlockComment());
      } else {
        return {};
      }
    }
    return {};
  }

  Status SkipBlockComment() {
    const size_t start = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      if (text_[at_] == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (text_[at_] == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return {};
      } else {
        ++at_;
      }
    }
    return InvalidArgument("the comment at character {} is not closed in: {}", start + 1, text_);
  }

  Status ReadWord() {
    const char c = text_[at_];
    const size_t start = at_;
    if (c == '\'') return ReadQuoted('\'', false, SqlWordKind::kText, start);
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      ++at_;
      return ReadQuoted('\'', true, SqlWordKind::kText, start);
    }
    if (c == '"' || c == '`') return ReadQuoted(c, false, SqlWordKind::kQuotedName, start);
    if (c == '$' && (Peek(1) == '$' || StartsName(Peek(1)))) return ReadDollarQuoted();
    if (StartsName(c)) {
      while (at_ < text_.size() && GoesOnName(text_[at_])) ++at_;
      Add(SqlWordKind::kName, std::string(text_.substr(start, at_ - start)), start);
      return TrackCase(start);
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      while (at_ < text_.size() && (GoesOnName(text_[at_]) || text_[at_] == '.')) ++at_;
      Add(SqlWordKind::kNumber, std::string(text_.substr(start, at_ - start)), start);
      return {};
    }
    ++at_;
    return ReadSymbol(c, start);
  }

  Status ReadSymbol(char c, size_t start) {
    const std::string symbol(1, c);
    if (c == '(' || c == '[' || c == '{') {
      Add(SqlWordKind::kSymbol, symbol, start);
      open_.push_back({.what = symbol, .closes = c == '(' ? ")" : c == '[' ? "]" : "}", .place = start});
      return {};
    }
    if (c == ')' || c == ']' || c == '}') {
      if (open_.empty() || open_.back().closes != symbol) {
        return InvalidArgument("the {} at character {} closes nothing in: {}", symbol, start + 1, text_);
      }
      open_.pop_back();
    }
    Add(SqlWordKind::kSymbol, symbol, start);
    return {};
  }

  // The THEN of a CASE is not the clause's. A column named "case" or "end" must be quoted in the engine's SQL too, but
  // for one behind a dot.
  Status TrackCase(size_t start) {
    SqlWord& word = words_.back();
    const bool behind_dot = words_.size() > 1 && words_[words_.size() - 2].text == ".";
    if (behind_dot) return {};
    if (IsKeyword(word, "case")) open_.push_back({.what = "CASE", .closes = "end", .place = start});
    if (IsKeyword(word, "end") && !open_.empty() && open_.back().closes == "end") {
      open_.pop_back();
      word.depth--;
    }
    return {};
  }

  Status ReadQuoted(char quote, bool backslashes, SqlWordKind kind, size_t start) {
    std::string decoded;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (backslashes && c == '\\' && at_ < text_.size()) {
        ++at_;
      } else if (c == quote) {
        if (Peek(0) != quote) {
          Add(kind, kind == SqlWordKind::kText ? std::string(text_.substr(start, at_ - start)) : decoded, start);
          return {};
        }
        ++at_;
      }
      decoded += c;
    }
    return InvalidArgument("the quote at character {} is not closed in: {}", start + 1, text_);
  }

  Status ReadDollarQuoted() {
    const size_t start = at_;
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '$' && GoesOnName(text_[end])) ++end;
    if (end == text_.size() || text_[end] != '$') {  // a parameter or part of an operator: the engine's to judge
      ++at_;
      Add(SqlWordKind::kSymbol, "$", start);
      return {};
    }
    const std::string_view tag = text_.substr(start, end + 1 - start);
    const size_t close = text_.find(tag, end + 1);
    if (close == std::string_view::npos) {
      return InvalidArgument("the quote at character {} is not closed in: {}", start + 1, text_);
    }
    at_ = close + tag.size();
    Add(SqlWordKind::kText, std::string(text_.substr(start, at_ - start)), start);
    return {};
  }

  void Add(SqlWordKind kind, std::string text, size_t start) {
    words_.push_back(
        {.kind = kind, .text = std::move(text), .begin = start, .end = at_, .depth = static_cast<int>(open_.size())});
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::vector<Open> open_;
  std::vector<SqlWord> words_;
};

}  // namespace

Result<std::vector<SqlWord>> SplitSqlWords(std::string_view text) { return Splitter(text).Run(); }

bool IsKeyword(const SqlWord& word, std::string_view keyword) {
  if (word.kind != SqlWordKind::kName || word.text.size() != keyword.size()) return false;
  for (size_t i = 0; i < keyword.size(); i++) {
    if (Lower(word.text[i]) != keyword[i]) return false;
  }
  return true;
}

bool SaysNull(std::string_view text) {
  const auto words = SplitSqlWords(text);
  if (!words.ok()) return false;
  bool null = false;
  for (const SqlWord& word : *words) {
    if (word.kind == SqlWordKind::kEnd || word.text == "(" || word.text == ")") continue;
    if (null || !IsKeyword(word, "null")) return false;
    null = true;
  }
  return null;
}

}  // namespace deltic
