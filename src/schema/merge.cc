// Owns the walk over two schemas at once.
#include "schema/merge.h"

#include "base/error.h"
#include "schema/edit.h"

namespace deltic {
namespace {

void CollectBeyond(const DataType& table, const DataType& incoming, ColumnPath& path, std::vector<ColumnPath>& out);

void CollectFieldsBeyond(const Fields& table, const Fields& incoming, ColumnPath& path, std::vector<ColumnPath>& out) {
  for (const StructField& field : incoming) {
    path.push_back(field.name);
    const StructField* known = FindField(table, field.name);
    if (known == nullptr) {
      out.push_back(path);
    } else {
      CollectBeyond(known->type, field.type, path, out);
    }
    path.pop_back();
  }
}

void CollectBeyond(const DataType& table, const DataType& incoming, ColumnPath& path, std::vector<ColumnPath>& out) {
  if (table.kind() != incoming.kind()) return;
  const auto within = [&](const char* step, const DataType& a, const DataType& b) {
    path.emplace_back(step);
    CollectBeyond(a, b, path, out);
    path.pop_back();
  };
  switch (table.kind()) {
    case TypeKind::kStruct:
      return CollectFieldsBeyond(table.fields(), incoming.fields(), path, out);
    case TypeKind::kArray:
      return within("element", table.element(), incoming.element());
    case TypeKind::kMap:
      within("key", table.key(), incoming.key());
      return within("value", table.value(), incoming.value());
    default:
      return;
  }
}

// A new column of a table: what the rows' own source knew of ids and rules is not this table's. NOT NULL is not either:
// the files that are there have no such column, which reads as NULL.
StructField NewField(const StructField& incoming) {
  StructField field = incoming;
  field.nullable = true;
  ClearColumnMapping(field);
  ClearTypeChanges(field);
  std::erase_if(field.metadata, [](const auto& entry) {
    return entry.first.starts_with("delta.") || entry.first == "CURRENT_DEFAULT" || entry.first == "EXISTS_DEFAULT";
  });
  return field;
}

// One merge. One thread at a time; used once.
class Merger {
 public:
  explicit Merger(const WideningRule& may_widen) : may_widen_(may_widen) {}

  Result<Fields> Merge(const Fields& table, const Fields& incoming) {
    Fields merged;
    for (const StructField& field : table) {
      merged.push_back(field);
      const StructField* update = FindField(incoming, field.name);
      if (update == nullptr) continue;
      path_.push_back(field.name);
      // Changes of a nested field's type are recorded at that field, those of elements, keys and values at the nearest
      // field above them.
      std::vector<TypeChange> outer = std::exchange(changes_, {});
      DELTIC_TRY(merged.back().type, MergeType(field.type, update->type, ""));
      for (TypeChange& change : changes_) AddTypeChange(merged.back(), std::move(change));
      changes_ = std::move(outer);
      path_.pop_back();
    }
    for (const StructField& field : incoming) {
      if (FindField(table, field.name) != nullptr) continue;
      Fields alone = MapFields({field}, NewField);
      merged.push_back(std::move(alone.front()));
    }
    return merged;
  }

 private:
  // `part` is the way from the nearest field: "", "element", "value.element".
  Result<DataType> MergeType(const DataType& table, const DataType& incoming, const std::string& part) {
    if (incoming.kind() == TypeKind::kVoid) return table;
    if (table.kind() == TypeKind::kVoid)
      return DataType::Struct(MapFields(Wrapped(incoming), NewField)).fields()[0].type;
    if (table.nested() != incoming.nested() || (table.nested() && table.kind() != incoming.kind())) {
      return InvalidArgument(
          "column {} has the type {} in the table and {} in the rows to be written: they cannot be "
          "merged",
          ToString(path_), table.ToString(), incoming.ToString());
    }
    switch (table.kind()) {
      case TypeKind::kStruct: {
        DELTIC_TRY(Fields fields, Merge(table.fields(), incoming.fields()));
        return DataType::Struct(std::move(fields));
      }
      case TypeKind::kArray: {
        DELTIC_TRY(DataType element, MergePart("element", table.element(), incoming.element(), part));
        return DataType::Array(std::move(element), table.contains_null());
      }
      case TypeKind::kMap: {
        DELTIC_TRY(DataType key, MergePart("key", table.key(), incoming.key(), part));
        DELTIC_TRY(DataType value, MergePart("value", table.value(), incoming.value(), part));
        return DataType::Map(std::move(key), std::move(value), table.contains_null());
      }
      default:
        break;
    }
    if (table == incoming || !CanWiden(table, incoming) || !may_widen_(path_, table, incoming)) return table;
    changes_.push_back({table, incoming, part});
    return incoming;
  }

  static Fields Wrapped(const DataType& type) {
    StructField field;
    field.type = type;
    return {field};
  }

  Result<DataType> MergePart(const char* step, const DataType& table, const DataType& incoming,
                             const std::string& part) {
    path_.emplace_back(step);
    Result<DataType> merged = MergeType(table, incoming, part.empty() ? step : part + "." + step);
    path_.pop_back();
    return merged;
  }

  const WideningRule& may_widen_;
  ColumnPath path_;
  std::vector<TypeChange> changes_;  // of the field being merged
};

}  // namespace

std::vector<ColumnPath> ColumnsBeyond(const Fields& table, const Fields& incoming) {
  std::vector<ColumnPath> out;
  ColumnPath path;
  CollectFieldsBeyond(table, incoming, path, out);
  return out;
}

Result<Fields> MergeSchemas(const Fields& table, const Fields& incoming, const WideningRule& may_widen) {
  return Merger(may_widen).Merge(table, incoming);
}

}  // namespace deltic
