// Owns the SQL of casts; see the header.
#include "write/cast_sql.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"

namespace deltic {
namespace {

bool IsInteger(TypeKind kind) {
  return kind == TypeKind::kByte || kind == TypeKind::kShort || kind == TypeKind::kInteger || kind == TypeKind::kLong;
}
bool IsFloating(TypeKind kind) { return kind == TypeKind::kFloat || kind == TypeKind::kDouble; }
bool IsTimestamp(TypeKind kind) { return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz; }

// The same values, names and all: nothing to be done. Nullability is not a matter of casts.
bool Same(const DataType& a, const DataType& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case TypeKind::kDecimal:
      return a.precision() == b.precision() && a.scale() == b.scale();
    case TypeKind::kVariant:  // is made its binary form
      return false;
    case TypeKind::kStruct: {
      if (a.fields().size() != b.fields().size()) return false;
      for (size_t i = 0; i < a.fields().size(); i++) {
        if (a.fields()[i].name != b.fields()[i].name || !Same(a.fields()[i].type, b.fields()[i].type)) return false;
      }
      return true;
    }
    case TypeKind::kArray:
      return Same(a.element(), b.element());
    case TypeKind::kMap:
      return Same(a.key(), b.key()) && Same(a.value(), b.value());
    default:
      return true;
  }
}

// The pattern of strings that are values of the type; "" when none are.
std::string Pattern(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return "[+-]?[0-9]+";
    case TypeKind::kDecimal:
      return fmt::format("[+-]?([0-9]+([.][0-9]{{0,{0}}}0*)?|[.][0-9]{{1,{1}}}0*)", type.scale(),
                         std::max(1, type.scale()));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity";
    case TypeKind::kBoolean:
      return "(?i:true|false)";
    case TypeKind::kDate:
      return "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}";
    case TypeKind::kTimestamp:
      return "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}([ "
             "T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?";
    case TypeKind::kTimestampNtz:
      return "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?)?";
    default:
      return "";
  }
}

class Caster {
 public:
  Result<std::string> Make(const Cast& cast, int depth) {
    const auto& [value, from, to, column] = cast;
    if (Same(from, to)) return value;
    const auto null = "CAST(NULL AS " + SqlType(to) + ")";
    if (from.kind() == TypeKind::kVoid) return null;
    if (to.kind() == TypeKind::kVoid) {
      return "CASE WHEN " + value + " IS NULL THEN NULL ELSE " + RefuseSql(Code::kInvalidArgument, Misfit(cast), to) +
             " END";
    }
    if (to.kind() == TypeKind::kVariant) return Variant(cast);
    if (from.nested() || to.nested()) {
      if (from.kind() != to.kind()) return NoCast(cast);
      if (to.kind() == TypeKind::kStruct) return Struct(cast, depth);
      return to.kind() == TypeKind::kArray ? Array(cast, depth) : Map(cast, depth);
    }
    return Scalar(cast);
  }

 private:
  static Error NoCast(const Cast& cast) {
    return InvalidArgument("column {}: a value of type {} cannot be written as {}: cast it first", cast.column,
                           cast.from.ToString(), cast.to.ToString());
  }

  static std::string Misfit(const Cast& cast) {
    return QuoteSqlText("column " + cast.column + ": the value ") + " || left(CAST(" + cast.value +
           " AS VARCHAR), 100) || " + QuoteSqlText(" does not fit type " + cast.to.ToString());
  }

  // `tried` is NULL where the value does not fit.
  static std::string Checked(const Cast& cast, const std::string& tried) {
    return "coalesce(" + tried + ", CASE WHEN " + cast.value + " IS NULL THEN NULL ELSE " +
           RefuseSql(Code::kInvalidArgument, Misfit(cast), cast.to) + " END)";
  }

  static std::string Plain(const Cast& cast) { return "CAST(" + cast.value + " AS " + SqlType(cast.to) + ")"; }
  static std::string Tried(const Cast& cast) { return "TRY_CAST(" + cast.value + " AS " + SqlType(cast.to) + ")"; }

  // Fits when casting back gives the same value again.
  static std::string RoundTrip(const Cast& cast) {
    return Checked(cast, "CASE WHEN TRY_CAST(" + Tried(cast) + " AS " + SqlType(cast.from) + ") = " + cast.value +
                             " THEN " + Tried(cast) + " END");
  }

  static Result<std::string> Scalar(const Cast& cast) {
    const auto from = cast.from.kind(), to = cast.to.kind();
    if (from == TypeKind::kString) return FromString(cast);
    if (to == TypeKind::kString) {
      if (IsInteger(from) || from == TypeKind::kDecimal || from == TypeKind::kBoolean || from == TypeKind::kDate) {
        return Plain(cast);
      }
      return NoCast(cast);
    }
    if (IsInteger(from)) {
      if (IsInteger(to)) return to > from ? Plain(cast) : Checked(cast, Tried(cast));
      if (to == TypeKind::kDecimal) return Checked(cast, Tried(cast));
      if (IsFloating(to)) return RoundTrip(cast);
      return NoCast(cast);
    }
    if (from == TypeKind::kDecimal) {
      if (IsFloating(to)) return Checked(cast, Tried(cast));
      if (IsInteger(to) || to == TypeKind::kDecimal)
        return Checked(cast, "CASE WHEN " + Tried(cast) + " = " + cast.value + " THEN " + Tried(cast) + " END");
      return NoCast(cast);
    }
    if (IsFloating(from)) {
      if (to == TypeKind::kDouble) return Plain(cast);
      if (to == TypeKind::kFloat) return Checked(cast, Tried(cast));
      if (IsInteger(to)) {
        return Checked(cast, "CASE WHEN isfinite(" + cast.value + ") AND " + cast.value + " = trunc(" + cast.value +
                                 ") THEN " + Tried(cast) + " END");
      }
      if (to == TypeKind::kDecimal) {
        return Checked(cast, "CASE WHEN isfinite(" + cast.value + ") AND TRY_CAST(" + Tried(cast) + " AS " +
                                 SqlType(cast.from) + ") = " + cast.value + " THEN " + Tried(cast) + " END");
      }
      return NoCast(cast);
    }
    if (from == TypeKind::kDate && IsTimestamp(to)) return Checked(cast, Tried(cast));
    if (IsTimestamp(from) && IsTimestamp(to)) return Plain(cast);  // the session's zone is UTC
    if (IsTimestamp(from) && to == TypeKind::kDate) return RoundTrip(cast);
    return NoCast(cast);
  }

  static Result<std::string> FromString(const Cast& cast) {
    const auto pattern = Pattern(cast.to);
    if (pattern.empty()) return NoCast(cast);
    return Checked(cast, "CASE WHEN regexp_full_match(" + cast.value + ", " + QuoteSqlText(pattern) + ") THEN " +
                             Tried(cast) + " END");
  }

  static Result<std::string> Variant(const Cast& cast) {
    if (cast.from.kind() == TypeKind::kVariant) {
      return "CASE WHEN " + cast.value + " IS NULL THEN NULL ELSE CAST(variant_to_parquet_variant(" + cast.value +
             ") AS " + SqlType(cast.to) + ") END";
    }
    if (cast.from.kind() == TypeKind::kString) return "deltic_parse_variant(" + cast.value + ")";
    return NoCast(cast);
  }

  Result<std::string> Struct(const Cast& cast, int depth) {
    std::set<const StructField*> used;
    std::string fields;
    for (const auto& field : cast.to.fields()) {
      const auto* source = FindField(cast.from.fields(), field.name);
      std::string sql = "CAST(NULL AS " + SqlType(field.type) + ")";
      const auto column = cast.column + "." + field.name;
      if (source != nullptr) {
        used.insert(source);
        DELTIC_TRY(sql, Make({.value = "struct_extract(" + cast.value + ", " + QuoteSqlText(source->name) + ")",
                              .from = source->type,
                              .to = field.type,
                              .column = column},
                             depth));
      }
      fields += (fields.empty() ? "" : ", ") + QuoteSqlName(field.name) + " := " + sql;
    }
    for (const auto& field : cast.from.fields()) {
      if (used.count(&field) == 0) {
        return InvalidArgument("the table has no column {}.{}: leave it out, or let the write add it (schema merge)",
                               cast.column, field.name);
      }
    }
    return "CASE WHEN " + cast.value + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
  }

  Result<std::string> Array(const Cast& cast, int depth) {
    const auto item = fmt::format("deltic_item_{}", depth);
    DELTIC_TRY(
        const auto element,
        Make({.value = item, .from = cast.from.element(), .to = cast.to.element(), .column = cast.column + ".element"},
             depth + 1));
    if (element == item) return cast.value;
    return "list_transform(" + cast.value + ", lambda " + item + ": " + element + ")";
  }

  Result<std::string> Map(const Cast& cast, int depth) {
    const auto item = fmt::format("deltic_item_{}", depth);
    const auto key_of = "struct_extract(" + item + ", 'key')", value_of = "struct_extract(" + item + ", 'value')";
    DELTIC_TRY(const auto key,
               Make({.value = key_of, .from = cast.from.key(), .to = cast.to.key(), .column = cast.column + ".key"},
                    depth + 1));
    DELTIC_TRY(
        const auto value,
        Make({.value = value_of, .from = cast.from.value(), .to = cast.to.value(), .column = cast.column + ".value"},
             depth + 1));
    if (key == key_of && value == value_of) return cast.value;
    return "CASE WHEN " + cast.value + " IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(" +
           cast.value + "), lambda " + item + ": struct_pack(k := " + key + ", v := " + value + "))) END";
  }
};

}  // namespace

Result<std::string> CastSql(const Cast& cast) { return Caster().Make(cast, 0); }

std::string SqlType(const DataType& type) { return EngineTypeName(type, "STRUCT(metadata BLOB, \"value\" BLOB)"); }

std::string RefuseSql(Code code, const std::string& message, const DataType& type) {
  return fmt::format("CAST(deltic_refuse({}, {}) AS {})", static_cast<int>(code), message, SqlType(type));
}

}  // namespace deltic
