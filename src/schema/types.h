// Owns the Delta type system as values: primitive, struct, array and map types, fields and their metadata.
// Knows no JSON (schema/schema_json.h), no Parquet and no DuckDB. Protocol: "Schema Serialization Format".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

enum class TypeKind : uint8_t {
  kBoolean,
  kByte,
  kShort,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,
  kTimestampNtz,
  kVariant,
  kVoid,
  kStruct,
  kArray,
  kMap,
};

struct StructField;
class DataType;
using Fields = std::vector<StructField>;

// Immutable; cheap to copy (nested parts are shared). Safe to share among threads.
class DataType {
 public:
  explicit DataType(TypeKind kind = TypeKind::kVoid) : kind_(kind) {}
  static DataType Decimal(int precision, int scale);  // 1 <= precision <= 38, 0 <= scale <= precision
  static DataType Struct(Fields fields);
  static DataType Array(DataType element, bool contains_null);
  static DataType Map(DataType key, DataType value, bool value_contains_null);

  TypeKind kind() const { return kind_; }
  int precision() const { return precision_; }           // kDecimal
  int scale() const { return scale_; }                   // kDecimal
  const Fields& fields() const;                          // kStruct
  const DataType& element() const;                       // kArray
  const DataType& key() const;                           // kMap
  const DataType& value() const;                         // kMap
  bool contains_null() const { return contains_null_; }  // kArray: of elements; kMap: of values
  bool nested() const { return kind_ >= TypeKind::kStruct; }

  // "bigint", "decimal(10,2)", "array<struct<a:int>>"...: as Spark's simpleString, for messages.
  std::string ToString() const;
  // Same kinds, names, nullability and parameters, all the way down; field metadata is not compared.
  bool operator==(const DataType& other) const;

 private:
  struct Nested;
  TypeKind kind_;
  int8_t precision_ = 0;
  int8_t scale_ = 0;
  bool contains_null_ = true;
  std::shared_ptr<const Nested> nested_;
};

// One entry of delta.typeChanges: protocol, "Type Change Metadata".
struct TypeChange {
  DataType from;
  DataType to;
  std::string field_path;  // "", or "element", "key", "value", "element.value", ...
};

// A column or a nested field. `metadata` holds every key of the JSON, values as JSON text, so that nothing a writer
// put there is lost; what deltic understands is also parsed into the members after it.
struct StructField {
  std::string name;
  DataType type;
  bool nullable = true;
  std::map<std::string, std::string> metadata;

  std::optional<int32_t> column_mapping_id;  // delta.columnMapping.id
  std::optional<std::string> physical_name;  // delta.columnMapping.physicalName
  std::vector<TypeChange> type_changes;      // delta.typeChanges
};

// A path of field names from the top of a schema: {"a", "b"} is the field b of the struct column a.
using ColumnPath = std::vector<std::string>;
std::string ToString(const ColumnPath& path);  // a.b, with `backticks` where a name holds a dot or a backtick

enum class MappingMode : uint8_t { kNone, kName, kId };

// The name that files, partition values and statistics use for a field: its physical name when columns are mapped.
const std::string& PhysicalName(const StructField& field, MappingMode mode);

// Corrupt, naming the column, when columns are mapped but some field, at any depth, has no physical name (or in id mode
// no id), when two fields of a struct share a physical name, or in id mode two fields of the schema share an id:
// reading on would guess at names. Always ok for kNone. Protocol: "Column Mapping".
Status CheckColumnMapping(const Fields& fields, MappingMode mode);

// The field with this name among `fields`, ignoring ASCII case as Spark does; null when there is none.
const StructField* FindField(const Fields& fields, std::string_view name);

// Protocol, "Type Widening", The supported type changes; true also when the types are the same, and
// for the decimals below 10 digits that Spark's preview let bytes and shorts become.
bool CanWiden(const DataType& from, const DataType& to);

// Unsupported, naming the column, when any field's delta.typeChanges holds a change that is not in the protocol's list
// ("Reader Requirements for Type Widening").
Status CheckTypeChanges(const Fields& fields);

}  // namespace deltic
