// Owns the rebase of whole vectors. The only file that looks into DuckDB's Parquet reader (its footer).
#include "engine/duckdb/legacy_calendar.h"

#include <cstdlib>
#include <duckdb/common/vector_operations/vector_operations.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>
#include <parquet_reader.hpp>

#include "base/error.h"
#include "base/julian.h"
#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

// From 1900 on every zone of the world is within its own whole history of offsets: no calendar changes a value.
constexpr int64_t kYear1900Micros = -2'208'988'800'000'000;

// "3.0.1" -> {3, 0}; {0, 0} when it is no version.
std::pair<int, int> VersionOf(const std::string& text) {
  char* end = nullptr;
  const int major = static_cast<int>(std::strtol(text.c_str(), &end, 10));
  const int minor = end != nullptr && *end == '.' ? static_cast<int>(std::strtol(end + 1, nullptr, 10)) : 0;
  return {major, minor};
}

bool IsUtc(const std::string& zone) {
  for (const char* utc : {"", "UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT", "+00:00", "UTC+0", "Universal"}) {
    if (zone == utc) return true;
  }
  return false;
}

bool Holds(const LogicalType& type, const LegacyCalendar& calendar) {
  switch (type.id()) {
    case LogicalTypeId::DATE:
      return calendar.dates;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return calendar.timestamps;
    case LogicalTypeId::LIST:
      return Holds(duckdb::ListType::GetChildType(type), calendar);
    case LogicalTypeId::MAP:
      return Holds(duckdb::MapType::KeyType(type), calendar) || Holds(duckdb::MapType::ValueType(type), calendar);
    case LogicalTypeId::STRUCT:
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        if (Holds(child, calendar)) return true;
      }
      return false;
    default:
      return false;
  }
}

// Rewrites a vector that nobody else holds.
void Rebase(Vector& vector, duckdb::idx_t count, const LegacyCalendar& calendar, const std::string& file) {
  const auto& type = vector.GetType();
  if (!Holds(type, calendar)) return;
  vector.Flatten(count);
  auto& validity = duckdb::FlatVector::Validity(vector);
  switch (type.id()) {
    case LogicalTypeId::DATE: {
      auto* days = duckdb::FlatVector::GetData<duckdb::date_t>(vector);
      for (duckdb::idx_t i = 0; i < count; i++) {
        if (validity.RowIsValid(i) && duckdb::Date::IsFinite(days[i])) {
          days[i] = duckdb::date_t(static_cast<int32_t>(RebaseJulianDays(days[i].days)));
        }
      }
      return;
    }
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: {
      auto* micros = duckdb::FlatVector::GetData<int64_t>(vector);
      for (duckdb::idx_t i = 0; i < count; i++) {
        if (!validity.RowIsValid(i) || micros[i] >= kYear1900Micros) continue;
        if (!IsUtc(calendar.zone)) {
          ThrowError(Unsupported(
              "data file {}: it holds timestamps before 1900 in Spark's legacy calendar and zone {}, whose "
              "rules of then deltic does not have; rewrite the file with Spark 3 or later, or filter them out",
              file, calendar.zone));
        }
        micros[i] = RebaseJulianMicros(micros[i]);
      }
      return;
    }
    case LogicalTypeId::STRUCT:
      for (auto& child : duckdb::StructVector::GetEntries(vector)) Rebase(*child, count, calendar, file);
      return;
    default:  // LIST and MAP, which is a list of key and value
      Rebase(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector), calendar, file);
  }
}

}  // namespace

std::optional<LegacyCalendar> FindLegacyCalendar(duckdb::BaseFileReader& reader) {
  const auto& parquet = reader.Cast<duckdb::ParquetReader>();
  const auto* footer = parquet.GetFileMetadata();
  std::optional<std::string> version;
  bool legacy_dates = false, legacy_int96 = false;
  std::string zone;
  for (const auto& entry : footer->key_value_metadata) {
    if (entry.key == "org.apache.spark.version") version = entry.value;
    if (entry.key == "org.apache.spark.legacyDateTime") legacy_dates = true;
    if (entry.key == "org.apache.spark.legacyINT96") legacy_int96 = true;
    if (entry.key == "org.apache.spark.timeZone") zone = entry.value;
  }
  // Writers that do not say they are Spark are not: they always wrote the Gregorian calendar. (Spark 2 leaves no mark.)
  if (!version) return std::nullopt;
  const auto [major, minor] = VersionOf(*version);
  if (major > 0) {
    legacy_dates |= major < 3;
    legacy_int96 |= major < 3 || (major == 3 && minor < 1);
  }
  if (!legacy_dates && !legacy_int96) return std::nullopt;
  bool int96 = false;
  for (const auto& element : footer->schema) {
    int96 |= element.__isset.type && element.type == duckdb_parquet::Type::INT96;
  }
  LegacyCalendar calendar{.dates = legacy_dates, .timestamps = int96 ? legacy_int96 : legacy_dates, .zone = zone};
  return calendar.dates || calendar.timestamps ? std::optional(calendar) : std::nullopt;
}

void RebaseLegacy(duckdb::unique_ptr<duckdb::Expression>& expression, const LegacyCalendar& calendar,
                  const std::string& file) {
  const auto type = expression->return_type;
  if (!Holds(type, calendar)) return;
  duckdb::ScalarFunction function(
      "deltic_rebase", {type}, type,
      [calendar, file](duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
        duckdb::VectorOperations::Copy(arguments.data[0], result, arguments.size(), 0, 0);
        Rebase(result, arguments.size(), calendar, file);
      });
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> children;
  children.push_back(std::move(expression));
  expression =
      duckdb::make_uniq<duckdb::BoundFunctionExpression>(type, std::move(function), std::move(children), nullptr);
}

}  // namespace deltic
