// Feeds bytes as a schemaString to ParseSchemaJson. What parses must be written and parsed again to the same schema,
// and the checks over it must end; nothing may crash, leak or run away. Seeds: the schemaString values of any tables.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "schema/schema_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  const auto fields = ParseSchemaJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!fields.ok()) return 0;
  (void)CheckTypeChanges(*fields).ok();
  const DataType root = DataType::Struct(*fields);
  (void)root.ToString();
  const auto again = ParseSchemaJson(SchemaToJson(*fields));
  if (!again.ok() || !(DataType::Struct(*again) == root)) std::abort();
  return 0;
}
