// Owns the walk over a parsed expression: names looked up in the schema, each node said by the folder's other files.
#include "sparksql/translate.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "sparksql/cast.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/functions.h"
#include "sparksql/lexer.h"
#include "sparksql/operators.h"
#include "sparksql/parser.h"

namespace deltic {
namespace sparksql {
namespace {

using Kind = Syntax::Kind;

// Operands are written more than once where Spark's meaning needs a test of them: text that grows beyond this is
// refused.
constexpr size_t kMaxSql = 1 << 20;

class Translator {
 public:
  Translator(std::string_view text, const Fields& schema) : text_(text), schema_(schema) {}

  Result<EngineSql> Run(const Syntax& syntax) {
    DELTIC_TRY(auto typed, Say(syntax));
    EngineSql engine;
    engine.sql = std::move(typed.sql);
    engine.type = std::move(typed.type);
    engine.columns = std::move(columns_);
    engine.depends_on_the_clock = clock_;
    return engine;
  }

 private:
  // An error of the other files gets its place once, at the innermost node.
  Result<Typed> Say(const Syntax& syntax) {
    auto said = SayNode(syntax);
    if (!said.ok()) {
      const auto& error = said.error();
      if (error.message().find("at character ") != std::string::npos) return said;
      return Error(error.code(), error.message() + " " + Place(text_, syntax.position));
    }
    if (said->sql.size() > kMaxSql) {
      return Unsupported("this build cannot evaluate an expression so large {}", Place(text_, syntax.position));
    }
    return said;
  }

  Result<std::vector<Typed>> SayAll(const std::vector<Syntax>& parts) {
    std::vector<Typed> said;
    for (const auto& part : parts) {
      DELTIC_TRY(auto one, Say(part));
      said.push_back(std::move(one));
    }
    return said;
  }

  Result<Typed> SayNode(const Syntax& syntax) {
    switch (syntax.kind) {
      case Kind::kNull:
        return NullOf(DataType());
      case Kind::kBoolean:
        return Plain(syntax.text == "true" ? "TRUE" : "FALSE", DataType(TypeKind::kBoolean));
      case Kind::kString: {
        auto text = Plain(QuoteSqlText(syntax.text), DataType(TypeKind::kString));
        text.text = syntax.text;
        return text;
      }
      case Kind::kBinary:
        return Plain("unhex(" + QuoteSqlText(syntax.text) + ")", DataType(TypeKind::kBinary));
      case Kind::kNumber:
        return Number(syntax);
      case Kind::kTyped:
        return TimeLiteral(syntax.text, syntax.type);
      case Kind::kInterval:
        return Unsupported("this build has intervals only added to or taken from a date or a timestamp");
      case Kind::kName:
        return Name(syntax);
      case Kind::kUnary: {
        DELTIC_TRY(const auto operand, Say(syntax.parts[0]));
        return SayUnary(syntax.text, operand);
      }
      case Kind::kBinaryOp:
        return BinaryOp(syntax);
      case Kind::kIs:
        return Is(syntax);
      case Kind::kBetween: {
        DELTIC_TRY(const auto parts, SayAll(syntax.parts));
        DELTIC_TRY(auto low, SayBinary(">=", parts[0], parts[1]));
        DELTIC_TRY(auto high, SayBinary("<=", parts[0], parts[2]));
        DELTIC_TRY(auto both, SayLogic("AND", {std::move(low), std::move(high)}));
        return Maybe(syntax.negated, std::move(both));
      }
      case Kind::kIn: {
        DELTIC_TRY(auto parts, SayAll(syntax.parts));
        const auto value = parts[0];
        parts.erase(parts.begin());
        DELTIC_TRY(auto in, SayIn(value, parts));
        return Maybe(syntax.negated, std::move(in));
      }
      case Kind::kLike:
        return Like(syntax);
      case Kind::kCase:
        return Case(syntax);
      case Kind::kCast: {
        DELTIC_TRY(const auto operand, Say(syntax.parts[0]));
        DELTIC_TRY(auto cast, Cast(operand, syntax.type));
        if (syntax.text == "TRY_CAST" && cast.can_fail) {
          return Unsupported("this build cannot evaluate try_cast of {} to {}", operand.type.ToString(),
                             syntax.type.ToString());
        }
        cast.literal_digits.reset();  // Spark counts the digits of bare literals only
        return cast;
      }
      case Kind::kCall: {
        Call call{syntax.text, {}};
        DELTIC_TRY(call.arguments, SayAll(syntax.parts));
        clock_ = clock_ || DependsOnTheClock(call.name);
        return SayCall(call);
      }
      case Kind::kField: {
        DELTIC_TRY(const auto operand, Say(syntax.parts[0]));
        return Member(operand, syntax.text);
      }
      case Kind::kElement: {
        DELTIC_TRY(const auto parts, SayAll(syntax.parts));
        if (parts[0].type.kind() == TypeKind::kStruct && parts[1].text) return Member(parts[0], *parts[1].text);
        return SayIndex(parts[0], parts[1]);
      }
    }
    return Internal("a kind of syntax without a meaning");
  }

  static Typed Plain(std::string sql, DataType type) {
    Typed typed;
    typed.sql = std::move(sql);
    typed.type = std::move(type);
    return typed;
  }

  static Result<Typed> Maybe(bool negated, Typed value) {
    if (!negated) return value;
    return SayUnary("NOT", value);
  }

  static Typed Number(const Syntax& syntax) {
    auto number = Plain(CastSql(QuoteSqlText(syntax.text), syntax.type), syntax.type);
    if (IsIntegral(syntax.type)) {
      number.whole = std::stoll(syntax.text);
      if (syntax.text[0] != '-') number.sql = CastSql(syntax.text, syntax.type);
      if (syntax.type.kind() != TypeKind::kByte) {
        number.literal_digits = static_cast<int>(syntax.text.size() - (syntax.text[0] == '-' ? 1 : 0));
      }
    }
    return number;
  }

  Result<Typed> Name(const Syntax& syntax) {
    const auto* field = FindField(schema_, syntax.names[0]);
    if (field == nullptr) {
      std::string lower = syntax.names[0];
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
      if (syntax.names.size() == 1 && (lower == "current_date" || lower == "current_timestamp")) {
        clock_ = true;
        return SayCall({lower, {}});
      }
      return InvalidArgument("the table has no column {}", ToString(ColumnPath(syntax.names)));
    }
    ColumnPath path = {field->name};
    Typed value = Plain(QuoteSqlName(field->name), field->type);
    for (size_t i = 1; i < syntax.names.size(); ++i) {
      const bool member = value.type.kind() == TypeKind::kStruct;
      DELTIC_TRY(value, Member(value, syntax.names[i]));
      if (member && path.size() == i) path.push_back(Found(syntax.names[i]));
    }
    if (std::find(columns_.begin(), columns_.end(), path) == columns_.end()) columns_.push_back(std::move(path));
    return value;
  }

  // The name of the last field that Member found, as the schema writes it.
  std::string Found(const std::string& written) const { return found_.empty() ? written : found_; }

  // value.name: a field of a struct, or the value under a key of a map.
  Result<Typed> Member(const Typed& value, const std::string& name) {
    if (value.type.kind() == TypeKind::kMap) {
      auto key = Plain(QuoteSqlText(name), DataType(TypeKind::kString));
      key.text = name;
      return SayIndex(value, key);
    }
    if (value.type.kind() != TypeKind::kStruct) {
      if (value.type.kind() == TypeKind::kArray)
        return Unsupported("this build cannot take a field out of each element of an array");
      return InvalidArgument("{} has no field {}", value.type.ToString(), name);
    }
    const auto* field = FindField(value.type.fields(), name);
    if (field == nullptr) return InvalidArgument("{} has no field {}", value.type.ToString(), name);
    found_ = field->name;
    return Over(fmt::format("struct_extract({}, {})", value.sql, QuoteSqlText(field->name)), field->type, {&value},
                false);
  }

  Result<Typed> BinaryOp(const Syntax& syntax) {
    if (syntax.text == "AND" || syntax.text == "OR") {
      DELTIC_TRY(const auto parts, SayAll(syntax.parts));
      return SayLogic(syntax.text, parts);
    }
    const auto& left = syntax.parts[0];
    const auto& right = syntax.parts[1];
    const bool plus = syntax.text == "+";
    if ((plus || syntax.text == "-") && right.kind == Kind::kInterval) return Shift(left, right, plus ? 1 : -1);
    if (plus && left.kind == Kind::kInterval) return Shift(right, left, 1);
    DELTIC_TRY(auto parts, SayAll(syntax.parts));
    return SayBinary(syntax.text, std::move(parts[0]), std::move(parts[1]));
  }

  Result<Typed> Shift(const Syntax& operand, const Syntax& interval, int sign) {
    DELTIC_TRY(const auto time, Say(operand));
    if (!IsTime(time.type)) {
      return Unsupported("this build adds intervals to dates and timestamps, and this is {}", time.type.ToString());
    }
    if (interval.micros == INT64_MIN) return Unsupported("this build cannot use an interval so long");
    return interval.text == "months" ? AddMonths(time, sign * interval.months)
                                     : AddMicros(time, sign * interval.micros);
  }

  Result<Typed> Is(const Syntax& syntax) {
    const DataType boolean(TypeKind::kBoolean);
    DELTIC_TRY(const auto parts, SayAll(syntax.parts));
    if (syntax.text == "DISTINCT FROM") {
      DELTIC_TRY(auto same, SayBinary("<=>", parts[0], parts[1]));
      return Maybe(!syntax.negated, std::move(same));
    }
    if (syntax.text == "NULL") {
      return Over(fmt::format("({} IS {}NULL)", parts[0].sql, syntax.negated ? "NOT " : ""), boolean, {&parts[0]},
                  false);
    }
    DELTIC_TRY(const auto value, AsBoolean("IS " + syntax.text, parts[0]));
    return Over(fmt::format("({} IS {}DISTINCT FROM {})", value.sql, syntax.negated ? "" : "NOT ", syntax.text),
                boolean, {&value}, false);
  }

  Result<Typed> Like(const Syntax& syntax) {
    DELTIC_TRY(const auto parts, SayAll(syntax.parts));
    char escape = '\\';
    if (!syntax.names.empty()) {
      if (syntax.names[0].size() != 1 || syntax.names[0][0] == '%' || syntax.names[0][0] == '_') {
        return Unsupported("this build cannot use '{}' as the escape character of LIKE", syntax.names[0]);
      }
      escape = syntax.names[0][0];
    }
    DELTIC_TRY(auto like, SayLike(syntax.text, parts[0], parts[1], escape));
    return Maybe(syntax.negated, std::move(like));
  }

  Result<Typed> Case(const Syntax& syntax) {
    DELTIC_TRY(auto parts, SayAll(syntax.parts));
    const bool simple = syntax.text == "simple";
    Typed otherwise = NullOf(DataType());
    if (syntax.has_else) {
      otherwise = std::move(parts.back());
      parts.pop_back();
    }
    std::vector<Branch> branches;
    for (size_t i = simple ? 1 : 0; i + 1 < parts.size(); i += 2) {
      Typed when = std::move(parts[i]);
      if (simple) {
        DELTIC_TRY(when, SayBinary("=", parts[0], when));
      }
      branches.push_back({std::move(when), std::move(parts[i + 1])});
    }
    return SayCase(branches, otherwise);
  }

  std::string_view text_;
  const Fields& schema_;
  std::vector<ColumnPath> columns_;
  std::string found_;
  bool clock_ = false;
};

}  // namespace
}  // namespace sparksql

Result<EngineSql> TranslateSparkSql(std::string_view expression, const Fields& schema) {
  DELTIC_TRY(const auto syntax, sparksql::ParseExpression(expression));
  return sparksql::Translator(expression, schema).Run(syntax);
}

}  // namespace deltic
