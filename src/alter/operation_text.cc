// Owns the writing of those texts.
#include "alter/operation_text.h"

#include "base/json_text.h"
#include "schema/type_names.h"

namespace deltic {
namespace {

std::string Json(std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

// Spark tells of a nested type only what it is.
std::string ShortTypeName(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      return "struct";
    case TypeKind::kArray:
      return "array";
    case TypeKind::kMap:
      return "map";
    default:
      return TypeName(type);
  }
}

}  // namespace

std::string QuotedText(std::string_view text) { return Json(text); }

std::string QuotedMap(const StringMap& properties) {
  std::string json = "{";
  for (const auto& [key, value] : properties) {
    json += (json.size() > 1 ? "," : "") + Json(key) + ":" + Json(value);
  }
  return Json(json + "}");
}

std::string QuotedList(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) json += (json.size() > 1 ? "," : "") + Json(text);
  return Json(json + "]");
}

std::string PositionText(const ColumnPosition& position) {
  if (position.first) return "FIRST";
  return position.after.empty() ? "" : "AFTER " + position.after;
}

std::string ColumnText(const ColumnPath& path, const StructField& field) {
  std::string json = R"({"name":)" + Json(ToString(path)) + R"(,"type":)" + Json(ShortTypeName(field.type)) +
                     (field.nullable ? R"(,"nullable":true,"metadata":{)" : R"(,"nullable":false,"metadata":{)");
  const char* comma = "";
  for (const auto& [key, value] : field.metadata) {
    json += comma + Json(key) + ":" + value;
    comma = ",";
  }
  return json + "}}";
}

}  // namespace deltic
