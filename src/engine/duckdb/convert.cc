// Owns the translation of types, literals and errors between deltic and DuckDB.
#include "engine/duckdb/convert.h"

#include <algorithm>
#include <duckdb/common/types/decimal.hpp>
#include <duckdb/common/types/hugeint.hpp>

#include "base/error.h"

namespace deltic {
namespace {

// DuckDB keeps only a type and a text of what was thrown inside its threads: our code travels in the text.
constexpr std::string_view kCodeMark =
    "\x01"
    "deltic:";

duckdb::hugeint_t ToHuge(Int128 value) {
  duckdb::hugeint_t huge;
  huge.lower = static_cast<uint64_t>(value);
  huge.upper = static_cast<int64_t>(value >> 64);
  return huge;
}

Int128 FromHuge(duckdb::hugeint_t huge) { return (static_cast<Int128>(huge.upper) << 64) | huge.lower; }

Code CodeOf(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::INTERRUPT:
      return Code::kCancelled;
    case ExceptionType::BINDER:
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX:
    case ExceptionType::CATALOG:
    case ExceptionType::EXPRESSION:
    case ExceptionType::MISMATCH_TYPE:
    case ExceptionType::SETTINGS:
    case ExceptionType::PARAMETER_NOT_RESOLVED:
    // A cast or a sum that a value cannot take is the query's fault: what files hold is fitted to a table's columns by
    // its type alone, which never fails for a value (columns.cc).
    case ExceptionType::CONVERSION:
    case ExceptionType::OUT_OF_RANGE:
      return Code::kInvalidArgument;
    case ExceptionType::OUT_OF_MEMORY:
      return Code::kUnavailable;
    case ExceptionType::PERMISSION:
      return Code::kPermissionDenied;
    case ExceptionType::NOT_IMPLEMENTED:
    case ExceptionType::MISSING_EXTENSION:
      return Code::kUnsupported;
    case ExceptionType::INTERNAL:
    case ExceptionType::FATAL:
      return Code::kInternal;
    // What is left comes from reading files that are not what they should be.
    default:
      return Code::kCorrupt;
  }
}

// What DuckDB says besides: the line of SQL that deltic wrote around a filter, which nobody has seen; and advice to
// install extensions, which would not make a store readable here.
void CutAdvice(std::string& message) {
  const auto line = message.find("\n\nLINE ");
  if (line != std::string::npos && message.find("deltic_", line) != std::string::npos) message.resize(line);
  if (message.find(" requires the extension ") != std::string::npos) {
    message.resize(std::min(message.size(), message.find('\n')));
    message += ", which this build does not have: it reads local files";
  }
}

Error Decode(Code code, std::string message) {
  CutAdvice(message);
  const auto mark = message.find(kCodeMark);
  if (mark != std::string::npos) {
    const auto end = message.find(':', mark + kCodeMark.size());
    if (end != std::string::npos) {
      const int number = std::atoi(message.c_str() + mark + kCodeMark.size());
      if (number > 0 && number <= static_cast<int>(Code::kInternal)) code = static_cast<Code>(number);
      message = message.substr(end + 1);
    }
  } else if (code == Code::kCorrupt && (message.find("No such file") != std::string::npos ||
                                        message.find("No files found") != std::string::npos)) {
    code = Code::kNotFound;
  } else if (code == Code::kCorrupt && message.find("Permission denied") != std::string::npos) {
    code = Code::kPermissionDenied;
  }
  return Error(code, std::move(message));
}

}  // namespace

duckdb::LogicalType ToDuckType(const DataType& type) {
  using duckdb::LogicalType;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return LogicalType::BOOLEAN;
    case TypeKind::kByte:
      return LogicalType::TINYINT;
    case TypeKind::kShort:
      return LogicalType::SMALLINT;
    case TypeKind::kInteger:
      return LogicalType::INTEGER;
    case TypeKind::kLong:
      return LogicalType::BIGINT;
    case TypeKind::kFloat:
      return LogicalType::FLOAT;
    case TypeKind::kDouble:
      return LogicalType::DOUBLE;
    case TypeKind::kDecimal:
      return LogicalType::DECIMAL(type.precision(), type.scale());
    case TypeKind::kString:
      return LogicalType::VARCHAR;
    case TypeKind::kBinary:
      return LogicalType::BLOB;
    case TypeKind::kDate:
      return LogicalType::DATE;
    case TypeKind::kTimestamp:
      return LogicalType::TIMESTAMP_TZ;
    case TypeKind::kTimestampNtz:
      return LogicalType::TIMESTAMP;
    case TypeKind::kVariant:
      return LogicalType::VARIANT();
    // DuckDB has no column type that holds only NULL and survives every plan: an INTEGER that is always NULL does.
    case TypeKind::kVoid:
      return LogicalType::INTEGER;
    case TypeKind::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const auto& field : type.fields()) children.emplace_back(field.name, ToDuckType(field.type));
      return LogicalType::STRUCT(std::move(children));
    }
    case TypeKind::kArray:
      return LogicalType::LIST(ToDuckType(type.element()));
    case TypeKind::kMap:
      return LogicalType::MAP(ToDuckType(type.key()), ToDuckType(type.value()));
  }
  return LogicalType::SQLNULL;
}

duckdb::Value ToDuckValue(const Literal& literal) {
  using duckdb::Value;
  const auto type = ToDuckType(literal.type);
  if (literal.is_null()) return Value(type);
  switch (literal.type.kind()) {
    case TypeKind::kBoolean:
      return Value::BOOLEAN(std::get<bool>(literal.value));
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Value::BIGINT(std::get<int64_t>(literal.value)).DefaultCastAs(type);
    case TypeKind::kFloat:
      return Value::FLOAT(static_cast<float>(std::get<double>(literal.value)));
    case TypeKind::kDouble:
      return Value::DOUBLE(std::get<double>(literal.value));
    case TypeKind::kDecimal: {
      const auto unscaled = std::get<Int128>(literal.value);
      const auto width = literal.type.precision(), scale = literal.type.scale();
      if (width <= 4) return Value::DECIMAL(static_cast<int16_t>(unscaled), width, scale);
      if (width <= 9) return Value::DECIMAL(static_cast<int32_t>(unscaled), width, scale);
      if (width <= 18) return Value::DECIMAL(static_cast<int64_t>(unscaled), width, scale);
      return Value::DECIMAL(ToHuge(unscaled), width, scale);
    }
    case TypeKind::kString:
      return Value(std::get<std::string>(literal.value));
    case TypeKind::kBinary:
      return Value::BLOB_RAW(std::get<std::string>(literal.value));
    case TypeKind::kDate:
      return Value::DATE(duckdb::date_t(static_cast<int32_t>(std::get<int64_t>(literal.value))));
    case TypeKind::kTimestamp:
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(std::get<int64_t>(literal.value)));
    case TypeKind::kTimestampNtz:
      return Value::TIMESTAMP(duckdb::timestamp_t(std::get<int64_t>(literal.value)));
    default:
      return Value(type);
  }
}

std::optional<Literal> FromDuckValue(const duckdb::Value& value) {
  using duckdb::LogicalTypeId;
  const auto& type = value.type();
  const auto null = [&](DataType of) { return Literal::Null(std::move(of)); };
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return null(DataType(TypeKind::kVoid));
    case LogicalTypeId::BOOLEAN:
      if (value.IsNull()) return null(DataType(TypeKind::kBoolean));
      return Literal{DataType(TypeKind::kBoolean), value.GetValue<bool>()};
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
      if (value.IsNull()) return null(DataType(TypeKind::kLong));
      return Literal{DataType(TypeKind::kLong), value.GetValue<int64_t>()};
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT: {
      if (value.IsNull()) return null(DataType(TypeKind::kLong));
      const auto number = FromHuge(value.GetValue<duckdb::hugeint_t>());
      const Int128 limit = static_cast<Int128>(1000000000000000000LL) * 1000000000000000000LL * 100;  // 10^38
      if (number <= -limit || number >= limit) return std::nullopt;
      return Literal{DataType::Decimal(38, 0), number};
    }
    case LogicalTypeId::FLOAT:
      if (value.IsNull()) return null(DataType(TypeKind::kFloat));
      return Literal{DataType(TypeKind::kFloat), static_cast<double>(value.GetValue<float>())};
    case LogicalTypeId::DOUBLE:
      if (value.IsNull()) return null(DataType(TypeKind::kDouble));
      return Literal{DataType(TypeKind::kDouble), value.GetValue<double>()};
    case LogicalTypeId::DECIMAL: {
      const auto of = DataType::Decimal(duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type));
      if (value.IsNull()) return null(of);
      Int128 unscaled = 0;
      switch (type.InternalType()) {
        case duckdb::PhysicalType::INT16:
          unscaled = value.GetValueUnsafe<int16_t>();
          break;
        case duckdb::PhysicalType::INT32:
          unscaled = value.GetValueUnsafe<int32_t>();
          break;
        case duckdb::PhysicalType::INT64:
          unscaled = value.GetValueUnsafe<int64_t>();
          break;
        default:
          unscaled = FromHuge(value.GetValueUnsafe<duckdb::hugeint_t>());
          break;
      }
      return Literal{of, unscaled};
    }
    case LogicalTypeId::VARCHAR:
      if (value.IsNull()) return null(DataType(TypeKind::kString));
      return Literal{DataType(TypeKind::kString), duckdb::StringValue::Get(value)};
    case LogicalTypeId::BLOB:
      if (value.IsNull()) return null(DataType(TypeKind::kBinary));
      return Literal{DataType(TypeKind::kBinary), duckdb::StringValue::Get(value)};
    case LogicalTypeId::DATE:
      if (value.IsNull()) return null(DataType(TypeKind::kDate));
      return Literal{DataType(TypeKind::kDate), static_cast<int64_t>(duckdb::DateValue::Get(value).days)};
    case LogicalTypeId::TIMESTAMP_TZ:
      if (value.IsNull()) return null(DataType(TypeKind::kTimestamp));
      return Literal{DataType(TypeKind::kTimestamp), value.GetValueUnsafe<int64_t>()};
    case LogicalTypeId::TIMESTAMP:
      if (value.IsNull()) return null(DataType(TypeKind::kTimestampNtz));
      return Literal{DataType(TypeKind::kTimestampNtz), value.GetValueUnsafe<int64_t>()};
    default:
      return std::nullopt;
  }
}

Error FromDuckError(const duckdb::ErrorData& error) { return Decode(CodeOf(error.Type()), error.RawMessage()); }

Error FromException(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return Error(Code::kUnavailable, "out of memory: set a lower memory limit, or give a spill folder");
  }
  return FromDuckError(duckdb::ErrorData(exception));
}

void ThrowError(const Error& error) { throw duckdb::IOException(EncodeError(error)); }

std::string EncodeError(const Error& error) {
  return std::string(kCodeMark) + std::to_string(static_cast<int>(error.code())) + ":" + error.message();
}

std::string QuoteName(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string QuoteText(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace deltic
