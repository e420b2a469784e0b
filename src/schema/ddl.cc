// Owns the parser of column definitions. One pass over the text, no tokens kept.
#include "schema/ddl.h"

#include <charconv>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/json_text.h"
#include "schema/type_names.h"

namespace deltic {
namespace {

constexpr int kDeepest = 200;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}
bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string Json(std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

// SQL's names that are not the protocol's.
std::string_view ProtocolName(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"bigint", "long"}, {"int", "integer"}, {"smallint", "short"}, {"tinyint", "byte"}, {"real", "float"}};
  for (const auto& [sql, protocol] : kNames) {
    if (sql == name) return protocol;
  }
  return name;
}

// A type, and its text in Spark's spelling, which a column keeps when char or varchar is in it.
struct TypeText {
  DataType type;
  std::string text;
  bool has_char = false;
};

class DdlParser {
 public:
  explicit DdlParser(std::string_view text) : text_(text) {}

  Result<Fields> Columns() {
    Fields fields;
    do {
      DELTIC_TRY(StructField field, Column());
      fields.push_back(std::move(field));
    } while (TakeSymbol(','));
    DELTIC_CHECK(AtEnd());
    return fields;
  }

  Result<DataType> OnlyType() {
    DELTIC_TRY(TypeText type, Type(0));
    DELTIC_CHECK(AtEnd());
    return std::move(type.type);
  }

 private:
  // ---- tokens ----
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      at_++;
  }
  bool TakeSymbol(char symbol) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != symbol) return false;
    at_++;
    return true;
  }
  std::string_view PeekWord() {
    SkipSpace();
    size_t end = at_;
    while (end < text_.size() && IsWordChar(text_[end])) end++;
    return text_.substr(at_, end - at_);
  }
  bool TakeWord(std::string_view word) {
    const std::string_view next = PeekWord();
    if (Lower(next) != word) return false;
    at_ += next.size();
    return true;
  }
  Error Expected(std::string_view what) {
    SkipSpace();
    const std::string_view rest = text_.substr(at_, 20);
    if (rest.empty())
      return InvalidArgument("column definitions: expected {} at the end of \"{}\"", what, text_.substr(0, 200));
    return InvalidArgument("column definitions: expected {} at character {}, before \"{}\"", what, at_ + 1, rest);
  }
  Status AtEnd() {
    SkipSpace();
    return at_ == text_.size() ? Status() : Status(Expected("a comma or the end"));
  }
  Status Need(char symbol) { return TakeSymbol(symbol) ? Status() : Status(Expected(fmt::format("'{}'", symbol))); }

  Result<std::string> Name() {
    SkipSpace();
    if (at_ < text_.size() && text_[at_] == '`') return Quoted('`');
    const std::string_view word = PeekWord();
    if (word.empty()) return Expected("a column name");
    at_ += word.size();
    return std::string(word);
  }
  // Doubled quotes stand for one; backslashes escape in strings only.
  Result<std::string> Quoted(char quote) {
    const size_t begin = at_++;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) {
        if (at_ == text_.size() || text_[at_] != quote) return value;
        at_++;
        value += quote;
      } else if (c == '\\' && quote != '`' && at_ < text_.size()) {
        const char escaped = text_[at_++];
        value += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      } else {
        value += c;
      }
    }
    at_ = begin;
    return Expected(fmt::format("a closing {} for what opens", quote));
  }
  Result<std::string> StringLiteral() {
    SkipSpace();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return Expected("a string in quotes");
    return Quoted(text_[at_]);
  }
  Result<int64_t> Number() {
    SkipSpace();
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) return Expected("a whole number");
    at_ = static_cast<size_t>(end - text_.data());
    return number;
  }
  // Up to the end of an expression: its closing parenthesis, a comma, or the next option's keyword.
  Result<std::string> Expression(bool in_parentheses) {
    SkipSpace();
    const size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"' || c == '`') {
        DELTIC_TRY(const std::string skipped, Quoted(c));
        continue;
      }
      if (c == '(' || c == '[') depth++;
      if (c == ')' || c == ']') {
        if (depth == 0) break;
        depth--;
      }
      if (c == ',' && depth == 0) break;
      if (!in_parentheses && depth == 0 && at_ > begin && !IsWordChar(text_[at_ - 1]) && IsWordChar(c)) {
        const std::string word = Lower(PeekWord());
        if (word == "comment" || word == "generated") break;
        if (word == "not" && NextAfterWordIs("null")) break;
      }
      at_++;
    }
    std::string_view found = text_.substr(begin, at_ - begin);
    while (!found.empty() && (found.back() == ' ' || found.back() == '\n' || found.back() == '\t'))
      found.remove_suffix(1);
    if (found.empty()) return Expected("an expression");
    return std::string(found);
  }
  bool NextAfterWordIs(std::string_view word) {
    const size_t before = at_;
    at_ += PeekWord().size();
    const bool is = Lower(PeekWord()) == word;
    at_ = before;
    return is;
  }

  // ---- columns ----
  Result<StructField> Column() {
    StructField field;
    DELTIC_TRY(field.name, Name());
    TakeSymbol(':');
    DELTIC_TRY(TypeText type, Type(0));
    field.type = std::move(type.type);
    if (type.has_char) field.metadata["__CHAR_VARCHAR_TYPE_STRING"] = Json(type.text);
    while (true) {
      if (TakeWord("not")) {
        if (!TakeWord("null")) return Expected("NULL after NOT");
        field.nullable = false;
      } else if (TakeWord("null")) {
        field.nullable = true;
      } else if (TakeWord("comment")) {
        DELTIC_TRY(const std::string comment, StringLiteral());
        field.metadata["comment"] = Json(comment);
      } else if (TakeWord("default")) {
        DELTIC_TRY(const std::string expression, Expression(false));
        field.metadata["CURRENT_DEFAULT"] = Json(expression);
        // No EXISTS_DEFAULT: Spark's other formats read it for rows of old files, Delta's default is for writes alone.
      } else if (TakeWord("generated")) {
        DELTIC_CHECK(Generated(field));
      } else {
        return field;
      }
    }
  }

  Status Generated(StructField& field) {
    bool by_default = false;
    if (TakeWord("by")) {
      if (!TakeWord("default")) return Expected("DEFAULT after GENERATED BY");
      by_default = true;
    } else if (!TakeWord("always")) {
      return Expected("ALWAYS or BY DEFAULT after GENERATED");
    }
    if (!TakeWord("as")) return Expected("AS");
    if (TakeWord("identity")) return Identity(field, by_default);
    if (by_default) return Expected("IDENTITY after GENERATED BY DEFAULT AS");
    DELTIC_CHECK(Need('('));
    DELTIC_TRY(const std::string expression, Expression(true));
    DELTIC_CHECK(Need(')'));
    field.metadata["delta.generationExpression"] = Json(expression);
    return {};
  }

  Status Identity(StructField& field, bool by_default) {
    int64_t start = 1;
    int64_t step = 1;
    if (TakeSymbol('(')) {
      while (!TakeSymbol(')')) {
        if (TakeWord("start")) {
          if (!TakeWord("with")) return Expected("WITH after START");
          DELTIC_TRY(start, Number());
        } else if (TakeWord("increment")) {
          if (!TakeWord("by")) return Expected("BY after INCREMENT");
          DELTIC_TRY(step, Number());
        } else {
          return Expected("START WITH, INCREMENT BY or ')'");
        }
        TakeSymbol(',');
      }
    }
    if (step == 0) return InvalidArgument("identity column {}: INCREMENT BY must not be 0", field.name);
    if (field.type.kind() != TypeKind::kLong) {
      return InvalidArgument("identity column {}: its type must be bigint, not {}", field.name, field.type.ToString());
    }
    field.metadata["delta.identity.start"] = std::to_string(start);
    field.metadata["delta.identity.step"] = std::to_string(step);
    field.metadata["delta.identity.allowExplicitInsert"] = by_default ? "true" : "false";
    return {};
  }

  // ---- types ----
  Result<TypeText> Type(int depth) {
    if (depth > kDeepest) return InvalidArgument("column definitions: types nest deeper than {} levels", kDeepest);
    const std::string_view word = PeekWord();
    if (word.empty()) return Expected("a type");
    const std::string name = Lower(word);
    at_ += word.size();
    if (name == "array") return ArrayType(depth);
    if (name == "map") return MapType(depth);
    if (name == "struct") return Struct(depth);
    if (name == "decimal" || name == "dec" || name == "numeric") return Decimal();
    if (name == "char" || name == "character" || name == "varchar")
      return CharType(name == "varchar" ? "varchar" : "char");
    Result<DataType> type = ParseTypeName(ProtocolName(name));
    if (!type.ok()) {
      if (type.error().code() == Code::kUnsupported) return std::move(type).error();
      at_ -= word.size();
      return Expected("a type (such as bigint, string or array<int>)");
    }
    std::string text = type->ToString();
    return TypeText{std::move(*type), std::move(text), false};
  }

  Result<TypeText> ArrayType(int depth) {
    DELTIC_CHECK(Need('<'));
    DELTIC_TRY(TypeText element, Type(depth + 1));
    DELTIC_CHECK(Need('>'));
    return TypeText{DataType::Array(element.type, true), "array<" + element.text + ">", element.has_char};
  }
  Result<TypeText> MapType(int depth) {
    DELTIC_CHECK(Need('<'));
    DELTIC_TRY(TypeText key, Type(depth + 1));
    DELTIC_CHECK(Need(','));
    DELTIC_TRY(TypeText value, Type(depth + 1));
    DELTIC_CHECK(Need('>'));
    return TypeText{DataType::Map(key.type, value.type, true), "map<" + key.text + "," + value.text + ">",
                    key.has_char || value.has_char};
  }
  Result<TypeText> Struct(int depth) {
    DELTIC_CHECK(Need('<'));
    Fields fields;
    std::string text;
    bool has_char = false;
    while (!TakeSymbol('>')) {
      StructField field;
      DELTIC_TRY(field.name, Name());
      TakeSymbol(':');
      DELTIC_TRY(TypeText type, Type(depth + 1));
      field.type = std::move(type.type);
      has_char |= type.has_char;
      if (TakeWord("not")) {
        if (!TakeWord("null")) return Expected("NULL after NOT");
        field.nullable = false;
      }
      if (TakeWord("comment")) {
        DELTIC_TRY(const std::string comment, StringLiteral());
        field.metadata["comment"] = Json(comment);
      }
      text += (text.empty() ? "" : ",") + field.name + ":" + type.text;
      fields.push_back(std::move(field));
      if (!TakeSymbol(',')) {
        DELTIC_CHECK(Need('>'));
        break;
      }
    }
    return TypeText{DataType::Struct(std::move(fields)), "struct<" + text + ">", has_char};
  }
  Result<TypeText> Decimal() {
    int64_t precision = 10;
    int64_t scale = 0;
    if (TakeSymbol('(')) {
      DELTIC_TRY(precision, Number());
      if (TakeSymbol(',')) {
        DELTIC_TRY(scale, Number());
      }
      DELTIC_CHECK(Need(')'));
    }
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
      return InvalidArgument("decimal({},{}): precision must be 1 to 38 and scale 0 to the precision", precision,
                             scale);
    }
    DataType type = DataType::Decimal(static_cast<int>(precision), static_cast<int>(scale));
    std::string text = type.ToString();
    return TypeText{std::move(type), std::move(text), false};
  }
  Result<TypeText> CharType(const std::string& name) {
    DELTIC_CHECK(Need('('));
    DELTIC_TRY(const int64_t length, Number());
    DELTIC_CHECK(Need(')'));
    if (length < 1 || length > 2147483647)
      return InvalidArgument("{}({}): the length must be at least 1", name, length);
    return TypeText{DataType(TypeKind::kString), fmt::format("{}({})", name, length), true};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<Fields> ParseDdl(std::string_view text) { return DdlParser(text).Columns(); }

Result<DataType> ParseDdlType(std::string_view text) { return DdlParser(text).OnlyType(); }

}  // namespace deltic
