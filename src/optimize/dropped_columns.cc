// Owns the comparing of files' schemas with the table's.
#include "optimize/dropped_columns.h"

#include <charconv>

#include "scan/table_files.h"

namespace deltic {
namespace {

// Columns with an id of column mapping, at any depth of structs, lists and maps.
int64_t CountIds(const DataType& type);
int64_t CountIds(const Fields& fields) {
  int64_t count = 0;
  for (const StructField& field : fields) count += (field.column_mapping_id ? 1 : 0) + CountIds(field.type);
  return count;
}
int64_t CountIds(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      return CountIds(type.fields());
    case TypeKind::kArray:
      return CountIds(type.element());
    case TypeKind::kMap:
      return CountIds(type.key()) + CountIds(type.value());
    default:
      return 0;
  }
}

// Ids are given out one by one and never again: when all are in use, nothing was dropped.
bool MayHaveDropped(const Snapshot& table) {
  if (table.config().mapping_mode == MappingMode::kNone) return false;
  const auto found = table.metadata().configuration.find("delta.columnMapping.maxColumnId");
  if (found == table.metadata().configuration.end()) return true;
  int64_t highest = 0;
  const std::string& text = found->second;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), highest);
  if (code != std::errc() || end != text.data() + text.size()) return true;
  return highest != CountIds(table.schema());
}

bool HoldsMore(const DataType& file, const DataType& table, MappingMode mode);

bool HoldsMore(const Fields& file, const Fields& table, MappingMode mode) {
  for (const StructField& field : file) {
    const StructField* known = nullptr;
    for (const StructField& other : table) {
      if (PhysicalName(other, mode) == field.name) known = &other;
    }
    if (known == nullptr || HoldsMore(field.type, known->type, mode)) return true;
  }
  return false;
}

// Types that differ in more than their fields (a variant is a group in the file) hold no columns of the table.
bool HoldsMore(const DataType& file, const DataType& table, MappingMode mode) {
  if (file.kind() != table.kind()) return false;
  switch (file.kind()) {
    case TypeKind::kStruct:
      return HoldsMore(file.fields(), table.fields(), mode);
    case TypeKind::kArray:
      return HoldsMore(file.element(), table.element(), mode);
    case TypeKind::kMap:
      return HoldsMore(file.key(), table.key(), mode) || HoldsMore(file.value(), table.value(), mode);
    default:
      return false;
  }
}

// What data files may hold beside the table's columns.
Fields WithRowIdColumns(const Snapshot& table) {
  Fields fields = table.schema();
  for (const std::string& name : {table.config().row_id_column, table.config().row_commit_version_column}) {
    if (name.empty()) continue;
    StructField field;
    field.name = name;
    field.type = DataType(TypeKind::kLong);
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

Result<std::set<std::string>> FilesWithDroppedColumns(Engine& engine, const Snapshot& table,
                                                      const std::vector<CandidateFile>& files,
                                                      const CancelToken& cancel) {
  std::set<std::string> paths;
  if (!MayHaveDropped(table)) return paths;
  std::vector<std::string> keys;
  std::vector<const std::string*> path_of_key;
  for (const CandidateFile& file : files) {
    DELTIC_TRY(ScanFile place, LocateScanFile(*table.store(), file.add.path));
    if (place.key.empty()) {
      paths.insert(file.add.path);  // another table's, which this store cannot look into: it becomes our own
      continue;
    }
    keys.push_back(std::move(place.key));
    path_of_key.push_back(&file.add.path);
  }
  DELTIC_TRY(const std::vector<ParquetSummary> summaries, engine.ReadParquetSummaries(table.store(), keys, cancel));
  const Fields known = WithRowIdColumns(table);
  for (size_t i = 0; i < summaries.size(); ++i) {
    if (HoldsMore(summaries[i].schema, known, table.config().mapping_mode)) paths.insert(*path_of_key[i]);
  }
  return paths;
}

}  // namespace deltic
