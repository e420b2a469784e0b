// Owns the walk that numbers columns: ids parents first, then (second walk) those of elements, keys and values, as
// Spark does, so that the ids of the columns themselves are the same with and without the latter.
#include "schema/column_ids.h"

#include <algorithm>

#include <simdjson.h>

#include "base/json_text.h"
#include "base/uuid.h"
#include "schema/edit.h"

namespace deltic {
namespace {

constexpr const char* kNestedIds = "delta.columnMapping.nested.ids";

using NestedIds = std::vector<std::pair<std::string, int64_t>>;

NestedIds ReadNestedIds(const StructField& field) {
  NestedIds ids;
  const auto found = field.metadata.find(kNestedIds);
  if (found == field.metadata.end()) return ids;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(found->second)).get_object().get(object) != simdjson::SUCCESS) return ids;
  for (const auto entry : object) {
    int64_t id = 0;
    if (entry.value.get_int64().get(id) == simdjson::SUCCESS) ids.emplace_back(std::string(entry.key), id);
  }
  return ids;
}

int64_t HighestIn(const Fields& fields) {
  int64_t highest = 0;
  ForEachField(fields, [&](const ColumnPath&, const StructField& field) {
    highest = std::max<int64_t>(highest, field.column_mapping_id.value_or(0));
    for (const auto& [path, id] : ReadNestedIds(field)) highest = std::max(highest, id);
  });
  return highest;
}

// Ids for the parts of `type` that lie below no further field.
void NumberParts(const DataType& type, const std::string& prefix, int64_t& highest, NestedIds& ids) {
  const auto number = [&](const std::string& path, const DataType& part) {
    const bool known = std::any_of(ids.begin(), ids.end(), [&](const auto& entry) { return entry.first == path; });
    if (!known) ids.emplace_back(path, ++highest);
    NumberParts(part, path, highest, ids);
  };
  if (type.kind() == TypeKind::kArray) number(prefix + ".element", type.element());
  if (type.kind() == TypeKind::kMap) {
    number(prefix + ".key", type.key());
    number(prefix + ".value", type.value());
  }
}

void WriteNestedIds(StructField& field, const NestedIds& ids) {
  if (ids.empty()) return;
  std::string json = "{";
  for (const auto& [path, id] : ids) {
    if (json.size() > 1) json += ',';
    AppendJsonString(json, path);
    json += ":" + std::to_string(id);
  }
  field.metadata[kNestedIds] = json + "}";
}

}  // namespace

NumberedColumns AssignColumnIds(const Fields& fields, const ColumnIdRequest& request) {
  NumberedColumns numbered;
  numbered.highest = std::max(request.highest, HighestIn(fields));
  numbered.fields = MapFields(fields, [&](const StructField& given) {
    StructField field = given;
    if (!field.column_mapping_id) SetColumnId(field, static_cast<int32_t>(++numbered.highest));
    if (!field.physical_name) {
      SetPhysicalName(field, request.logical_names ? field.name : "col-" + FormatUuid(MakeRandomUuid(request.random)));
    }
    return field;
  });
  if (!request.nested_ids) return numbered;
  numbered.fields = MapFields(numbered.fields, [&](const StructField& given) {
    StructField field = given;
    NestedIds ids = ReadNestedIds(field);
    NumberParts(field.type, *field.physical_name, numbered.highest, ids);
    WriteNestedIds(field, ids);
    return field;
  });
  return numbered;
}

}  // namespace deltic
