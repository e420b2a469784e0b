// Owns the check that a schema says everything that column mapping needs. Which mode a table is in is decided in
// features/, the resolving of columns in files is the engine's. Protocol: "Column Mapping", Writer and Reader
// Requirements.
#include <set>
#include <string_view>

#include "base/error.h"
#include "schema/types.h"

namespace deltic {
namespace {

// One walk over one schema. One thread at a time; used once.
class MappingCheck {
 public:
  explicit MappingCheck(MappingMode mode) : mode_(mode) {}

  Status CheckFields(const Fields& fields) {
    std::set<std::string_view> physical_names;
    for (const StructField& field : fields) {
      path_.push_back(field.name);
      DELTIC_CHECK(CheckField(field));
      if (!physical_names.insert(*field.physical_name).second) {
        return Corrupt("column {}: another column of its struct has the physical name {} too", ToString(path_),
                       *field.physical_name);
      }
      DELTIC_CHECK(CheckType(field.type));
      path_.pop_back();
    }
    return {};
  }

 private:
  Status CheckField(const StructField& field) {
    // Partition values and statistics go by physical name in id mode as well.
    if (!field.physical_name) {
      return Corrupt("column {} has no delta.columnMapping.physicalName, though the table maps its columns",
                     ToString(path_));
    }
    if (mode_ != MappingMode::kId) return {};
    if (!field.column_mapping_id) {
      return Corrupt("column {} has no delta.columnMapping.id, though the table maps its columns by id",
                     ToString(path_));
    }
    if (!ids_.insert(*field.column_mapping_id).second) {
      return Corrupt("column {}: another column has the delta.columnMapping.id {} too", ToString(path_),
                     *field.column_mapping_id);
    }
    return {};
  }

  Status CheckType(const DataType& type) {
    switch (type.kind()) {
      case TypeKind::kStruct:
        return CheckFields(type.fields());
      case TypeKind::kArray:
        return CheckPart("element", type.element());
      case TypeKind::kMap:
        DELTIC_CHECK(CheckPart("key", type.key()));
        return CheckPart("value", type.value());
      default:
        return {};
    }
  }

  Status CheckPart(const char* step, const DataType& part) {
    path_.emplace_back(step);
    DELTIC_CHECK(CheckType(part));
    path_.pop_back();
    return {};
  }

  MappingMode mode_;
  ColumnPath path_;
  std::set<int32_t> ids_;
};

}  // namespace

Status CheckColumnMapping(const Fields& fields, MappingMode mode) {
  return mode == MappingMode::kNone ? Status() : MappingCheck(mode).CheckFields(fields);
}

}  // namespace deltic
