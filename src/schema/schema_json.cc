// Owns the reading of schema JSON with simdjson and its writing. Metadata values stay the bytes that the writer wrote.
//
//   type   = "name" | struct | array | map | {"type":"variant"} | udt
//   struct = {"type":"struct","fields":[field...]}
//   field  = {"name":...,"type":type,"nullable":bool,"metadata":{...}}
//   array  = {"type":"array","elementType":type,"containsNull":bool}
//   map    = {"type":"map","keyType":type,"valueType":type,"valueContainsNull":bool}
//   udt    = {"type":"udt",...,"sqlType":type}     (Spark's user-defined types: stored, and read, as their sqlType)
//
// Keys come in any order and unknown ones are ignored. nullable, containsNull and valueContainsNull may be missing and
// are then true, the weaker promise; metadata may be missing or null, as some writers leave it.
#include "schema/schema_json.h"

#include <limits>
#include <unordered_set>
#include <utility>

#include <simdjson.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json_text.h"
#include "schema/type_names.h"

namespace deltic {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;

constexpr int kMaxDepth = 200;

// simdjson's raw text of an array or object reaches up to the next token.
std::string_view TrimEnd(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t\r\n") + 1); }

// Reads one document. One thread at a time; used once.
class SchemaReader {
 public:
  Result<Fields> Read(std::string_view json);

 private:
  Status CheckJson(const simdjson::padded_string& padded) const;
  Result<Fields> ReadRoot(od::object& root);
  Result<DataType> ReadType(od::value value);
  Result<DataType> ReadTypeObject(od::object& object);
  Result<DataType> ReadPart(od::object& object, const char* key, const char* step);
  Result<Fields> ReadFields(od::object& object);
  Result<StructField> ReadField(od::value value);
  Status ReadMetadata(od::object& field_object, StructField& field);
  Status ReadKnownMetadata(std::string_view key, od::value value, StructField& field);
  Result<std::vector<TypeChange>> ReadTypeChanges(od::array& array);
  Result<DataType> ReadTypeChangeType(od::object& change, const char* key);
  Result<bool> ReadFlag(od::object& object, const char* key);
  Status CheckNames(const Fields& fields) const;

  std::string Place() const { return path_.empty() ? "the schema" : "column " + ToString(path_); }
  Error Bad(std::string_view what) const { return Corrupt("{}: {}", Place(), what); }
  Error BadJson(error_code code) const {
    return Corrupt("{}: schemaString is not valid JSON: {}", Place(), simdjson::error_message(code));
  }

  ColumnPath path_;
  int depth_ = 0;
};

Result<Fields> SchemaReader::Read(std::string_view json) {
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Corrupt("schemaString is empty: the metaData action must hold the table's schema");
  }
  const simdjson::padded_string padded(json);
  DELTIC_CHECK(CheckJson(padded));
  od::parser parser;
  od::document document;
  od::object root;
  if (error_code code = parser.iterate(padded).get(document)) return BadJson(code);
  if (error_code code = document.get_object().get(root)) {
    return code == simdjson::INCORRECT_TYPE ? Bad("schemaString is not a JSON object") : BadJson(code);
  }
  return ReadRoot(root);
}

// The reading below jumps between keys, and simdjson 3.0 takes for granted there that the text it jumps over is JSON:
// what is not must be found before. It also makes sure that metadata, which is kept as text, is JSON.
Status SchemaReader::CheckJson(const simdjson::padded_string& padded) const {
  simdjson::dom::parser parser;
  const error_code code = parser.parse(padded).error();
  if (code == simdjson::NUMBER_ERROR && nlohmann::json::accept(padded.data(), padded.data() + padded.size())) {
    return {};  // a whole number of more than 64 bits, which JSON allows
  }
  return code ? Status(BadJson(code)) : Status();
}

Result<Fields> SchemaReader::ReadRoot(od::object& root) {
  std::string_view type;
  if (root.find_field_unordered("type").get_string().get(type) != simdjson::SUCCESS || type != "struct") {
    return Bad("schemaString must be of type struct");
  }
  depth_ = 1;
  return ReadFields(root);
}

Result<DataType> SchemaReader::ReadType(od::value value) {
  od::json_type json_type;
  if (error_code code = value.type().get(json_type)) return BadJson(code);
  if (json_type == od::json_type::string) {
    std::string_view name;
    if (error_code code = value.get_string().get(name)) return BadJson(code);
    auto type = ParseTypeName(name);
    if (!type.ok()) return std::move(type).error().Wrap(Place());
    return type;
  }
  od::object object;
  if (json_type != od::json_type::object) return Bad("its type must be a name or an object");
  if (error_code code = value.get_object().get(object)) return BadJson(code);
  if (++depth_ > kMaxDepth) return Bad(fmt::format("types nest deeper than {} levels", kMaxDepth));
  auto type = ReadTypeObject(object);
  --depth_;
  return type;
}

Result<DataType> SchemaReader::ReadTypeObject(od::object& object) {
  std::string_view found;
  if (object.find_field_unordered("type").get_string().get(found) != simdjson::SUCCESS) {
    return Bad("a type object has no type");
  }
  const std::string kind(found);
  if (kind == "struct") {
    DELTIC_TRY(Fields fields, ReadFields(object));
    return DataType::Struct(std::move(fields));
  }
  if (kind == "array") {
    DELTIC_TRY(DataType element, ReadPart(object, "elementType", "element"));
    DELTIC_TRY(bool contains_null, ReadFlag(object, "containsNull"));
    return DataType::Array(std::move(element), contains_null);
  }
  if (kind == "map") {
    DELTIC_TRY(DataType key, ReadPart(object, "keyType", "key"));
    DELTIC_TRY(DataType value, ReadPart(object, "valueType", "value"));
    DELTIC_TRY(bool value_contains_null, ReadFlag(object, "valueContainsNull"));
    return DataType::Map(std::move(key), std::move(value), value_contains_null);
  }
  if (kind == "udt") return ReadPart(object, "sqlType", "sqlType");
  // {"type":"variant"} is how Spark writes variants inside arrays and maps; other names get the same courtesy.
  auto type = ParseTypeName(kind);
  if (!type.ok()) return std::move(type).error().Wrap(Place());
  return type;
}

Result<DataType> SchemaReader::ReadPart(od::object& object, const char* key, const char* step) {
  od::value value;
  const error_code code = object.find_field_unordered(key).get(value);
  if (code == simdjson::NO_SUCH_FIELD) return Bad(fmt::format("{} is missing", key));
  if (code) return BadJson(code);
  path_.emplace_back(step);
  auto type = ReadType(value);
  path_.pop_back();
  return type;
}

Result<Fields> SchemaReader::ReadFields(od::object& object) {
  od::array array;
  const error_code code = object.find_field_unordered("fields").get_array().get(array);
  if (code == simdjson::NO_SUCH_FIELD) return Bad("a struct has no fields");
  if (code == simdjson::INCORRECT_TYPE) return Bad("the fields of a struct are not a list");
  if (code) return BadJson(code);
  Fields fields;
  for (auto element : array) {
    od::value value;
    if (error_code element_code = std::move(element).get(value)) return BadJson(element_code);
    DELTIC_TRY(StructField field, ReadField(value));
    fields.push_back(std::move(field));
  }
  DELTIC_CHECK(CheckNames(fields));
  return fields;
}

Result<StructField> SchemaReader::ReadField(od::value value) {
  od::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Bad("a field is not a JSON object");
  std::string_view name;
  if (object.find_field_unordered("name").get_string().get(name) != simdjson::SUCCESS) {
    return Bad("a field has no name");
  }
  StructField field;
  field.name = name;
  path_.push_back(field.name);
  od::value type;
  const error_code code = object.find_field_unordered("type").get(type);
  if (code == simdjson::NO_SUCH_FIELD) return Bad("its type is missing");
  if (code) return BadJson(code);
  DELTIC_TRY(field.type, ReadType(type));
  DELTIC_TRY(field.nullable, ReadFlag(object, "nullable"));
  DELTIC_CHECK(ReadMetadata(object, field));
  path_.pop_back();
  return field;
}

Status SchemaReader::ReadMetadata(od::object& field_object, StructField& field) {
  od::value value;
  error_code code = field_object.find_field_unordered("metadata").get(value);
  if (code == simdjson::NO_SUCH_FIELD) return {};
  bool is_null = false;
  if (!code) code = value.is_null().get(is_null);
  if (code) return BadJson(code);
  if (is_null) return {};
  od::object object;
  code = value.get_object().get(object);
  if (code == simdjson::INCORRECT_TYPE) return Bad("its metadata is not a JSON object");
  if (code) return BadJson(code);
  for (auto entry : object) {
    od::field pair;
    std::string_view key;
    if (error_code entry_code = std::move(entry).get(pair)) return BadJson(entry_code);
    if (error_code key_code = pair.unescaped_key().get(key)) return BadJson(key_code);
    const std::string owned_key(key);
    DELTIC_CHECK(ReadKnownMetadata(owned_key, pair.value(), field));
  }
  return {};
}

// Keeps the value's text, and parses it too where deltic must understand it. simdjson hands a value out once, so each
// branch takes what it needs in one go.
Status SchemaReader::ReadKnownMetadata(std::string_view key, od::value value, StructField& field) {
  std::string& raw = field.metadata[std::string(key)];
  if (key == "delta.columnMapping.id") {
    int64_t id = 0;
    if (value.get_int64().get(id) != simdjson::SUCCESS || id < 0 || id > std::numeric_limits<int32_t>::max()) {
      return Bad("delta.columnMapping.id must be a whole number of 32 bits");
    }
    raw = std::to_string(id);
    field.column_mapping_id = static_cast<int32_t>(id);
    return {};
  }
  if (key == "delta.columnMapping.physicalName") {
    std::string_view name;
    if (value.get_string().get(name) != simdjson::SUCCESS || name.empty()) {
      return Bad("delta.columnMapping.physicalName must be a string that is not empty");
    }
    field.physical_name = std::string(name);
    raw.clear();
    AppendJsonString(raw, name);
    return {};
  }
  std::string_view text;
  if (key != "delta.typeChanges") {
    if (error_code code = simdjson::to_json_string(value).get(text)) return BadJson(code);
    raw = TrimEnd(text);
    return {};
  }
  od::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return Bad("delta.typeChanges is not a list");
  if (error_code code = array.raw_json().get(text)) return BadJson(code);
  raw = TrimEnd(text);
  if (error_code code = array.reset().error()) return BadJson(code);
  DELTIC_TRY(field.type_changes, ReadTypeChanges(array));
  return {};
}

// Each change is {"fromType":...,"toType":...} with a fieldPath for the parts of arrays and maps. The preview of type
// widening also wrote the tableVersion of the change, which the final protocol dropped: it is ignored.
Result<std::vector<TypeChange>> SchemaReader::ReadTypeChanges(od::array& array) {
  std::vector<TypeChange> changes;
  for (auto element : array) {
    od::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) return Bad("delta.typeChanges holds no object");
    TypeChange change;
    DELTIC_TRY(change.from, ReadTypeChangeType(object, "fromType"));
    DELTIC_TRY(change.to, ReadTypeChangeType(object, "toType"));
    std::string_view field_path;
    const error_code code = object.find_field_unordered("fieldPath").get_string().get(field_path);
    if (code && code != simdjson::NO_SUCH_FIELD) return Bad("a fieldPath of delta.typeChanges is not a string");
    change.field_path = field_path;
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<DataType> SchemaReader::ReadTypeChangeType(od::object& change, const char* key) {
  std::string_view name;
  if (change.find_field_unordered(key).get_string().get(name) != simdjson::SUCCESS) {
    return Bad(fmt::format("a change in delta.typeChanges has no {} that names a primitive type", key));
  }
  auto type = ParseTypeName(name);
  if (!type.ok()) return std::move(type).error().Wrap(Place() + ": delta.typeChanges");
  return type;
}

Result<bool> SchemaReader::ReadFlag(od::object& object, const char* key) {
  bool flag = true;
  const error_code code = object.find_field_unordered(key).get_bool().get(flag);
  if (code == simdjson::NO_SUCH_FIELD) return true;
  if (code == simdjson::INCORRECT_TYPE) return Bad(fmt::format("{} must be true or false", key));
  if (code) return BadJson(code);
  return flag;
}

// Protocol: "All column names must be unique regardless of casing." Spark compares ASCII case here as elsewhere.
Status SchemaReader::CheckNames(const Fields& fields) const {
  std::unordered_set<std::string> seen;
  for (const StructField& field : fields) {
    if (seen.insert(AsciiLower(field.name)).second) continue;
    ColumnPath path = path_;
    path.push_back(field.name);
    return Corrupt("column {}: another column of the same struct has this name (letter case does not count)",
                   ToString(path));
  }
  return {};
}

void AppendType(std::string& out, const DataType& type);

void AppendStruct(std::string& out, const Fields& fields) {
  out += R"({"type":"struct","fields":[)";
  const char* comma = "";
  for (const StructField& field : fields) {
    out += std::exchange(comma, ",");
    out += R"({"name":)";
    AppendJsonString(out, field.name);
    out += R"(,"type":)";
    AppendType(out, field.type);
    out += field.nullable ? R"(,"nullable":true,"metadata":{)" : R"(,"nullable":false,"metadata":{)";
    const char* metadata_comma = "";
    for (const auto& [key, json] : field.metadata) {
      out += std::exchange(metadata_comma, ",");
      AppendJsonString(out, key);
      out += ':';
      out += json;
    }
    out += "}}";
  }
  out += "]}";
}

void AppendType(std::string& out, const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      return AppendStruct(out, type.fields());
    case TypeKind::kArray:
      out += R"({"type":"array","elementType":)";
      AppendType(out, type.element());
      out += type.contains_null() ? R"(,"containsNull":true})" : R"(,"containsNull":false})";
      return;
    case TypeKind::kMap:
      out += R"({"type":"map","keyType":)";
      AppendType(out, type.key());
      out += R"(,"valueType":)";
      AppendType(out, type.value());
      out += type.contains_null() ? R"(,"valueContainsNull":true})" : R"(,"valueContainsNull":false})";
      return;
    default:
      AppendJsonString(out, TypeName(type));
  }
}

}  // namespace

Result<Fields> ParseSchemaJson(std::string_view json) { return SchemaReader().Read(json); }

std::string SchemaToJson(const Fields& fields) {
  std::string out;
  AppendStruct(out, fields);
  return out;
}

}  // namespace deltic
