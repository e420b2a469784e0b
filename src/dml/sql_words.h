// Owns the words of SQL text in the engine's dialect, as far as it takes to tell where an expression ends: names,
// quoted names and texts, numbers, symbols, and how deep in brackets each stands. Decodes no value and knows no
// grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

enum class SqlWordKind : uint8_t {
  kName,        // unquoted: keyword, column, function
  kQuotedName,  // "x" or `x`: decoded
  kText,        // 'x', E'x', $$x$$: as written
  kNumber,
  kSymbol,  // one character
  kEnd,
};

struct SqlWord {
  SqlWordKind kind = SqlWordKind::kEnd;
  std::string text;
  size_t begin = 0;  // in bytes of the whole
  size_t end = 0;
  int depth = 0;  // brackets, and CASE ... END, open around it; of an opening or closing one: outside of it
};

// The words of the text, kEnd last; comments are skipped. InvalidArgument for a quote, comment or bracket that is not
// closed, or closed without having been opened.
Result<std::vector<SqlWord>> SplitSqlWords(std::string_view text);

// Whether it is this keyword, letter case ignored. `keyword` in lower case.
bool IsKeyword(const SqlWord& word, std::string_view keyword);

// Whether the text is NULL and nothing else, brackets or not: the engine takes that for an integer.
bool SaysNull(std::string_view text);

}  // namespace deltic
