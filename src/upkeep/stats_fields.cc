// Owns the choice. Arrays, maps and variants are one leaf each.
#include "upkeep/stats_fields.h"

#include <algorithm>

namespace deltic {
namespace {

bool SameName(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// Whether `path` is, or lies in, one of the columns named; or one of those lies in it.
bool Touches(const std::vector<ColumnPath>& named, const ColumnPath& path) {
  return std::any_of(named.begin(), named.end(), [&](const ColumnPath& column) {
    const size_t common = std::min(column.size(), path.size());
    for (size_t i = 0; i < common; ++i) {
      if (!SameName(column[i], path[i])) return false;
    }
    return true;
  });
}

// One pass over a schema.
class Choice {
 public:
  explicit Choice(const TableConfig& config)
      : mode_(config.mapping_mode), named_(config.stats_columns), leaves_left_(config.indexed_columns) {}

  Fields Of(const Fields& fields, const ColumnPath& above) {
    Fields chosen;
    for (const StructField& field : fields) {
      ColumnPath path = above;
      path.push_back(field.name);
      if (named_ && !Touches(*named_, path)) continue;
      if (!named_ && leaves_left_ == 0) break;
      StructField physical;
      physical.name = PhysicalName(field, mode_);
      physical.type = field.type;
      if (field.type.kind() == TypeKind::kStruct) {
        Fields children = Of(field.type.fields(), path);
        if (children.empty()) continue;
        physical.type = DataType::Struct(std::move(children));
      } else if (!named_ && leaves_left_ > 0) {
        --leaves_left_;
      }
      chosen.push_back(std::move(physical));
    }
    return chosen;
  }

 private:
  const MappingMode mode_;
  const std::optional<std::vector<ColumnPath>>& named_;
  int32_t leaves_left_;  // below 0: no limit
};

bool IsPartition(const Snapshot& snapshot, const StructField& field) {
  const auto& columns = snapshot.metadata().partition_columns;
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& column) { return SameName(column, field.name); });
}

}  // namespace

Fields StatsFields(const Snapshot& snapshot) {
  Fields data;
  for (const StructField& field : snapshot.schema()) {
    if (!IsPartition(snapshot, field)) data.push_back(field);
  }
  return Choice(snapshot.config()).Of(data, {});
}

Fields PartitionFields(const Snapshot& snapshot) {
  Fields fields;
  for (const std::string& column : snapshot.metadata().partition_columns) {
    const StructField* field = FindField(snapshot.schema(), column);
    if (field == nullptr) continue;
    StructField physical;
    physical.name = PhysicalName(*field, snapshot.config().mapping_mode);
    physical.type = field->type;
    fields.push_back(std::move(physical));
  }
  return fields;
}

}  // namespace deltic
