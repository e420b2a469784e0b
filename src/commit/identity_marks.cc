// Owns the comparing of metadata actions. Protocol: "Identity Columns".
#include "commit/identity_marks.h"

#include <optional>

#include "schema/schema_json.h"
#include "schema/types.h"

namespace deltic {
namespace {

constexpr const char* kMark = "delta.identity.highWaterMark";

// The schema as one canonical text, without the marks. Identity columns stand at the top of a schema only.
std::optional<std::string> SchemaText(const std::string& json, bool with_marks) {
  Result<Fields> fields = ParseSchemaJson(json);
  if (!fields.ok()) return std::nullopt;
  if (!with_marks) {
    for (StructField& field : *fields) field.metadata.erase(kMark);
  }
  return SchemaToJson(*fields);
}

bool SameBesideSchema(const Metadata& a, const Metadata& b) {
  return a.id == b.id && a.name == b.name && a.description == b.description && a.format.provider == b.format.provider &&
         a.format.options == b.format.options && a.partition_columns == b.partition_columns &&
         a.created_time == b.created_time && a.configuration == b.configuration;
}

bool Same(const Metadata& a, const Metadata& b, bool with_marks) {
  if (!SameBesideSchema(a, b)) return false;
  if (a.schema_string == b.schema_string) return true;
  const std::optional<std::string> a_schema = SchemaText(a.schema_string, with_marks);
  return a_schema && a_schema == SchemaText(b.schema_string, with_marks);
}

}  // namespace

bool SameMetadata(const Metadata& a, const Metadata& b) { return Same(a, b, true); }
bool SameButIdentityMarks(const Metadata& a, const Metadata& b) { return Same(a, b, false); }

}  // namespace deltic
