// Owns walks over schemas that find or change a place. Types are immutable: what is above a change is made anew.
#include "schema/edit.h"

#include <algorithm>

#include <simdjson.h>

#include "base/error.h"
#include "base/json_text.h"
#include "schema/type_names.h"

namespace deltic {
namespace {

std::string NamesOf(const Fields& fields) {
  std::string names;
  for (const StructField& field : fields) {
    if (!names.empty()) names += ", ";
    names += ToString(ColumnPath{field.name});
  }
  return names.empty() ? "none" : names;
}

// The part of an array or map that a step names; null when it has none of that name.
const DataType* Part(const DataType& type, std::string_view step) {
  if (type.kind() == TypeKind::kArray && SameNameIgnoringCase(step, "element")) return &type.element();
  if (type.kind() == TypeKind::kMap && SameNameIgnoringCase(step, "key")) return &type.key();
  if (type.kind() == TypeKind::kMap && SameNameIgnoringCase(step, "value")) return &type.value();
  return nullptr;
}

std::string PartName(std::string_view step) {
  for (const char* name : {"element", "key", "value"}) {
    if (SameNameIgnoringCase(step, name)) return name;
  }
  return std::string(step);
}

// The type with the part at the first of `rest` replaced by what `edit` makes of the struct at its end.
Result<DataType> EditType(const DataType& type, const ColumnPath& rest, size_t step, const FieldsEdit& edit,
                          const ColumnPath& whole);

Result<Fields> EditFields(const Fields& fields, const ColumnPath& rest, size_t step, const FieldsEdit& edit) {
  if (step == rest.size()) return edit(fields);
  Fields edited = fields;
  for (StructField& field : edited) {
    if (!SameNameIgnoringCase(field.name, rest[step])) continue;
    DELTIC_TRY(field.type, EditType(field.type, rest, step + 1, edit, rest));
    return edited;
  }
  return InvalidArgument("there is no column {}; there are {}", ToString(rest), NamesOf(fields));
}

Result<DataType> EditType(const DataType& type, const ColumnPath& rest, size_t step, const FieldsEdit& edit,
                          const ColumnPath& whole) {
  if (type.kind() == TypeKind::kStruct) {
    DELTIC_TRY(Fields fields, EditFields(type.fields(), rest, step, edit));
    return DataType::Struct(std::move(fields));
  }
  const DataType* part = step < rest.size() ? Part(type, rest[step]) : nullptr;
  if (part == nullptr) {
    return InvalidArgument("column {} has the type {}, which has no fields", ToString(whole), type.ToString());
  }
  DELTIC_TRY(DataType edited, EditType(*part, rest, step + 1, edit, whole));
  return ReplacePart(type, {PartName(rest[step])}, edited);
}

DataType MapType(const DataType& type, const std::function<StructField(const StructField&)>& edit) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      return DataType::Struct(MapFields(type.fields(), edit));
    case TypeKind::kArray:
      return DataType::Array(MapType(type.element(), edit), type.contains_null());
    case TypeKind::kMap:
      return DataType::Map(MapType(type.key(), edit), MapType(type.value(), edit), type.contains_null());
    default:
      return type;
  }
}

using Visit = std::function<void(const ColumnPath&, const StructField&)>;

void VisitFields(const Fields& fields, ColumnPath& path, const Visit& visit);

void VisitType(const DataType& type, ColumnPath& path, const Visit& visit) {
  const auto within = [&](const char* step, const DataType& part) {
    path.emplace_back(step);
    VisitType(part, path, visit);
    path.pop_back();
  };
  switch (type.kind()) {
    case TypeKind::kStruct:
      return VisitFields(type.fields(), path, visit);
    case TypeKind::kArray:
      return within("element", type.element());
    case TypeKind::kMap:
      within("key", type.key());
      return within("value", type.value());
    default:
      return;
  }
}

void VisitFields(const Fields& fields, ColumnPath& path, const Visit& visit) {
  for (const StructField& field : fields) {
    path.push_back(field.name);
    visit(path, field);
    VisitType(field.type, path, visit);
    path.pop_back();
  }
}

}  // namespace

bool SameNameIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

Result<SchemaPlace> FindPlace(const Fields& schema, const ColumnPath& path) {
  if (path.empty()) return InvalidArgument("a column path is empty");
  SchemaPlace place;
  place.type = DataType::Struct(schema);
  for (const std::string& step : path) {
    if (place.type.kind() == TypeKind::kStruct) {
      const DataType holder = place.type;
      const StructField* field = FindField(holder.fields(), step);
      if (field == nullptr) {
        return InvalidArgument("there is no column {}; {} {}", ToString(path),
                               place.path.empty() ? "there are" : ToString(place.path) + " has",
                               NamesOf(holder.fields()));
      }
      place.path.push_back(field->name);
      place.field_path = place.path;
      place.part.clear();
      place.field = *field;
      place.type = field->type;
      continue;
    }
    const DataType holder = place.type;
    const DataType* part = Part(holder, step);
    if (part == nullptr) {
      return InvalidArgument("there is no column {}: {} has the type {}", ToString(path), ToString(place.path),
                             place.type.ToString());
    }
    place.path.push_back(PartName(step));
    place.part.push_back(PartName(step));
    place.type = *part;
  }
  return place;
}

Result<Fields> EditStruct(const Fields& schema, const ColumnPath& parent, const FieldsEdit& edit) {
  return EditFields(schema, parent, 0, edit);
}

Result<Fields> EditField(const Fields& schema, const ColumnPath& path, const FieldEdit& edit) {
  if (path.empty()) return InvalidArgument("a column path is empty");
  const ColumnPath parent(path.begin(), path.end() - 1);
  return EditStruct(schema, parent, [&](const Fields& fields) -> Result<Fields> {
    Fields edited = fields;
    for (StructField& field : edited) {
      if (!SameNameIgnoringCase(field.name, path.back())) continue;
      DELTIC_TRY(field, edit(field));
      return edited;
    }
    return InvalidArgument("there is no column {}; there are {}", ToString(path), NamesOf(fields));
  });
}

Fields MapFields(const Fields& schema, const std::function<StructField(const StructField&)>& edit) {
  Fields edited;
  for (const StructField& field : schema) {
    edited.push_back(edit(field));
    edited.back().type = MapType(edited.back().type, edit);
  }
  return edited;
}

void ForEachField(const Fields& schema, const Visit& visit) {
  ColumnPath path;
  VisitFields(schema, path, visit);
}

DataType ReplacePart(const DataType& type, const std::vector<std::string>& part, const DataType& with) {
  if (part.empty()) return with;
  const std::vector<std::string> rest(part.begin() + 1, part.end());
  if (type.kind() == TypeKind::kArray) {
    return DataType::Array(ReplacePart(type.element(), rest, with), type.contains_null());
  }
  if (part.front() == "key") {
    return DataType::Map(ReplacePart(type.key(), rest, with), type.value(), type.contains_null());
  }
  return DataType::Map(type.key(), ReplacePart(type.value(), rest, with), type.contains_null());
}

void SetColumnId(StructField& field, int32_t id) {
  field.column_mapping_id = id;
  field.metadata["delta.columnMapping.id"] = std::to_string(id);
}

void SetPhysicalName(StructField& field, const std::string& name) {
  field.physical_name = name;
  SetMetadataText(field, "delta.columnMapping.physicalName", name);
}

void AddTypeChange(StructField& field, TypeChange change) {
  field.type_changes.push_back(std::move(change));
  std::string json = "[";
  for (const TypeChange& each : field.type_changes) {
    if (json.size() > 1) json += ',';
    json += R"({"toType":)";
    AppendJsonString(json, TypeName(each.to));
    json += R"(,"fromType":)";
    AppendJsonString(json, TypeName(each.from));
    if (!each.field_path.empty()) {
      json += R"(,"fieldPath":)";
      AppendJsonString(json, each.field_path);
    }
    json += '}';
  }
  field.metadata["delta.typeChanges"] = json + "]";
}

void ClearColumnMapping(StructField& field) {
  field.column_mapping_id.reset();
  field.physical_name.reset();
  std::erase_if(field.metadata, [](const auto& entry) { return entry.first.starts_with("delta.columnMapping."); });
}

void ClearTypeChanges(StructField& field) {
  field.type_changes.clear();
  field.metadata.erase("delta.typeChanges");
}

void SetMetadataText(StructField& field, const std::string& key, std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  field.metadata[key] = std::move(json);
}

std::optional<std::string> MetadataText(const StructField& field, const std::string& key) {
  const auto found = field.metadata.find(key);
  if (found == field.metadata.end()) return std::nullopt;
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(found->second)).get_string().get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return std::string(text);
}

}  // namespace deltic
