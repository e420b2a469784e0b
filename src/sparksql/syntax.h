// Owns the tree of a parsed SQL expression, before any meaning: no types, no columns looked up.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "schema/types.h"

namespace deltic::sparksql {

// What `text`, `names` and `parts` hold, for each kind:
struct Syntax {
  enum class Kind : uint8_t {
    kNull,
    kBoolean,   // text: "true" or "false"
    kString,    // text
    kBinary,    // text: hex digits
    kNumber,    // text: the number as written, a '-' included, without suffix; type
    kTyped,     // DATE '..': text, type
    kInterval,  // months, micros
    kName,      // names: a, or a.b.c
    kUnary,     // text: "-", "+", "~", "NOT"; parts: operand
    kBinaryOp,  // text: the operator in capitals; parts: left, right
    kIs,        // text: "NULL", "TRUE", "FALSE", "DISTINCT FROM"; negated; parts: operand (two for DISTINCT)
    kBetween,   // negated; parts: value, low, high
    kIn,        // negated; parts: value, then the list
    kLike,      // text: "LIKE", "ILIKE", "RLIKE"; negated; names: the escape character; parts: value, pattern
    kCase,      // text: "simple" or "searched"; has_else; parts: [operand] (when then)* [else]
    kCast,      // text: "CAST", "TRY_CAST"; type; parts: operand
    kCall,      // text: the name in lower case; parts: arguments
    kField,     // text: name; parts: operand
    kElement,   // parts: operand, index
  };
  Kind kind = Kind::kNull;
  size_t position = 0;
  std::string text;
  std::vector<std::string> names;
  std::vector<Syntax> parts;
  DataType type;
  int depth = 1;  // of the tree below
  bool negated = false;
  bool has_else = false;
  int64_t months = 0;
  int64_t micros = 0;
};

}  // namespace deltic::sparksql
