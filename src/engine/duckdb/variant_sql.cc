// Owns the SQL text for variants; see the header.
#include "engine/duckdb/variant_sql.h"

#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

// Replaces each variant inside a value. `depth` keeps the names of nested lambdas' parameters apart.
std::string Replace(bool json, const std::string& expression, const DataType& type, int depth) {
  const std::string item = "deltic_item_" + std::to_string(depth);
  switch (type.kind()) {
    case TypeKind::kVariant:
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE " +
             (json ? "CAST(" + expression + " AS JSON)"
                   : "CAST(variant_to_parquet_variant(" + expression + ") AS STRUCT(metadata BLOB, \"value\" BLOB))") +
             " END";
    case TypeKind::kStruct: {
      if (!HasVariant(type)) return expression;
      std::string fields;
      for (const auto& field : type.fields()) {
        fields += (fields.empty() ? "" : ", ") + QuoteName(field.name) + " := " +
                  Replace(json, "struct_extract(" + expression + ", " + QuoteText(field.name) + ")", field.type, depth);
      }
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
    }
    case TypeKind::kArray:
      if (!HasVariant(type)) return expression;
      return "list_transform(" + expression + ", lambda " + item + ": " + Replace(json, item, type.element(), depth + 1) + ")";
    case TypeKind::kMap:
      if (!HasVariant(type)) return expression;
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(" +
             expression + "), lambda " + item + ": struct_pack(k := " + Replace(json, item + ".key", type.key(), depth + 1) +
             ", v := " + Replace(json, item + ".\"value\"", type.value(), depth + 1) + "))) END";
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

std::string VariantAs(VariantForm form, const std::string& expression, const DataType& type) {
  if (!HasVariant(type)) return expression;
  switch (form) {
    case VariantForm::kText: {
      const auto json = Replace(true, expression, type, 0);
      return "CAST(" + (type.kind() == TypeKind::kVariant ? json : "to_json(" + json + ")") + " AS VARCHAR)";
    }
    case VariantForm::kJson: return Replace(true, expression, type, 0);
    case VariantForm::kParquet:
      return type.kind() == TypeKind::kVariant ? expression : Replace(false, expression, type, 0);
  }
  return expression;
}

}  // namespace deltic
