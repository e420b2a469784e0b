// Owns the forms over arrays, maps and structs.
#include "base/error.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/operators.h"

namespace deltic::sparksql {
namespace {

const DataType kInt(TypeKind::kInteger);

constexpr const char* kBeyond = "an index is outside of its array";

Result<Typed> Lookup(const Typed& map, const Typed& key) {
  const auto& type = map.type.key();
  if (!IsAtomic(type) || IsFloating(type)) return Unsupported("this build cannot look up keys of {}", type.ToString());
  const auto common = CommonType(type, key.type);
  if (!common || !(*common == type)) {
    return Unsupported("this build cannot look up a key of {} in {}", key.type.ToString(), map.type.ToString());
  }
  DELTIC_TRY(const auto wanted, Cast(key, type));
  return Over(fmt::format("map_extract_value({}, {})", map.sql, wanted.sql), map.type.value(), {&map, &wanted}, false);
}

Error NotNested(std::string_view what, const Typed& value) {
  return InvalidArgument("{} needs an array or a map, and this is {}", what, value.type.ToString());
}

Result<Typed> Index(std::string_view what, const Typed& index) {
  if (!IsIntegral(index.type) && index.type.kind() != TypeKind::kVoid) {
    return Unsupported("this build cannot evaluate {} with an index of {}", what, index.type.ToString());
  }
  if (index.type.kind() == TypeKind::kLong)
    return Unsupported("this build cannot evaluate {} with an index of bigint", what);
  return Cast(index, kInt);
}

}  // namespace

Result<Typed> SayIndex(const Typed& value, const Typed& index) {
  if (value.type.kind() == TypeKind::kMap) return Lookup(value, index);
  if (value.type.kind() != TypeKind::kArray) return NotNested("[...]", value);
  DELTIC_TRY(const auto at, Index("[...]", index));
  const auto& element = value.type.element();
  return Over(fmt::format("CASE WHEN len({0}) IS NOT NULL AND ({1} < 0 OR {1} >= len({0})) THEN {2} ELSE {0}[CAST({1} "
                          "AS BIGINT) + 1] END",
                          value.sql, at.sql, FailSql(kBeyond, element)),
              element, {&value, &at}, true);
}

Result<Typed> SayElementAt(const Arguments& a) {
  if (a[0].type.kind() == TypeKind::kMap) return Lookup(a[0], a[1]);
  if (a[0].type.kind() != TypeKind::kArray) return NotNested("element_at", a[0]);
  DELTIC_TRY(const auto at, Index("element_at", a[1]));
  const auto& element = a[0].type.element();
  return Over(
      fmt::format("CASE WHEN len({0}) IS NOT NULL AND ({1} = 0 OR {1} > len({0}) OR {1} < -len({0})) THEN {2} ELSE "
                  "{0}[CAST({1} AS BIGINT)] END",
                  a[0].sql, at.sql, FailSql(kBeyond, element)),
      element, {&a[0], &at}, true);
}

Result<Typed> SayGet(const Arguments& a) {
  if (a[0].type.kind() != TypeKind::kArray) return NotNested("get", a[0]);
  DELTIC_TRY(const auto at, Index("get", a[1]));
  return Over(fmt::format("CASE WHEN {1} >= 0 THEN {0}[CAST({1} AS BIGINT) + 1] ELSE NULL END", a[0].sql, at.sql),
              a[0].type.element(), {&a[0], &at}, false);
}

Result<Typed> SaySize(const Arguments& a) {
  if (a[0].type.kind() != TypeKind::kArray && a[0].type.kind() != TypeKind::kMap) return NotNested("size", a[0]);
  const char* engine = a[0].type.kind() == TypeKind::kArray ? "len" : "cardinality";
  return Over(fmt::format("CAST({}({}) AS INTEGER)", engine, a[0].sql), kInt, {&a[0]}, false);
}

// True when it is there; else NULL when an element is NULL, for that one might be it.
Result<Typed> SayArrayContains(const Arguments& a) {
  if (a[0].type.kind() != TypeKind::kArray) return NotNested("array_contains", a[0]);
  const auto& element = a[0].type.element();
  const auto common = CommonType(element, a[1].type);
  if (!IsAtomic(element) || !common || !(*common == element) || a[1].type.kind() == TypeKind::kVoid) {
    return Unsupported("this build cannot look for {} in {}", a[1].type.ToString(), a[0].type.ToString());
  }
  DELTIC_TRY(const auto wanted, Cast(a[1], element));
  return Over(
      fmt::format(
          "CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN list_contains({0}, {1}) THEN TRUE WHEN len({0}) > "
          "list_count({0}) THEN NULL ELSE FALSE END",
          a[0].sql, wanted.sql),
      DataType(TypeKind::kBoolean), {&a[0], &wanted}, false);
}

Result<Typed> SayArray(const Arguments& a) {
  DELTIC_TRY(const auto together, Together("array", a));
  if (!IsAtomic(together[0].type))
    return Unsupported("this build cannot make an array of {}", together[0].type.ToString());
  std::string sql;
  std::vector<const Typed*> operands;
  for (const auto& value : together) {
    sql += (sql.empty() ? "" : ", ") + value.sql;
    operands.push_back(&value);
  }
  return Over("list_value(" + sql + ")", DataType::Array(together[0].type, true), operands, false);
}

Result<Typed> SayNamedStruct(const Arguments& a) {
  if (a.size() % 2 != 0) return InvalidArgument("named_struct needs a name for each value");
  std::string sql;
  Fields fields;
  std::vector<const Typed*> operands;
  for (size_t i = 0; i < a.size(); i += 2) {
    if (!a[i].text) return Unsupported("this build cannot make a struct whose field names are not literals");
    if (FindField(fields, *a[i].text) != nullptr) return InvalidArgument("named_struct names '{}' twice", *a[i].text);
    StructField field;
    field.name = *a[i].text;
    field.type = a[i + 1].type;
    sql += (sql.empty() ? "" : ", ") + QuoteSqlName(field.name) + " := " + a[i + 1].sql;
    fields.push_back(std::move(field));
    operands.push_back(&a[i + 1]);
  }
  return Over("struct_pack(" + sql + ")", DataType::Struct(std::move(fields)), operands, false);
}

}  // namespace deltic::sparksql
