// Owns the making, comparing and printing of types, and the lookup of fields by name.
// The widening matrix is in schema/widening.cc, the JSON form in schema/schema_json.cc.
#include "schema/types.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

namespace deltic {

// The parts of a struct, array or map; shared by all copies of a type and never changed after it was made.
struct DataType::Nested {
  Fields fields;                // kStruct
  std::vector<DataType> parts;  // kArray: {element}; kMap: {key, value}
};

DataType DataType::Decimal(int precision, int scale) {
  assert(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision);
  DataType type(TypeKind::kDecimal);
  type.precision_ = static_cast<int8_t>(precision);
  type.scale_ = static_cast<int8_t>(scale);
  return type;
}

DataType DataType::Struct(Fields fields) {
  DataType type(TypeKind::kStruct);
  type.nested_ = std::make_shared<Nested>(Nested{std::move(fields), {}});
  return type;
}

DataType DataType::Array(DataType element, bool contains_null) {
  DataType type(TypeKind::kArray);
  type.contains_null_ = contains_null;
  type.nested_ = std::make_shared<Nested>(Nested{{}, {std::move(element)}});
  return type;
}

DataType DataType::Map(DataType key, DataType value, bool value_contains_null) {
  DataType type(TypeKind::kMap);
  type.contains_null_ = value_contains_null;
  type.nested_ = std::make_shared<Nested>(Nested{{}, {std::move(key), std::move(value)}});
  return type;
}

const Fields& DataType::fields() const {
  assert(kind_ == TypeKind::kStruct && nested_);
  return nested_->fields;
}

const DataType& DataType::element() const {
  assert(kind_ == TypeKind::kArray && nested_);
  return nested_->parts[0];
}

const DataType& DataType::key() const {
  assert(kind_ == TypeKind::kMap && nested_);
  return nested_->parts[0];
}

const DataType& DataType::value() const {
  assert(kind_ == TypeKind::kMap && nested_);
  return nested_->parts[1];
}

std::string DataType::ToString() const {
  switch (kind_) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kByte:
      return "tinyint";
    case TypeKind::kShort:
      return "smallint";
    case TypeKind::kInteger:
      return "int";
    case TypeKind::kLong:
      return "bigint";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return fmt::format("decimal({},{})", precision_, scale_);
    case TypeKind::kString:
      return "string";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampNtz:
      return "timestamp_ntz";
    case TypeKind::kVariant:
      return "variant";
    case TypeKind::kVoid:
      return "void";
    case TypeKind::kArray:
      return "array<" + element().ToString() + ">";
    case TypeKind::kMap:
      return "map<" + key().ToString() + "," + value().ToString() + ">";
    case TypeKind::kStruct:
      break;
  }
  std::string text = "struct<";
  for (const StructField& field : fields()) {
    if (text.size() > 7) text += ',';
    text += field.name + ":" + field.type.ToString();
  }
  return text + ">";
}

bool DataType::operator==(const DataType& other) const {
  if (kind_ != other.kind_) return false;
  if (kind_ == TypeKind::kDecimal) return precision_ == other.precision_ && scale_ == other.scale_;
  if (!nested()) return true;
  if (nested_ == other.nested_) return contains_null_ == other.contains_null_;
  if (kind_ != TypeKind::kStruct) {
    return contains_null_ == other.contains_null_ && nested_->parts == other.nested_->parts;
  }
  return std::equal(fields().begin(), fields().end(), other.fields().begin(), other.fields().end(),
                    [](const StructField& a, const StructField& b) {
                      return a.name == b.name && a.nullable == b.nullable && a.type == b.type;
                    });
}

std::string ToString(const ColumnPath& path) {
  std::string text;
  for (const std::string& name : path) {
    if (!text.empty()) text += '.';
    if (!name.empty() && name.find_first_of(".`") == std::string::npos) {
      text += name;
      continue;
    }
    text += '`';
    for (char c : name) {
      if (c == '`') text += '`';
      text += c;
    }
    text += '`';
  }
  return text;
}

const std::string& PhysicalName(const StructField& field, MappingMode mode) {
  return mode == MappingMode::kNone || !field.physical_name ? field.name : *field.physical_name;
}

const StructField* FindField(const Fields& fields, std::string_view name) {
  // An exact match cannot be hidden by another: ParseSchemaJson refuses columns that differ only in case.
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const StructField& field : fields) {
    if (std::equal(field.name.begin(), field.name.end(), name.begin(), name.end(),
                   [&](char a, char b) { return lower(a) == lower(b); })) {
      return &field;
    }
  }
  return nullptr;
}

}  // namespace deltic
