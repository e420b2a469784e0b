// Owns the merge, type by type.
#include "clone/merge_file_schemas.h"

#include <algorithm>

#include "base/error.h"

namespace deltic {
namespace {

Result<Fields> MergeFields(const Fields& all, const Fields& more, const ColumnPath& above);

bool IsSmallInteger(const DataType& type) {
  return type.kind() == TypeKind::kByte || type.kind() == TypeKind::kShort || type.kind() == TypeKind::kInteger;
}

Result<DataType> MergeTypes(const DataType& a, const DataType& b, const ColumnPath& path) {
  if (a == b) return a;
  const auto inside = [&](const char* part) {
    ColumnPath longer = path;
    longer.emplace_back(part);
    return longer;
  };
  // All of them are one physical type.
  if (IsSmallInteger(a) && IsSmallInteger(b)) return DataType(std::max(a.kind(), b.kind()));
  if (a.kind() == TypeKind::kStruct && b.kind() == TypeKind::kStruct) {
    DELTIC_TRY(Fields fields, MergeFields(a.fields(), b.fields(), path));
    return DataType::Struct(std::move(fields));
  }
  if (a.kind() == TypeKind::kArray && b.kind() == TypeKind::kArray) {
    DELTIC_TRY(DataType element, MergeTypes(a.element(), b.element(), inside("element")));
    return DataType::Array(std::move(element), true);
  }
  if (a.kind() == TypeKind::kMap && b.kind() == TypeKind::kMap) {
    DELTIC_TRY(DataType key, MergeTypes(a.key(), b.key(), inside("key")));
    DELTIC_TRY(DataType value, MergeTypes(a.value(), b.value(), inside("value")));
    return DataType::Map(std::move(key), std::move(value), true);
  }
  return InvalidArgument("column {} is {} here and {} in files before it: one table cannot hold both", ToString(path),
                         b.ToString(), a.ToString());
}

Result<Fields> MergeFields(const Fields& all, const Fields& more, const ColumnPath& above) {
  Fields merged = all;
  for (const StructField& field : more) {
    const StructField* known = FindField(all, field.name);
    if (known == nullptr) {
      merged.push_back(field);
      continue;
    }
    ColumnPath path = above;
    path.push_back(known->name);
    const auto at = static_cast<size_t>(known - all.data());
    DELTIC_TRY(merged[at].type, MergeTypes(known->type, field.type, path));
  }
  return merged;
}

}  // namespace

Result<Fields> MergeFileSchemas(const Fields& all, const Fields& more) { return MergeFields(all, more, {}); }

}  // namespace deltic
