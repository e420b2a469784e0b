// Owns the SQL text for variants; see the header.
#include "engine/duckdb/variant_sql.h"

#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

// `depth` keeps the names of nested lambdas' parameters apart.
std::string Plain(const std::string& expression, const DataType& type, int depth) {
  const std::string item = "deltic_item_" + std::to_string(depth);
  switch (type.kind()) {
    case TypeKind::kVariant:
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE CAST(variant_to_parquet_variant(" + expression +
             ") AS STRUCT(metadata BLOB, \"value\" BLOB)) END";
    case TypeKind::kStruct: {
      if (!HasVariant(type)) return expression;
      std::string fields;
      for (const auto& field : type.fields()) {
        fields += (fields.empty() ? "" : ", ") + QuoteName(field.name) + " := " +
                  Plain("struct_extract(" + expression + ", " + QuoteText(field.name) + ")", field.type, depth);
      }
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
    }
    case TypeKind::kArray:
      if (!HasVariant(type)) return expression;
      return "list_transform(" + expression + ", lambda " + item + ": " + Plain(item, type.element(), depth + 1) + ")";
    case TypeKind::kMap:
      if (!HasVariant(type)) return expression;
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(" +
             expression + "), lambda " + item + ": struct_pack(k := " + Plain(item + ".key", type.key(), depth + 1) +
             ", v := " + Plain(item + ".\"value\"", type.value(), depth + 1) + "))) END";
    default: return expression;
  }
}

}  // namespace

bool HasVariant(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kVariant: return true;
    case TypeKind::kStruct: return HasVariant(type.fields());
    case TypeKind::kArray: return HasVariant(type.element());
    case TypeKind::kMap: return HasVariant(type.key()) || HasVariant(type.value());
    default: return false;
  }
}

bool HasVariant(const Fields& fields) {
  for (const auto& field : fields) {
    if (HasVariant(field.type)) return true;
  }
  return false;
}

std::string VariantAsJson(const std::string& expression) { return "to_json(" + expression + ")::VARCHAR"; }

std::string VariantForParquet(const std::string& expression, const DataType& type) {
  return type.kind() == TypeKind::kVariant ? expression : Plain(expression, type, 0);
}

}  // namespace deltic
