// Owns the walk over SQL text that skips what is quoted.
#include "engine/duckdb/sql_text.h"

#include <algorithm>

namespace deltic {
namespace {

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Where what is quoted or commented at `at` ends, or `at` when nothing is.
size_t SkipQuoted(std::string_view sql, size_t at) {
  const auto after = [&](std::string_view end, size_t from) {
    const size_t found = sql.find(end, from);
    return found == sql.npos ? sql.size() : found + end.size();
  };
  const std::string_view rest = sql.substr(at);
  if (rest.starts_with("--")) return after("\n", at);
  if (rest.starts_with("/*")) return after("*/", at + 2);
  // A doubled quote ends one and begins the next, which comes to the same. E'...' knows backslashes.
  if (rest[0] == '\'' && at > 0 && (sql[at - 1] == 'e' || sql[at - 1] == 'E') && (at == 1 || !IsWord(sql[at - 2]))) {
    for (size_t i = at + 1; i < sql.size(); ++i) {
      if (sql[i] == '\\') {
        ++i;
      } else if (sql[i] == '\'') {
        return i + 1;
      }
    }
    return sql.size();
  }
  if (rest[0] == '\'' || rest[0] == '"') return after(rest.substr(0, 1), at + 1);
  if (rest[0] == '$' && (at == 0 || !IsWord(sql[at - 1]))) {
    const size_t close = rest.find('$', 1);
    if (close == rest.npos ||
        !std::all_of(rest.begin() + 1, rest.begin() + static_cast<std::ptrdiff_t>(close), IsWord)) {
      return at;
    }
    if (close > 1 && rest[1] >= '0' && rest[1] <= '9') return at;  // a parameter: $1
    return after(rest.substr(0, close + 1), at + close + 1);
  }
  return at;
}

bool IsTimestamp(std::string_view word) {
  constexpr std::string_view kName = "timestamp";
  return word.size() == kName.size() &&
         std::equal(word.begin(), word.end(), kName.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

std::string QuoteTimestampParameter(std::string_view sql) {
  std::string out;
  size_t at = 0;
  while (at < sql.size()) {
    const size_t end = SkipQuoted(sql, at);
    if (end > at) {
      out += sql.substr(at, end - at);
      at = end;
      continue;
    }
    if (!IsWord(sql[at])) {
      out += sql[at++];
      continue;
    }
    size_t stop = at;
    while (stop < sql.size() && IsWord(sql[stop])) ++stop;
    const std::string_view word = sql.substr(at, stop - at);
    const size_t next = sql.find_first_not_of(" \t\r\n", stop);
    const std::string_view arrow = next == sql.npos ? std::string_view() : sql.substr(next, 2);
    const bool quoted = IsTimestamp(word) && (arrow == "=>" || arrow == ":=");
    if (quoted) out += '"';
    out += word;
    if (quoted) out += '"';
    at = stop;
  }
  return out;
}

}  // namespace deltic
