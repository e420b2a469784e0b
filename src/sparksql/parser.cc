// Owns the recursive descent over Spark's expression grammar, one function for each level, loosest first:
//   expression   OR            AND           NOT           predicate (one after a value: BETWEEN, IN, LIKE, IS)
//   value        comparison    |    ^    &    shifts (refused)    + - ||    * / % DIV    unary - + ~
//   primary      literals, names, calls, CASE, CAST, then any of  [index]  .field  ::type
// The order is that of Spark's valueExpression rule, where comparisons bind tighter than AND but may be chained.
#include "sparksql/parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "sparksql/lexer.h"

namespace deltic::sparksql {
namespace {

using Kind = Syntax::Kind;

constexpr int kMaxDepth = 100;
constexpr size_t kMaxBytes = 65536;

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}
std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// Words that cannot begin a column's name here: they would be read as columns although they end or join an expression.
// Spark allows most of them as names; a column with such a name has to be written in backticks.
bool IsReserved(std::string_view upper) {
  static constexpr std::array<std::string_view, 24> kReserved = {
      "AND",  "AS", "BETWEEN", "BY",   "CASE",  "CAST", "COLLATE", "DISTINCT", "DIV",   "ELSE",   "END",  "EXISTS",
      "FROM", "IN", "IS",      "LIKE", "ILIKE", "NOT",  "OR",      "OVER",     "RLIKE", "SELECT", "THEN", "WHEN"};
  return std::find(kReserved.begin(), kReserved.end(), upper) != kReserved.end();
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  Result<Syntax> Run() {
    DELTIC_TRY(auto syntax, Expression());
    if (Here().kind != TokenKind::kEnd) return Unexpected();
    return syntax;
  }

 private:
  // One level of nesting for as long as it lives.
  class Level {
   public:
    explicit Level(int* depth) : depth_(depth) { ++*depth_; }
    ~Level() { --*depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int* depth_;
  };

  // ---- tokens ----

  const Token& Here(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool IsWord(std::string_view upper, size_t ahead = 0) const {
    return Here(ahead).kind == TokenKind::kWord && Upper(Here(ahead).text) == upper;
  }
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const {
    return Here(ahead).kind == TokenKind::kSymbol && Here(ahead).text == symbol;
  }
  bool TakeWord(std::string_view upper) {
    if (!IsWord(upper)) return false;
    ++at_;
    return true;
  }
  bool TakeSymbol(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }
  Status NeedWord(std::string_view upper) { return TakeWord(upper) ? Status() : Status(Missing(upper)); }
  Status NeedSymbol(std::string_view symbol) { return TakeSymbol(symbol) ? Status() : Status(Missing(symbol)); }

  Error Missing(std::string_view what) const {
    return InvalidArgument("the SQL expression lacks '{}' {}", what, Place(text_, Here().position));
  }
  Error Unexpected() const {
    if (Here().kind == TokenKind::kEnd) {
      return InvalidArgument("the SQL expression ends too early {}", Place(text_, Here().position));
    }
    if (IsSymbol("->")) return Refused("a lambda function");
    if (IsSymbol("=>")) return Refused("a named argument");
    if (IsSymbol("<<") || IsSymbol(">>") || IsSymbol(">>>")) return Refused("a bit shift operator");
    if (IsSymbol("?") || IsSymbol(":")) return Refused("a parameter or a path into a variant");
    if (IsWord("OVER")) return Refused("a window function");
    if (IsWord("COLLATE")) return Refused("COLLATE");
    return InvalidArgument("the SQL expression has an unexpected '{}' {}", Here().text, Place(text_, Here().position));
  }
  Error Refused(std::string_view what) const {
    return Unsupported("this build cannot evaluate {} {}", what, Place(text_, Here().position));
  }
  Syntax Make(Kind kind, size_t position, std::string text = "", std::vector<Syntax> parts = {}) const {
    Syntax syntax;
    syntax.kind = kind;
    syntax.position = position;
    syntax.text = std::move(text);
    syntax.parts = std::move(parts);
    for (const auto& part : syntax.parts) syntax.depth = std::max(syntax.depth, part.depth + 1);
    return syntax;
  }
  static std::vector<Syntax> Parts(Syntax one, Syntax two) {
    std::vector<Syntax> parts;
    parts.push_back(std::move(one));
    parts.push_back(std::move(two));
    return parts;
  }
  static std::vector<Syntax> Parts(Syntax one) {
    std::vector<Syntax> parts;
    parts.push_back(std::move(one));
    return parts;
  }

  // ---- boolean levels ----

  Result<Syntax> Expression() {
    const Level level(&depth_);
    if (depth_ > kMaxDepth) return Refused("an expression nested so deep");
    return Or();
  }

  // A chain of OR (or AND) is one node of many parts: evaluation goes from left to right, and long chains stay flat.
  Result<Syntax> Or() {
    DELTIC_TRY(auto first, And());
    return Chain("OR", std::move(first), &Parser::And);
  }
  Result<Syntax> And() {
    DELTIC_TRY(auto first, Not());
    return Chain("AND", std::move(first), &Parser::Not);
  }
  Result<Syntax> Chain(std::string_view word, Syntax first, Result<Syntax> (Parser::*next)()) {
    if (!IsWord(word)) return first;
    auto chain = Make(Kind::kBinaryOp, Here().position, std::string(word), Parts(std::move(first)));
    while (TakeWord(word)) {
      DELTIC_TRY(auto part, (this->*next)());
      chain.parts.push_back(std::move(part));
    }
    return chain;
  }

  Result<Syntax> Not() {
    const size_t position = Here().position;
    if (TakeWord("NOT") || TakeSymbol("!")) {
      const Level level(&depth_);
      if (depth_ > kMaxDepth) return Refused("an expression nested so deep");
      DELTIC_TRY(auto operand, Not());
      return Make(Kind::kUnary, position, "NOT", Parts(std::move(operand)));
    }
    if (IsWord("EXISTS") && IsSymbol("(", 1) && IsWord("SELECT", 2)) return Refused("a subquery");
    DELTIC_TRY(auto value, Value());
    return Predicate(std::move(value));
  }

  Result<Syntax> Predicate(Syntax value) {
    const size_t position = Here().position;
    if (TakeWord("IS")) return Is(std::move(value), position);
    const size_t before = at_;
    const bool negated = TakeWord("NOT") || (IsSymbol("!") && TakeSymbol("!"));
    Syntax syntax;
    if (TakeWord("BETWEEN")) {
      DELTIC_TRY(auto low, Value());
      DELTIC_CHECK(NeedWord("AND"));
      DELTIC_TRY(auto high, Value());
      syntax = Make(Kind::kBetween, position, "", Parts(std::move(value), std::move(low)));
      syntax.parts.push_back(std::move(high));
    } else if (TakeWord("IN")) {
      DELTIC_CHECK(NeedSymbol("("));
      if (IsWord("SELECT") || IsWord("WITH") || IsWord("VALUES")) return Refused("a subquery");
      syntax = Make(Kind::kIn, position, "", Parts(std::move(value)));
      do {
        DELTIC_TRY(auto item, Expression());
        syntax.parts.push_back(std::move(item));
      } while (TakeSymbol(","));
      DELTIC_CHECK(NeedSymbol(")"));
    } else if (IsWord("LIKE") || IsWord("ILIKE") || IsWord("RLIKE") || IsWord("REGEXP")) {
      const bool regex = IsWord("RLIKE") || IsWord("REGEXP");
      const auto word = regex ? std::string("RLIKE") : Upper(Here().text);
      ++at_;
      if (IsWord("ANY") || IsWord("SOME") || IsWord("ALL")) return Refused("LIKE ANY, SOME or ALL");
      DELTIC_TRY(auto pattern, Value());
      syntax = Make(Kind::kLike, position, word, Parts(std::move(value), std::move(pattern)));
      if (!regex && TakeWord("ESCAPE")) {
        if (Here().kind != TokenKind::kString) return Missing("an escape character in quotes");
        syntax.names.push_back(Here().text);
        ++at_;
      }
    } else {
      at_ = before;
      return value;
    }
    syntax.negated = negated;
    return syntax;
  }

  Result<Syntax> Is(Syntax value, size_t position) {
    const bool negated = TakeWord("NOT");
    auto syntax = Make(Kind::kIs, position, "", Parts(std::move(value)));
    syntax.negated = negated;
    if (TakeWord("DISTINCT")) {
      DELTIC_CHECK(NeedWord("FROM"));
      DELTIC_TRY(auto right, Value());
      syntax.text = "DISTINCT FROM";
      syntax.parts.push_back(std::move(right));
      return syntax;
    }
    for (const std::string_view word : {"NULL", "TRUE", "FALSE", "UNKNOWN"}) {
      if (TakeWord(word)) {
        syntax.text = word == "UNKNOWN" ? "NULL" : std::string(word);
        return syntax;
      }
    }
    return Missing("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  }

  // ---- value levels ----

  Result<Syntax> Value() { return Binary(0); }

  // The operators of one level, in capitals; the highest level is that of the unary operators.
  std::string OperatorAt(size_t level) const {
    static const std::array<std::vector<std::string_view>, 7> kLevels = {
        std::vector<std::string_view>{"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"},
        {"|"},
        {"^"},
        {"&"},
        {"<<", ">>", ">>>"},
        {"+", "-", "||"},
        {"*", "/", "%", "DIV"}};
    for (const auto& symbol : kLevels[level]) {
      if (IsSymbol(symbol) || (symbol == "DIV" && IsWord("DIV"))) return std::string(symbol);
    }
    return "";
  }

  Result<Syntax> Binary(size_t level) {
    if (level == 7) return Unary();
    DELTIC_TRY(auto left, Binary(level + 1));
    while (true) {
      auto symbol = OperatorAt(level);
      if (symbol.empty()) return left;
      if (level == 4) return Refused("a bit shift operator");
      if (left.depth > 2 * kMaxDepth) return Refused("an expression nested so deep");  // the tree leans to the left
      const size_t position = Here().position;
      ++at_;
      if (symbol == "==") symbol = "=";
      if (symbol == "!=") symbol = "<>";
      DELTIC_TRY(auto right, Binary(level + 1));
      left = Make(Kind::kBinaryOp, position, std::move(symbol), Parts(std::move(left), std::move(right)));
    }
  }

  Result<Syntax> Unary() {
    const size_t position = Here().position;
    if (IsSymbol("-") && Here(1).kind == TokenKind::kNumber) {  // the grammar's number may begin with a minus
      ++at_;
      DELTIC_TRY(auto number, Number("-", position));
      return Postfix(std::move(number));
    }
    for (const std::string_view symbol : {"-", "+", "~"}) {
      if (TakeSymbol(symbol)) {
        const Level level(&depth_);
        if (depth_ > kMaxDepth) return Refused("an expression nested so deep");
        DELTIC_TRY(auto operand, Unary());
        return Make(Kind::kUnary, position, std::string(symbol), Parts(std::move(operand)));
      }
    }
    DELTIC_TRY(auto primary, Primary());
    return Postfix(std::move(primary));
  }

  Result<Syntax> Postfix(Syntax value) {
    while (true) {
      if (value.depth > 2 * kMaxDepth) return Refused("an expression nested so deep");
      const size_t position = Here().position;
      if (TakeSymbol("[")) {
        DELTIC_TRY(auto index, Expression());
        DELTIC_CHECK(NeedSymbol("]"));
        value = Make(Kind::kElement, position, "", Parts(std::move(value), std::move(index)));
      } else if (TakeSymbol("::")) {
        DELTIC_TRY(auto type, Type());
        value = Make(Kind::kCast, position, "CAST", Parts(std::move(value)));
        value.type = std::move(type);
      } else if (IsSymbol(".") && (Here(1).kind == TokenKind::kWord || Here(1).kind == TokenKind::kQuotedName)) {
        ++at_;
        if (value.kind == Kind::kName) {
          value.names.push_back(Here().text);
        } else {
          value = Make(Kind::kField, position, Here().text, Parts(std::move(value)));
        }
        ++at_;
      } else {
        return value;
      }
    }
  }

  // ---- primary ----

  Result<Syntax> Primary() {
    const Token& token = Here();
    const size_t position = token.position;
    switch (token.kind) {
      case TokenKind::kNumber:
        return Number("", position);
      case TokenKind::kString: {  // strings side by side are one
        auto text = Make(Kind::kString, position);
        for (; Here().kind == TokenKind::kString; ++at_) text.text += Here().text;
        return text;
      }
      case TokenKind::kQuotedName: {
        auto name = Make(Kind::kName, position);
        name.names.push_back(token.text);
        ++at_;
        if (IsSymbol("(")) return Refused("a function named in backticks");
        return name;
      }
      case TokenKind::kSymbol:
        if (TakeSymbol("(")) {
          if (IsWord("SELECT") || IsWord("WITH") || IsWord("VALUES")) return Refused("a subquery");
          DELTIC_TRY(auto inner, Expression());
          if (IsSymbol(",")) return Refused("a row of several values");
          DELTIC_CHECK(NeedSymbol(")"));
          return inner;
        }
        return Unexpected();
      case TokenKind::kWord:
        return Word();
      case TokenKind::kEnd:
        return Unexpected();
    }
    return Unexpected();
  }

  Result<Syntax> Word() {
    const std::string upper = Upper(Here().text);
    const size_t position = Here().position;
    const bool call = IsSymbol("(", 1);
    if (upper == "NULL") return Simple(Kind::kNull);
    if (upper == "TRUE" || upper == "FALSE") return Simple(Kind::kBoolean);
    if (upper == "CASE") return Case();
    if ((upper == "CAST" || upper == "TRY_CAST") && call) return Cast(upper);
    if (upper == "INTERVAL" && !call && !IsSymbol(".", 1)) {
      if (Here(1).kind == TokenKind::kString || Here(1).kind == TokenKind::kNumber || IsSymbol("-", 1))
        return Interval();
    }
    if (Here(1).kind == TokenKind::kString) return TypedLiteral(upper, position);
    if (call) return Call(upper, position);
    if (upper == "CURRENT_DATE" || upper == "CURRENT_TIMESTAMP" || upper == "LOCALTIMESTAMP" ||
        upper == "CURRENT_USER" || upper == "SESSION_USER" || upper == "USER" || upper == "CURRENT_TIME") {
      // Spark looks for a column of that name first; the translator does, too.
      auto name = Make(Kind::kName, position);
      name.names.push_back(Here().text);
      ++at_;
      return name;
    }
    if (IsReserved(upper)) return Unexpected();
    auto name = Make(Kind::kName, position);
    name.names.push_back(Here().text);
    ++at_;
    if (IsSymbol("->")) return Refused("a lambda function");
    return name;
  }

  Result<Syntax> Simple(Kind kind) {
    auto syntax = Make(kind, Here().position, Lower(Here().text));
    ++at_;
    return syntax;
  }

  // Suffixes: L S Y F D BD. Without one: an integer is the first of int, bigint, decimal that holds it; a number with a
  // point is a decimal; one with an exponent is a double.
  Result<Syntax> Number(std::string_view sign, size_t position) {
    const std::string written = Here().text;
    const size_t digits_end = written.find_first_not_of("0123456789.eE+-");
    std::string digits = written.substr(0, digits_end);
    std::string suffix = Upper(digits_end == std::string::npos ? "" : written.substr(digits_end));
    const bool exponent = digits.find_first_of("eE") != std::string::npos;
    const bool point = digits.find('.') != std::string::npos;
    auto number = Make(Kind::kNumber, position, std::string(sign) + digits);
    if (exponent && (digits.back() == 'e' || digits.back() == 'E')) return WrongNumber(written);
    ++at_;
    if (suffix == "D" || (suffix.empty() && exponent)) {
      number.type = DataType(TypeKind::kDouble);
    } else if (suffix == "F") {
      number.type = DataType(TypeKind::kFloat);
    } else if (suffix == "BD" || (suffix.empty() && point && !exponent)) {
      return DecimalNumber(std::move(number));
    } else if (!point && !exponent) {
      return Integer(std::move(number), suffix, written);
    } else {
      return WrongNumber(written);
    }
    return number;
  }
  Error WrongNumber(std::string_view written) const {
    return InvalidArgument("'{}' is no number of Spark's SQL {}", written, Place(text_, Here().position));
  }
  Result<Syntax> Integer(Syntax number, const std::string& suffix, std::string_view written) const {
    int64_t value = 0;
    const auto& text = number.text;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fits = read.ec == std::errc() && read.ptr == text.data() + text.size();
    const auto within = [&](int64_t limit) { return fits && value <= limit && value >= -limit - 1; };
    if (suffix.empty() && !fits) return DecimalNumber(std::move(number));
    if (suffix.empty()) {
      number.type = DataType(within(INT32_MAX) ? TypeKind::kInteger : TypeKind::kLong);
    } else if (suffix == "L" && fits) {
      number.type = DataType(TypeKind::kLong);
    } else if (suffix == "S" && within(INT16_MAX)) {
      number.type = DataType(TypeKind::kShort);
    } else if (suffix == "Y" && within(INT8_MAX)) {
      number.type = DataType(TypeKind::kByte);
    } else {
      return WrongNumber(written);
    }
    number.text = std::to_string(value);
    return number;
  }
  // Precision and scale of the digits as written, as Java's BigDecimal counts them: zeros in front do not count, those
  // after the point do. An exponent (1e2BD) is refused.
  Result<Syntax> DecimalNumber(Syntax number) const {
    std::string_view digits = number.text;
    if (digits.find_first_of("eE") != std::string_view::npos) return Refused("a decimal literal with an exponent");
    const bool negative = digits.substr(0, 1) == "-";
    if (negative) digits.remove_prefix(1);
    const size_t point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    const std::string_view part = point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
    std::string all = std::string(whole) + std::string(part);
    const size_t first = all.find_first_not_of('0');
    const size_t counted = first == std::string::npos ? 1 : all.size() - first;
    const size_t precision = std::max({counted, part.size(), size_t{1}});
    if (precision > 38) return InvalidArgument("a decimal of more than 38 digits {}", Place(text_, number.position));
    number.type = DataType::Decimal(static_cast<int>(precision), static_cast<int>(part.size()));
    number.text = (negative ? "-" : "") + (whole.empty() ? "0" : std::string(whole)) +
                  (part.empty() ? "" : "." + std::string(part));
    return number;
  }

  Result<Syntax> TypedLiteral(const std::string& upper, size_t position) {
    auto literal = Make(Kind::kTyped, position, Here(1).text);
    if (upper == "X") {
      literal.kind = Kind::kBinary;
      const auto& hex = literal.text;
      if (hex.size() % 2 != 0 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
        return InvalidArgument("X'...' needs an even number of hexadecimal digits {}", Place(text_, position));
      }
    } else if (upper == "DATE") {
      literal.type = DataType(TypeKind::kDate);
    } else if (upper == "TIMESTAMP" || upper == "TIMESTAMP_LTZ") {
      literal.type = DataType(TypeKind::kTimestamp);
    } else if (upper == "TIMESTAMP_NTZ") {
      literal.type = DataType(TypeKind::kTimestampNtz);
    } else {
      return Refused("a literal of type " + upper);
    }
    at_ += 2;
    return literal;
  }

  Result<Syntax> Case() {
    auto syntax = Make(Kind::kCase, Here().position, "searched");
    ++at_;
    if (!IsWord("WHEN")) {
      syntax.text = "simple";
      DELTIC_TRY(auto operand, Expression());
      syntax.parts.push_back(std::move(operand));
    }
    if (!IsWord("WHEN")) return Missing("WHEN");
    while (TakeWord("WHEN")) {
      DELTIC_TRY(auto when, Expression());
      DELTIC_CHECK(NeedWord("THEN"));
      DELTIC_TRY(auto then, Expression());
      syntax.parts.push_back(std::move(when));
      syntax.parts.push_back(std::move(then));
    }
    if (TakeWord("ELSE")) {
      DELTIC_TRY(auto otherwise, Expression());
      syntax.parts.push_back(std::move(otherwise));
      syntax.has_else = true;
    }
    DELTIC_CHECK(NeedWord("END"));
    return syntax;
  }

  Result<Syntax> Cast(const std::string& word) {
    auto syntax = Make(Kind::kCast, Here().position, word);
    at_ += 2;
    DELTIC_TRY(auto operand, Expression());
    DELTIC_CHECK(NeedWord("AS"));
    DELTIC_TRY(syntax.type, Type());
    DELTIC_CHECK(NeedSymbol(")"));
    syntax.parts.push_back(std::move(operand));
    return syntax;
  }

  Result<DataType> Type() {
    if (Here().kind != TokenKind::kWord) return Missing("a type");
    const std::string name = Upper(Here().text);
    static const std::array<std::pair<std::string_view, TypeKind>, 20> kTypes = {
        {{"BOOLEAN", TypeKind::kBoolean},
         {"TINYINT", TypeKind::kByte},
         {"BYTE", TypeKind::kByte},
         {"SMALLINT", TypeKind::kShort},
         {"SHORT", TypeKind::kShort},
         {"INT", TypeKind::kInteger},
         {"INTEGER", TypeKind::kInteger},
         {"BIGINT", TypeKind::kLong},
         {"LONG", TypeKind::kLong},
         {"FLOAT", TypeKind::kFloat},
         {"REAL", TypeKind::kFloat},
         {"DOUBLE", TypeKind::kDouble},
         {"STRING", TypeKind::kString},
         {"BINARY", TypeKind::kBinary},
         {"DATE", TypeKind::kDate},
         {"TIMESTAMP", TypeKind::kTimestamp},
         {"TIMESTAMP_LTZ", TypeKind::kTimestamp},
         {"TIMESTAMP_NTZ", TypeKind::kTimestampNtz},
         {"VOID", TypeKind::kVoid},
         {"DECIMAL", TypeKind::kDecimal}}};
    for (const auto& [word, kind] : kTypes) {
      if (name == word && kind != TypeKind::kDecimal) {
        ++at_;
        if (IsWord("COLLATE")) return Refused("COLLATE");
        return DataType(kind);
      }
    }
    if (name != "DECIMAL" && name != "DEC" && name != "NUMERIC") return Refused("a cast to " + name);
    ++at_;
    int64_t precision = 10;
    int64_t scale = 0;
    if (TakeSymbol("(")) {
      DELTIC_TRY(precision, SmallNumber());
      if (TakeSymbol(",")) {
        DELTIC_TRY(scale, SmallNumber());
      }
      DELTIC_CHECK(NeedSymbol(")"));
    }
    if (precision < 1 || precision > 38 || scale > precision) {
      return InvalidArgument("decimal({},{}) is no type {}", precision, scale, Place(text_, Here().position));
    }
    return DataType::Decimal(static_cast<int>(precision), static_cast<int>(scale));
  }
  Result<int64_t> SmallNumber() {
    const auto& text = Here().text;
    if (Here().kind != TokenKind::kNumber || text.size() > 2 ||
        text.find_first_not_of("0123456789") != std::string::npos) {
      return Missing("a number");
    }
    ++at_;
    return std::stoll(text);
  }

  // name(args), and the forms whose arguments are not divided by commas.
  Result<Syntax> Call(const std::string& upper, size_t position) {
    auto call = Make(Kind::kCall, position, Lower(upper));
    at_ += 2;
    if (upper == "EXTRACT") return Extract(std::move(call));
    if (upper == "POSITION") {
      DELTIC_TRY(auto part, Value());
      if (!TakeSymbol(",")) DELTIC_CHECK(NeedWord("IN"));
      DELTIC_TRY(auto whole, Value());
      DELTIC_CHECK(NeedSymbol(")"));
      call.parts = Parts(std::move(part), std::move(whole));
      return call;
    }
    if (upper == "TRIM" && (IsWord("BOTH") || IsWord("LEADING") || IsWord("TRAILING"))) return Trim(std::move(call));
    if (IsWord("DISTINCT") || IsWord("ALL") || IsSymbol("*")) return Refused("the aggregate function " + upper);
    if ((upper == "DATEDIFF" || upper == "DATE_DIFF" || upper == "DATEADD" || upper == "DATE_ADD" ||
         upper == "TIMESTAMPADD" || upper == "TIMESTAMPDIFF") &&
        Here().kind == TokenKind::kWord && IsSymbol(",", 1) && IsUnit(Upper(Here().text))) {
      return Refused("the form of " + upper + " that begins with a unit");
    }
    if (!IsSymbol(")")) {
      if (IsWord("SELECT") || IsWord("WITH")) return Refused("a subquery");
      do {
        if (IsSymbol("(") && IsSymbol(",", 2)) {  // (x, y) -> ...
          for (size_t ahead = 1; ahead < 20; ++ahead) {
            if (IsSymbol("->", ahead)) return Refused("a lambda function");
          }
        }
        DELTIC_TRY(auto argument, Expression());
        // named_struct and struct give names to their fields: struct(a AS b).
        if (IsWord("AS")) return Refused("an alias within " + upper);
        call.parts.push_back(std::move(argument));
        if ((upper == "SUBSTRING" || upper == "SUBSTR") && call.parts.size() == 1 && TakeWord("FROM")) {
          return SubstringFrom(std::move(call));
        }
        if (upper == "TRIM" && call.parts.size() == 1 && TakeWord("FROM")) {
          DELTIC_TRY(auto subject, Expression());
          call.parts.insert(call.parts.begin(), std::move(subject));
          call.text = "btrim";
          break;
        }
      } while (TakeSymbol(","));
    }
    if (!TakeSymbol(")")) return Unexpected();
    if (IsWord("OVER") || IsWord("FILTER") || (IsWord("WITHIN") && IsWord("GROUP", 1)) ||
        ((IsWord("IGNORE") || IsWord("RESPECT")) && IsWord("NULLS", 1))) {
      return Refused("a window or aggregate function");
    }
    return call;
  }
  static bool IsUnit(std::string_view upper) {
    static constexpr std::array<std::string_view, 11> kUnits = {"YEAR",   "QUARTER",     "MONTH",      "WEEK",
                                                                "DAY",    "DAYOFYEAR",   "HOUR",       "MINUTE",
                                                                "SECOND", "MILLISECOND", "MICROSECOND"};
    return std::find(kUnits.begin(), kUnits.end(), upper) != kUnits.end();
  }
  Result<Syntax> SubstringFrom(Syntax call) {
    DELTIC_TRY(auto from, Expression());
    call.parts.push_back(std::move(from));
    if (TakeWord("FOR")) {
      DELTIC_TRY(auto length, Expression());
      call.parts.push_back(std::move(length));
    }
    DELTIC_CHECK(NeedSymbol(")"));
    return call;
  }
  Result<Syntax> Extract(Syntax call) {
    if (Here().kind != TokenKind::kWord && Here().kind != TokenKind::kString) return Unexpected();
    auto field = Make(Kind::kString, Here().position, Here().text);
    ++at_;
    DELTIC_CHECK(NeedWord("FROM"));
    DELTIC_TRY(auto source, Expression());
    DELTIC_CHECK(NeedSymbol(")"));
    call.text = "date_part";
    call.parts = Parts(std::move(field), std::move(source));
    return call;
  }
  Result<Syntax> Trim(Syntax call) {
    call.text = IsWord("BOTH") ? "btrim" : IsWord("LEADING") ? "trim leading" : "trim trailing";
    ++at_;
    std::optional<Syntax> characters;
    if (!IsWord("FROM")) {
      DELTIC_TRY(characters, Expression());
    }
    DELTIC_CHECK(NeedWord("FROM"));
    DELTIC_TRY(auto subject, Expression());
    DELTIC_CHECK(NeedSymbol(")"));
    call.parts = Parts(std::move(subject));
    if (characters) call.parts.push_back(std::move(*characters));
    return call;
  }

  // INTERVAL '3' DAY, INTERVAL 3 DAYS, INTERVAL -3 DAY 2 HOURS, INTERVAL '3 days 2 hours'. Whole numbers only; the
  // forms with TO ('1-2' YEAR TO MONTH) are refused.
  Result<Syntax> Interval() {
    auto interval = Make(Kind::kInterval, Here().position);
    ++at_;
    std::vector<std::string> words;
    if (Here().kind == TokenKind::kString && Here(1).kind != TokenKind::kWord) {
      std::string word;
      for (const char c : Here().text + " ") {
        if (c != ' ') {
          word.push_back(c);
        } else if (!word.empty()) {
          words.push_back(std::exchange(word, ""));
        }
      }
      ++at_;
    } else {
      while (Here().kind == TokenKind::kString || Here().kind == TokenKind::kNumber || IsSymbol("-")) {
        std::string number = TakeSymbol("-") ? "-" : "";
        if (Here().kind != TokenKind::kString && Here().kind != TokenKind::kNumber) return Unexpected();
        number += Here().text;
        ++at_;
        if (Here().kind != TokenKind::kWord) return Missing("a unit of time");
        words.push_back(std::move(number));
        words.push_back(Here().text);
        ++at_;
        if (IsWord("TO")) return Refused("an interval of the form '...' UNIT TO UNIT");
      }
    }
    if (words.empty() || words.size() % 2 != 0) return Refused("an interval written so");
    bool months = false;
    bool micros = false;
    for (size_t i = 0; i < words.size(); i += 2) {
      DELTIC_CHECK(AddUnit(words[i], words[i + 1], &interval));
      const auto unit = Upper(words[i + 1]);
      (unit.rfind("YEAR", 0) == 0 || unit.rfind("MONTH", 0) == 0 ? months : micros) = true;
    }
    if (months && micros) return Refused("an interval of months and days together");
    interval.text = months ? "months" : "micros";
    return interval;
  }
  Status AddUnit(const std::string& number, const std::string& unit, Syntax* interval) const {
    int64_t count = 0;
    const auto begin = number.data() + (number.substr(0, 1) == "+" ? 1 : 0);
    const auto read = std::from_chars(begin, number.data() + number.size(), count);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size()) {
      return Refused("an interval whose number is not whole");
    }
    struct Unit {
      std::string_view name;
      int64_t months, micros;
    };
    static constexpr std::array<Unit, 9> kUnits = {{{"YEAR", 12, 0},
                                                    {"MONTH", 1, 0},
                                                    {"WEEK", 0, 604'800'000'000},
                                                    {"DAY", 0, 86'400'000'000},
                                                    {"HOUR", 0, 3'600'000'000},
                                                    {"MINUTE", 0, 60'000'000},
                                                    {"SECOND", 0, 1'000'000},
                                                    {"MILLISECOND", 0, 1'000},
                                                    {"MICROSECOND", 0, 1}}};
    const std::string upper = Upper(unit);
    for (const auto& known : kUnits) {
      if (upper != known.name && upper != std::string(known.name) + "S") continue;
      int64_t added = 0;
      if (__builtin_mul_overflow(count, known.months + known.micros, &added) ||
          __builtin_add_overflow(added, known.months != 0 ? interval->months : interval->micros, &added) ||
          (known.months != 0 && (added > INT32_MAX || added < INT32_MIN))) {
        return InvalidArgument("an interval that is too long {}", Place(text_, interval->position));
      }
      (known.months != 0 ? interval->months : interval->micros) = added;
      return {};
    }
    return Refused("an interval of '" + unit + "'");
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Syntax> ParseExpression(std::string_view text) {
  if (text.size() > kMaxBytes)
    return Unsupported("a SQL expression of {} bytes is longer than this build reads", text.size());
  DELTIC_TRY(auto tokens, Tokenize(text));
  return Parser(text, std::move(tokens)).Run();
}

}  // namespace deltic::sparksql
