// Owns the words of Spark's SQL: identifiers, literals with their escapes decoded, operators, each with its place.
// Knows no grammar (parser.h). Spark: SqlBaseLexer.g4, ParserUtils.unescapeSQLString.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic::sparksql {

enum class TokenKind : uint8_t {
  kWord,        // unquoted identifier or keyword: as written
  kQuotedName,  // `name`: decoded
  kString,      // 'x' or "x", raw or not: decoded
  kNumber,      // as written, with suffix
  kSymbol,      // operator or punctuation
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  size_t position = 0;  // offset in bytes
};

// The tokens of the text, kEnd last. InvalidArgument, with the character's place, for what is no token; Unsupported for
// a string that holds a NUL, which the engine's string functions would cut.
Result<std::vector<Token>> Tokenize(std::string_view text);

// "at character 12 of `a + b`": for messages of this folder. Long expressions are shown in part.
std::string Place(std::string_view text, size_t position);

}  // namespace deltic::sparksql
