// Owns the SQL text for variants and its two functions; see the header.
#include "engine/duckdb/variant_sql.h"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <random>

#include "base/error.h"
#include "base/json_text.h"
#include "engine/duckdb/convert.h"
#include "engine/variant_json.h"

namespace deltic {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::Vector;

const std::string& Mark() {
  static const auto* mark = [] {
    std::random_device random;
    return new std::string(fmt::format("deltic-variant-{:08x}{:08x}{:08x}:", random(), random(), random()));
  }();
  return *mark;
}

std::string Binary(const std::string& expression) {
  return "CAST(variant_to_parquet_variant(" + expression + ") AS STRUCT(metadata BLOB, \"value\" BLOB))";
}

std::string Leaf(bool json, const std::string& expression) {
  return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE " +
         (json ? QuoteText(Mark()) + " || deltic_variant_json(" + Binary(expression) + ")" : Binary(expression)) +
         " END";
}

// Replaces each variant inside a value: by marked JSON text, or by its two binary fields. `depth` keeps the names of
// nested lambdas' parameters apart.
std::string Replace(bool json, const std::string& expression, const LogicalType& type, int depth) {
  if (!HoldsVariant(type)) return expression;
  const std::string item = "deltic_item_" + std::to_string(depth);
  switch (type.id()) {
    case LogicalTypeId::VARIANT:
      return Leaf(json, expression);
    case LogicalTypeId::STRUCT: {
      std::string fields;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        fields += (fields.empty() ? "" : ", ") + QuoteName(name) +
                  " := " + Replace(json, "struct_extract(" + expression + ", " + QuoteText(name) + ")", child, depth);
      }
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
    }
    case LogicalTypeId::LIST:
      return "list_transform(" + expression + ", lambda " + item + ": " +
             Replace(json, item, duckdb::ListType::GetChildType(type), depth + 1) + ")";
    default:  // MAP
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(" +
             expression + "), lambda " + item +
             ": struct_pack(k := " + Replace(json, item + ".key", duckdb::MapType::KeyType(type), depth + 1) +
             ", v := " + Replace(json, item + ".\"value\"", duckdb::MapType::ValueType(type), depth + 1) + "))) END";
  }
}

// Undoes the escapes of a JSON string from `at` on, to the closing quote; answers the position after it.
size_t Unescape(std::string_view json, size_t at, std::string* out) {
  for (; at < json.size() && json[at] != '"'; at++) {
    if (json[at] != '\\' || at + 1 >= json.size()) {
      *out += json[at];
      continue;
    }
    const char kind = json[++at];
    switch (kind) {
      case 'n':
        *out += '\n';
        break;
      case 't':
        *out += '\t';
        break;
      case 'r':
        *out += '\r';
        break;
      case 'b':
        *out += '\b';
        break;
      case 'f':
        *out += '\f';
        break;
      case 'u': {
        // Only control characters are written so; what stands beyond them is kept as it was written.
        const unsigned code = at + 4 < json.size() ? std::stoul(std::string(json.substr(at + 1, 4)), nullptr, 16) : 0;
        if (code < 0x80) {
          *out += static_cast<char>(code);
        } else {
          *out += "\\u" + std::string(json.substr(at + 1, 4));
        }
        at += 4;
        break;
      }
      default:
        *out += kind;
    }
  }
  return at + 1;
}

std::string Unmark(std::string_view json) {
  const std::string marked = "\"" + Mark();
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t found = json.find(marked, at);
    out.append(json.substr(at, found - at));
    if (found == std::string_view::npos) return out;
    at = Unescape(json, found + marked.size(), &out);
  }
}

void RunVariantJson(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  auto& input = arguments.data[0];
  const auto count = arguments.size();
  input.Flatten(count);
  auto& fields = duckdb::StructVector::GetEntries(input);
  fields[0]->Flatten(count);
  fields[1]->Flatten(count);
  const auto* metadata = duckdb::FlatVector::GetData<string_t>(*fields[0]);
  const auto* values = duckdb::FlatVector::GetData<string_t>(*fields[1]);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* out = duckdb::FlatVector::GetData<string_t>(result);
  for (idx_t row = 0; row < count; row++) {
    if (duckdb::FlatVector::IsNull(input, row) || duckdb::FlatVector::IsNull(*fields[0], row) ||
        duckdb::FlatVector::IsNull(*fields[1], row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    auto json = VariantToJson({metadata[row].GetData(), metadata[row].GetSize()},
                              {values[row].GetData(), values[row].GetSize()});
    if (!json.ok()) ThrowError(json.error());
    out[row] = duckdb::StringVector::AddString(result, *json);
  }
}

void RunUnmark(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(arguments.data[0], result, arguments.size(), [&](string_t json) {
    return duckdb::StringVector::AddString(result, Unmark({json.GetData(), json.GetSize()}));
  });
}

}  // namespace

bool HoldsVariant(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::VARIANT:
      return true;
    case LogicalTypeId::LIST:
      return HoldsVariant(duckdb::ListType::GetChildType(type));
    case LogicalTypeId::MAP:
      return HoldsVariant(duckdb::MapType::KeyType(type)) || HoldsVariant(duckdb::MapType::ValueType(type));
    case LogicalTypeId::STRUCT:
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        if (HoldsVariant(child)) return true;
      }
      return false;
    default:
      return false;
  }
}

std::string VariantAsText(const std::string& expression, const LogicalType& type) {
  if (!HoldsVariant(type)) return expression;
  if (type.id() == LogicalTypeId::VARIANT) {
    return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE deltic_variant_json(" + Binary(expression) + ") END";
  }
  return "deltic_unmark(CAST(to_json(" + Replace(true, expression, type, 0) + ") AS VARCHAR))";
}

std::string VariantForParquet(const std::string& expression, const LogicalType& type) {
  return type.id() == LogicalTypeId::VARIANT ? expression : Replace(false, expression, type, 0);
}

std::string JsonRow(const std::vector<JsonColumn>& columns) {
  std::string fields;
  for (const auto& column : columns) {
    fields += (fields.empty() ? "" : ", ") + QuoteName(column.name) +
              " := " + Replace(true, column.expression, column.type, 0);
  }
  return "deltic_unmark(CAST(to_json(struct_pack(" + fields + ")) AS VARCHAR))";
}

void RegisterVariantFunctions(duckdb::DatabaseInstance& database) {
  const auto binary = LogicalType::STRUCT({{"metadata", LogicalType::BLOB}, {"value", LogicalType::BLOB}});
  duckdb::ScalarFunction json("deltic_variant_json", {binary}, LogicalType::VARCHAR, RunVariantJson);
  json.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::ScalarFunction unmark("deltic_unmark", {LogicalType::VARCHAR}, LogicalType::VARCHAR, RunUnmark);
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  for (auto* function : {&json, &unmark}) {
    duckdb::CreateScalarFunctionInfo info(*function);
    info.internal = true;
    duckdb::Catalog::GetSystemCatalog(*connection.context).CreateFunction(*connection.context, info);
  }
  connection.Commit();
}

}  // namespace deltic
