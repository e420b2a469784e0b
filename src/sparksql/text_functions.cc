// Owns the forms of the functions of text.
#include "base/error.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/operators.h"
#include "sparksql/pattern.h"

namespace deltic::sparksql {
namespace {

const DataType kText(TypeKind::kString);
const DataType kInt(TypeKind::kInteger);

Error NeedsLiteral(std::string_view function, std::string_view what) {
  return Unsupported("this build cannot evaluate {} where {} is not a literal that it knows", function, what);
}

Result<Typed> Trim(const char* engine, const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("trim", a[0], kText));
  Typed characters;
  characters.sql = "' '";
  if (a.size() > 1) {
    DELTIC_TRY(characters, ImplicitCast("trim", a[1], kText));
  }
  return Over(fmt::format("{}({}, {})", engine, text.sql, characters.sql), kText, {&text, &characters}, false);
}

// Characters from `start` (counted from 0, maybe below 0) to start + length, as Spark's UTF8String.substringSQL counts.
Result<Typed> Substring(const Typed& text, const Typed& position, const Typed* length) {
  if (position.whole && *position.whole >= 0 && (length == nullptr || (length->whole && *length->whole >= 0))) {
    const int64_t first = std::max<int64_t>(*position.whole, 1);  // 0 counts as 1
    return Over(length == nullptr ? fmt::format("substring({}, {})", text.sql, first)
                                  : fmt::format("substring({}, {}, {})", text.sql, first, *length->whole),
                kText, {&text}, false);
  }
  const std::string start = fmt::format(
      "(CASE WHEN {0} > 0 THEN CAST({0} AS BIGINT) - 1 WHEN {0} < 0 THEN length({1}) + CAST({0} AS BIGINT) WHEN {0} = "
      "0 THEN 0 END)",
      position.sql, text.sql);
  // Where the start lies before the text, the length still counts from it; no length is the greatest int.
  const std::string count = length == nullptr ? "2147483647" : length->sql;
  const std::string end = fmt::format("({} + CAST({} AS BIGINT))", start, count);
  return Over(
      fmt::format("CASE WHEN {1} <= 0 OR {1} <= {0} THEN CASE WHEN {2} IS NULL THEN NULL ELSE '' END WHEN {0} < 0 THEN "
                  "substring({2}, 1, {1}) ELSE substring({2}, {0} + 1, {1} - {0}) END",
                  start, end, text.sql),
      kText, {&text, &position, length == nullptr ? &position : length}, false);
}

Result<Typed> Pad(const char* engine, const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast(engine, a[0], kText));
  DELTIC_TRY(const auto length, ImplicitCast(engine, a[1], kInt));
  std::string pad = " ";
  if (a.size() > 2) {
    if (!a[2].text || a[2].text->empty()) return NeedsLiteral(engine, "the padding");
    pad = *a[2].text;
  }
  return Over(fmt::format("{0}({1}, CASE WHEN {2} < 0 THEN 0 ELSE {2} END, {3})", engine, text.sql, length.sql,
                          QuoteSqlText(pad)),
              kText, {&text, &length}, false);
}

}  // namespace

Result<Typed> SayLength(const Arguments& a) {
  if (a[0].type.kind() == TypeKind::kBinary) {
    return Over("CAST(octet_length(" + a[0].sql + ") AS INTEGER)", kInt, {&a[0]}, false);
  }
  DELTIC_TRY(const auto text, ImplicitCast("length", a[0], kText));
  return Over("CAST(length(" + text.sql + ") AS INTEGER)", kInt, {&text}, false);
}

Result<Typed> SayLower(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("lower", a[0], kText));
  return SayLetterCase(false, text);
}
Result<Typed> SayUpper(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("upper", a[0], kText));
  return SayLetterCase(true, text);
}

Result<Typed> SayTrimBoth(const Arguments& a) { return Trim("trim", a); }
Result<Typed> SayTrimLeading(const Arguments& a) { return Trim("ltrim", a); }
Result<Typed> SayTrimTrailing(const Arguments& a) { return Trim("rtrim", a); }

Result<Typed> SaySubstring(const Arguments& a) {
  if (a[0].type.kind() == TypeKind::kBinary) return Unsupported("this build cannot evaluate substring of binary");
  DELTIC_TRY(const auto text, ImplicitCast("substring", a[0], kText));
  DELTIC_TRY(const auto position, ImplicitCast("substring", a[1], kInt));
  if (a.size() == 2) return Substring(text, position, nullptr);
  DELTIC_TRY(const auto length, ImplicitCast("substring", a[2], kInt));
  return Substring(text, position, &length);
}

Result<Typed> SayLeft(const Arguments& a) {
  Typed one;
  one.sql = "1";
  one.type = kInt;
  one.whole = 1;
  return SaySubstring({a[0], one, a[1]});
}

Result<Typed> SayRight(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("right", a[0], kText));
  DELTIC_TRY(const auto length, ImplicitCast("right", a[1], kInt));
  return Over(fmt::format("CASE WHEN {0} IS NULL THEN NULL WHEN {1} <= 0 THEN '' WHEN {1} >= length({0}) THEN {0} ELSE "
                          "substring({0}, CAST(length({0}) - {1} + 1 AS BIGINT)) END",
                          text.sql, length.sql),
              kText, {&text, &length}, false);
}

Result<Typed> SayPadLeft(const Arguments& a) { return Pad("lpad", a); }
Result<Typed> SayPadRight(const Arguments& a) { return Pad("rpad", a); }

Result<Typed> SayConcat(const Arguments& a) {
  Typed all;
  all.sql = "''";
  all.type = kText;
  bool first = true;
  for (const auto& value : a) {
    if (!IsAtomic(value.type) && value.type.kind() != TypeKind::kVoid) {
      return Unsupported("this build cannot evaluate concat of {}", value.type.ToString());
    }
    if (value.type.kind() == TypeKind::kBinary) return Unsupported("this build cannot evaluate concat of binary");
    DELTIC_TRY(auto text, Cast(value, kText));
    all = first ? text : Over(fmt::format("({} || {})", all.sql, text.sql), kText, {&all, &text}, false);
    all.text.reset();
    first = false;
  }
  return all;
}

Result<Typed> SayConcatWithSeparator(const Arguments& a) {
  std::vector<Typed> texts;
  std::string sql;
  for (const auto& value : a) {
    if (value.type.kind() != TypeKind::kVoid && !IsAtomic(value.type)) {
      return Unsupported("this build cannot evaluate concat_ws of {}", value.type.ToString());
    }
    DELTIC_TRY(auto text, ImplicitCast("concat_ws", value, kText));
    sql += (sql.empty() ? "" : ", ") + text.sql;
    texts.push_back(std::move(text));
  }
  std::vector<const Typed*> operands;
  for (const auto& text : texts) operands.push_back(&text);
  if (texts.size() == 1) {
    return Over(fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE '' END", sql), kText, operands, false);
  }
  return Over("concat_ws(" + sql + ")", kText, operands, false);
}

Result<Typed> SayReplace(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("replace", a[0], kText));
  DELTIC_TRY(const auto from, ImplicitCast("replace", a[1], kText));
  Typed to;
  to.sql = "''";
  if (a.size() > 2) {
    DELTIC_TRY(to, ImplicitCast("replace", a[2], kText));
  }
  return Over(fmt::format("replace({}, {}, {})", text.sql, from.sql, to.sql), kText, {&text, &from, &to}, false);
}

Result<Typed> SaySplit(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("split", a[0], kText));
  if (!a[1].text) return NeedsLiteral("split", "the pattern");
  // Only patterns that stand for themselves: a plain text, or one escaped character.
  std::string plain = *a[1].text;
  if (plain.size() == 2 && plain[0] == '\\' &&
      std::string_view("|.$^*+?()[]{}\\").find(plain[1]) != std::string_view::npos) {
    plain = plain.substr(1);
  } else if (plain.empty() || plain.find_first_of("\\^$.|?*+()[]{}") != std::string::npos) {
    return Unsupported("this build cannot split by the regular expression '{}'", plain);
  }
  return Over(fmt::format("string_split({}, {})", text.sql, QuoteSqlText(plain)), DataType::Array(kText, false),
              {&text}, false);
}

Result<Typed> SayHex(const Arguments& a) {
  if (a[0].type.kind() == TypeKind::kString || a[0].type.kind() == TypeKind::kBinary) {
    return Over("hex(" + a[0].sql + ")", kText, {&a[0]}, false);
  }
  if (!IsIntegral(a[0].type)) return Unsupported("this build cannot evaluate hex of {}", a[0].type.ToString());
  DELTIC_TRY(const auto number, Cast(a[0], DataType(TypeKind::kLong)));
  return Over("hex(" + number.sql + ")", kText, {&number}, false);
}

Result<Typed> SaySha2(const Arguments& a) {
  if (!a[1].whole || (*a[1].whole != 256 && *a[1].whole != 0)) return NeedsLiteral("sha2", "the number of bits (256)");
  DELTIC_TRY(const auto bytes, ImplicitCast("sha2", a[0], DataType(TypeKind::kBinary)));
  return Over("sha256(" + bytes.sql + ")", kText, {&bytes}, false);
}

Result<Typed> SayRegexLike(const Arguments& a) { return SayLike("RLIKE", a[0], a[1], '\\'); }
// What the group captured in the first match; '' when there is no match or the group took no part.
Result<Typed> SayRegexExtract(const Arguments& a) {
  DELTIC_TRY(const auto text, ImplicitCast("regexp_extract", a[0], kText));
  if (!a[1].text) return NeedsLiteral("regexp_extract", "the pattern");
  if (a.size() > 2 && !a[2].whole) return NeedsLiteral("regexp_extract", "the group");
  const int64_t group = a.size() > 2 ? *a[2].whole : 1;
  DELTIC_TRY(const auto regex, RegexFromJava(*a[1].text));
  if (group < 0 || group > regex.groups) {
    return InvalidArgument("the regular expression '{}' has no group {}", *a[1].text, group);
  }
  // A match that ends with $ would take the line end along; and what a repeated group holds at last differs.
  if (regex.has_end || regex.repeated_groups || group > 9) {
    return Unsupported("this build cannot extract from the regular expression '{}' exactly as Java does", *a[1].text);
  }
  return Over(fmt::format("regexp_extract({}, {}, {})", text.sql, QuoteSqlText(regex.re2), group), kText, {&text},
              false);
}
Result<Typed> SayLikeCall(const Arguments& a) { return SayLike("LIKE", a[0], a[1], '\\'); }

}  // namespace deltic::sparksql
