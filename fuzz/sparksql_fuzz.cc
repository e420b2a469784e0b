// Feeds bytes to TranslateSparkSql over a schema that has every type. It may answer what it likes, but must not crash,
// hang or grow; and what it translates must be one SQL expression as far as its own quotes and parentheses tell, for
// the text is put into a larger query. Seeds: expressions of each form (make_seeds.py).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sparksql/translate.h"

namespace {

using namespace deltic;

Fields MakeSchema() {
  Fields fields;
  const auto add = [&](const char* name, DataType type) {
    StructField field;
    field.name = name;
    field.type = std::move(type);
    fields.push_back(std::move(field));
  };
  add("o", DataType(TypeKind::kBoolean));
  add("b", DataType(TypeKind::kByte));
  add("i", DataType(TypeKind::kInteger));
  add("l", DataType(TypeKind::kLong));
  add("d", DataType(TypeKind::kDouble));
  add("p", DataType::Decimal(10, 2));
  add("s", DataType(TypeKind::kString));
  add("x", DataType(TypeKind::kBinary));
  add("t", DataType(TypeKind::kDate));
  add("c", DataType(TypeKind::kTimestamp));
  add("n", DataType(TypeKind::kTimestampNtz));
  add("quoted \"name", DataType(TypeKind::kVariant));
  add("ar", DataType::Array(DataType(TypeKind::kInteger), true));
  add("mp", DataType::Map(DataType(TypeKind::kString), DataType(TypeKind::kInteger), true));
  add("st", DataType::Struct(Fields(fields.begin(), fields.begin() + 3)));
  return fields;
}

// Whether quotes close, and parentheses and brackets close in order, outside of them.
bool IsWhole(std::string_view sql) {
  std::string open;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      const size_t end = sql.find(c, i + 1);  // a doubled quote is two strings side by side
      if (end == std::string_view::npos) return false;
      i = end;
    } else if (c == '(' || c == '[') {
      open.push_back(c);
    } else if (c == ')' || c == ']') {
      if (open.empty() || open.back() != (c == ')' ? '(' : '[')) return false;
      open.pop_back();
    } else if (c == ';' || (c == '-' && sql.substr(i, 2) == "--") || sql.substr(i, 2) == "/*") {
      return false;
    }
  }
  return open.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Fields schema = MakeSchema();
  const auto engine = TranslateSparkSql(std::string_view(reinterpret_cast<const char*>(data), size), schema);
  if (engine.ok() && (engine->sql.empty() || !IsWhole(engine->sql))) std::abort();
  if (!engine.ok() && engine.error().code() != Code::kInvalidArgument && engine.error().code() != Code::kUnsupported)
    std::abort();
  return 0;
}
