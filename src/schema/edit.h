// Owns the changing of schemas as values: finding a path at any depth, replacing a field, metadata that deltic
// understands kept equal in its two forms (StructField's members and its JSON texts). Decides no rule.
// A path goes through arrays by "element" and through maps by "key" and "value": {"l", "element", "x"}.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/types.h"

namespace deltic {

// What a path leads to: a field, or a part of an array or map inside one.
struct SchemaPlace {
  ColumnPath path;                // in the schema's own spelling
  ColumnPath field_path;          // of the nearest field at or above it
  std::vector<std::string> part;  // from that field: {"value", "element"}; empty for the field itself
  StructField field;              // that field
  DataType type;                  // of the place
};
// Letter case does not count. InvalidArgument for a path that leads nowhere, naming what there is at that step.
Result<SchemaPlace> FindPlace(const Fields& schema, const ColumnPath& path);

// The schema with the fields of one struct replaced: of the top for an empty path, else of the struct that `parent`
// leads to. InvalidArgument when that is no struct; the edit's own errors.
using FieldsEdit = std::function<Result<Fields>(const Fields&)>;
Result<Fields> EditStruct(const Fields& schema, const ColumnPath& parent, const FieldsEdit& edit);

// The schema with one field replaced.
using FieldEdit = std::function<Result<StructField>(const StructField&)>;
Result<Fields> EditField(const Fields& schema, const ColumnPath& path, const FieldEdit& edit);

// Every field at every depth replaced, parents before their children.
Fields MapFields(const Fields& schema, const std::function<StructField(const StructField&)>& edit);
// Every field at every depth, parents first, with its path.
void ForEachField(const Fields& schema, const std::function<void(const ColumnPath&, const StructField&)>& visit);

// The type with one of its parts replaced: "element", "key", "value".
DataType ReplacePart(const DataType& type, const std::vector<std::string>& part, const DataType& with);

// Metadata members together with their JSON.
void SetColumnId(StructField& field, int32_t id);
void SetPhysicalName(StructField& field, const std::string& name);
void AddTypeChange(StructField& field, TypeChange change);
void ClearColumnMapping(StructField& field);
void ClearTypeChanges(StructField& field);
// A metadata value that is text: its JSON string, and back (nullopt when it is absent or no string).
void SetMetadataText(StructField& field, const std::string& key, std::string_view text);
std::optional<std::string> MetadataText(const StructField& field, const std::string& key);

bool SameNameIgnoringCase(std::string_view a, std::string_view b);  // ASCII

}  // namespace deltic
