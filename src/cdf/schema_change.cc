// Owns the walk over two schemas of one table.
#include "cdf/schema_change.h"

#include <algorithm>

#include <fmt/format.h>

namespace deltic {
namespace {

class Walk {
 public:
  explicit Walk(const ShapeComparison& comparison)
      : rows_are_newer_(comparison.rows_are_newer),
        types_only_(comparison.types_only),
        older_(comparison.rows_are_newer ? *comparison.read : *comparison.rows),
        newer_(comparison.rows_are_newer ? *comparison.rows : *comparison.read) {}

  std::optional<std::string> Find() {
    if (older_.mode != MappingMode::kNone && newer_.mode == MappingMode::kNone) return "column mapping is switched off";
    if (older_.mode != MappingMode::kNone && older_.mode != newer_.mode) return "the mode of column mapping changes";
    if (auto found = FindInFields(older_.schema, newer_.schema, {})) return found;
    if (PartitionNames(older_) != PartitionNames(newer_)) {
      return fmt::format("the table is partitioned by {} instead of {}", Listed(newer_), Listed(older_));
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> FindInFields(const Fields& older, const Fields& newer, const ColumnPath& parent) {
    for (const StructField& field : older) {
      ColumnPath path = parent;
      path.push_back(field.name);
      const StructField* found = Counterpart(field, newer);
      if (found == nullptr && types_only_) continue;
      if (found == nullptr) return fmt::format("column {} is dropped", ToString(path));
      if (found->name != field.name && !types_only_)
        return fmt::format("column {} is renamed to {}", ToString(path), found->name);
      const bool rows_nullable = rows_are_newer_ ? found->nullable : field.nullable;
      const bool read_nullable = rows_are_newer_ ? field.nullable : found->nullable;
      if (rows_nullable && !read_nullable && !types_only_)
        return fmt::format("column {} becomes NOT NULL", ToString(path));
      if (auto conflict = FindInType(field.type, found->type, path)) return conflict;
    }
    return std::nullopt;
  }

  // The same column in the newer schema: by the name that files know it by. A table whose columns were mapped later
  // keeps its old names in files, so that an unmapped field's own name is its physical one.
  const StructField* Counterpart(const StructField& field, const Fields& newer) const {
    if (newer_.mode == MappingMode::kNone) return FindField(newer, field.name);
    const std::string& physical = PhysicalName(field, older_.mode);
    for (const StructField& candidate : newer) {
      if (PhysicalName(candidate, newer_.mode) == physical) return &candidate;
    }
    return nullptr;
  }

  std::optional<std::string> FindInType(const DataType& older, const DataType& newer, const ColumnPath& path) {
    const auto changed = [&]() -> std::optional<std::string> {
      return fmt::format("column {} changes its type from {} to {}", ToString(path), older.ToString(),
                         newer.ToString());
    };
    if (older.kind() != newer.kind() || !older.nested()) {
      const bool readable = rows_are_newer_ ? older == newer : CanWiden(older, newer);
      return readable ? std::nullopt : changed();
    }
    const auto nulls_forbidden = [&](bool older_nulls, bool newer_nulls) {
      return rows_are_newer_ ? newer_nulls && !older_nulls : older_nulls && !newer_nulls;
    };
    const auto inside = [&](const char* name) {
      ColumnPath nested = path;
      nested.emplace_back(name);
      return nested;
    };
    switch (older.kind()) {
      case TypeKind::kStruct:
        return FindInFields(older.fields(), newer.fields(), path);
      case TypeKind::kArray:
        if (nulls_forbidden(older.contains_null(), newer.contains_null())) return changed();
        return FindInType(older.element(), newer.element(), inside("element"));
      case TypeKind::kMap:
        if (nulls_forbidden(older.contains_null(), newer.contains_null())) return changed();
        if (auto conflict = FindInType(older.key(), newer.key(), inside("key"))) return conflict;
        return FindInType(older.value(), newer.value(), inside("value"));
      default:
        return changed();
    }
  }

  // Physical names, sorted: the order of partition columns means nothing to readers.
  static std::vector<std::string> PartitionNames(const TableShape& shape) {
    std::vector<std::string> names;
    for (const std::string& name : shape.partition_columns) {
      const StructField* field = FindField(shape.schema, name);
      names.push_back(field == nullptr ? name : PhysicalName(*field, shape.mode));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::string Listed(const TableShape& shape) {
    std::string text;
    for (const std::string& name : shape.partition_columns) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "nothing" : text;
  }

  const bool rows_are_newer_;
  const bool types_only_;
  const TableShape& older_;
  const TableShape& newer_;
};

}  // namespace

std::optional<std::string> FindConflict(const ShapeComparison& comparison) { return Walk(comparison).Find(); }

}  // namespace deltic
