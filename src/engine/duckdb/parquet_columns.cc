// Owns the walk over a footer's schema. The rules are Parquet's own (LogicalTypes.md, "Nested Types", with its rules
// for older writers) and Spark's choice of types.
#include "engine/duckdb/parquet_columns.h"

#include <duckdb.hpp>

#include "base/error.h"

namespace deltic {
namespace {

using duckdb_parquet::ConvertedType;
using duckdb_parquet::FieldRepetitionType;
using duckdb_parquet::SchemaElement;
using duckdb_parquet::Type;

constexpr int kDeepest = 100;

bool IsConverted(const SchemaElement& element, ConvertedType::type type) {
  return element.__isset.converted_type && element.converted_type == type;
}

bool IsRepeated(const SchemaElement& element) {
  return element.__isset.repetition_type && element.repetition_type == FieldRepetitionType::REPEATED;
}

std::string Describe(const SchemaElement& element) {
  std::string text = element.__isset.type ? duckdb_parquet::to_string(element.type) : "group";
  const auto& logical = element.logicalType;
  if (element.__isset.logicalType) {
    if (logical.__isset.TIME) return text + " (TIME)";
    if (logical.__isset.UUID) return text + " (UUID)";
    if (logical.__isset.FLOAT16) return text + " (FLOAT16)";
    if (logical.__isset.GEOMETRY) return text + " (GEOMETRY)";
    if (logical.__isset.GEOGRAPHY) return text + " (GEOGRAPHY)";
    if (logical.__isset.TIMESTAMP) return text + " (TIMESTAMP in nanoseconds)";
  }
  if (element.__isset.converted_type) text += " (" + duckdb_parquet::to_string(element.converted_type) + ")";
  return text;
}

class Walk {
 public:
  explicit Walk(const std::vector<SchemaElement>& schema) : schema_(schema) {}

  Result<ParquetColumns> Run() {
    if (schema_.empty()) return Corrupt("the file has no schema");
    const int children = schema_[0].num_children;
    at_ = 1;
    DELTIC_TRY(columns_.fields, ReadFields(children, {}, Around{}));
    if (at_ != schema_.size()) return Corrupt("the file's schema is no tree");
    return std::move(columns_);
  }

 private:
  // What is around a field.
  struct Around {
    bool may_be_null = false;
    bool repeated = false;  // inside a list or map: no statistics
    int depth = 0;
  };

  Result<const SchemaElement*> Next(const Around& around) {
    if (at_ >= schema_.size() || around.depth > kDeepest) return Corrupt("the file's schema is no tree");
    const std::string& name = schema_[at_].name;
    if (!duckdb::Value::StringIsValid(name.data(), name.size())) {
      return Corrupt("the name of the file's column {} is no UTF-8", at_);
    }
    return &schema_[at_++];
  }

  Result<Fields> ReadFields(int count, const ColumnPath& above, const Around& around) {
    Fields fields;
    for (int i = 0; i < count; ++i) {
      DELTIC_TRY(const SchemaElement* element, Next(around));
      ColumnPath path = above;
      path.push_back(element->name);
      StructField field;
      field.name = element->name;
      if (IsRepeated(*element)) {
        DELTIC_TRY(DataType type, ReadType(*element, path, Inside(around, true)));
        field.type = DataType::Array(std::move(type), true);
      } else {
        DELTIC_TRY(field.type, ReadType(*element, path, Inside(around, false)));
      }
      fields.push_back(std::move(field));
    }
    return fields;
  }

  static Around Inside(Around around, bool repeated) {
    around.repeated |= repeated;
    around.depth++;
    return around;
  }

  // The type of the element just taken, apart from being repeated itself.
  Result<DataType> ReadType(const SchemaElement& element, const ColumnPath& path, Around around) {
    if (!element.__isset.repetition_type || element.repetition_type == FieldRepetitionType::OPTIONAL) {
      around.may_be_null = true;
    }
    if (element.__isset.type) return ReadLeaf(element, path, around);
    if (element.num_children < 0) return Corrupt("the file's schema is no tree");
    const auto& logical = element.logicalType;
    const bool has_logical = element.__isset.logicalType;
    if ((has_logical && logical.__isset.LIST) || IsConverted(element, ConvertedType::LIST)) {
      return ReadList(element, path, Inside(around, true));
    }
    if ((has_logical && logical.__isset.MAP) || IsConverted(element, ConvertedType::MAP) ||
        IsConverted(element, ConvertedType::MAP_KEY_VALUE)) {
      return ReadMap(element, path, Inside(around, true));
    }
    if (has_logical && logical.__isset.VARIANT) return ReadVariant(element, path, Inside(around, true));
    DELTIC_TRY(Fields fields, ReadFields(element.num_children, path, around));
    if (fields.empty()) return Unsupported("column {} is a struct without fields", ToString(path));
    return DataType::Struct(std::move(fields));
  }

  // Older writers have no group between the list and its elements; by their names they are told.
  Result<DataType> ReadList(const SchemaElement& list, const ColumnPath& path, const Around& around) {
    DELTIC_TRY(const SchemaElement* repeated, Next(around));
    if (list.num_children != 1 || !IsRepeated(*repeated)) {
      return Corrupt("column {} is a list whose element is not repeated", ToString(path));
    }
    ColumnPath inside = path;
    inside.push_back("element");
    const bool is_element = repeated->__isset.type || repeated->num_children != 1 || repeated->name == "array" ||
                            repeated->name == list.name + "_tuple";
    if (is_element) {
      DELTIC_TRY(DataType element, ReadType(*repeated, inside, around));
      return DataType::Array(std::move(element), true);
    }
    DELTIC_TRY(const SchemaElement* only, Next(around));
    DELTIC_TRY(DataType element, ReadType(*only, inside, Inside(around, true)));
    if (IsRepeated(*only)) element = DataType::Array(std::move(element), true);
    return DataType::Array(std::move(element), true);
  }

  Result<DataType> ReadMap(const SchemaElement& map, const ColumnPath& path, const Around& around) {
    DELTIC_TRY(const SchemaElement* entries, Next(around));
    if (map.num_children != 1 || !IsRepeated(*entries) || entries->__isset.type || entries->num_children != 2) {
      return Corrupt("column {} is a map whose entries are no pairs", ToString(path));
    }
    DELTIC_TRY(const Fields pair, ReadFields(2, path, Inside(around, true)));
    return DataType::Map(pair[0].type, pair[1].type, true);
  }

  Result<DataType> ReadVariant(const SchemaElement& variant, const ColumnPath& path, const Around& around) {
    for (int i = 0; i < variant.num_children; ++i) {
      DELTIC_TRY(const SchemaElement* part, Next(around));
      if (part->name == "typed_value") {
        columns_.shredded_variants = true;
      } else if (part->name != "metadata" && part->name != "value") {
        return Corrupt("column {} is a variant with a part {}, which no variant has", ToString(path), part->name);
      }
      DELTIC_CHECK(Skip(*part, Inside(around, true)));
    }
    return DataType(TypeKind::kVariant);
  }

  // What is below the element just taken: shredded values have types that Delta's columns do not have.
  Status Skip(const SchemaElement& element, const Around& around) {
    if (element.__isset.type) {
      leaf_++;
      return {};
    }
    for (int i = 0; i < element.num_children; ++i) {
      DELTIC_TRY(const SchemaElement* child, Next(around));
      DELTIC_CHECK(Skip(*child, Inside(around, true)));
    }
    return {};
  }

  Result<DataType> ReadLeaf(const SchemaElement& element, const ColumnPath& path, const Around& around) {
    ParquetLeaf leaf;
    leaf.path = path;
    leaf.column = leaf_++;
    leaf.element = at_ - 1;
    leaf.may_be_null = around.may_be_null;
    const std::optional<DataType> type = LeafType(element, leaf);
    if (!type) {
      return Unsupported("column {} is of the Parquet type {}, which Delta does not have", ToString(path),
                         Describe(element));
    }
    leaf.type = *type;
    if (!around.repeated) columns_.leaves.push_back(leaf);
    return *type;
  }

  static std::optional<DataType> DecimalOf(const SchemaElement& element) {
    const bool logical = element.__isset.logicalType && element.logicalType.__isset.DECIMAL;
    const int precision = logical ? element.logicalType.DECIMAL.precision : element.precision;
    const int scale = logical ? element.logicalType.DECIMAL.scale : element.scale;
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
    return DataType::Decimal(precision, scale);
  }

  static std::optional<DataType> Integer(int bits, bool is_signed, ParquetLeaf& leaf) {
    leaf.is_unsigned = !is_signed;
    switch (bits) {
      case 8:
        return DataType(is_signed ? TypeKind::kByte : TypeKind::kShort);
      case 16:
        return DataType(is_signed ? TypeKind::kShort : TypeKind::kInteger);
      case 32:
        return DataType(is_signed ? TypeKind::kInteger : TypeKind::kLong);
      case 64:
        return is_signed ? DataType(TypeKind::kLong) : DataType::Decimal(20, 0);
      default:
        return std::nullopt;
    }
  }

  static std::optional<DataType> TimestampOf(bool utc, int64_t micros_per_unit, ParquetLeaf& leaf) {
    leaf.micros_per_unit = micros_per_unit;
    return DataType(utc ? TypeKind::kTimestamp : TypeKind::kTimestampNtz);
  }

  static std::optional<DataType> AnnotatedType(const SchemaElement& element, ParquetLeaf& leaf) {
    const auto& logical = element.logicalType;
    const auto& is = logical.__isset;
    const bool bytes = element.type == Type::BYTE_ARRAY || element.type == Type::FIXED_LEN_BYTE_ARRAY;
    if (is.STRING || is.ENUM || is.JSON) {
      return bytes ? std::optional(DataType(TypeKind::kString)) : std::nullopt;
    }
    if (is.BSON) return DataType(TypeKind::kBinary);
    if (is.DECIMAL) return DecimalOf(element);
    if (is.DATE && element.type == Type::INT32) return DataType(TypeKind::kDate);
    if (is.INTEGER) return Integer(logical.INTEGER.bitWidth, logical.INTEGER.isSigned, leaf);
    if (is.TIMESTAMP && element.type == Type::INT64) {
      const auto& unit = logical.TIMESTAMP.unit.__isset;
      if (unit.MILLIS) return TimestampOf(logical.TIMESTAMP.isAdjustedToUTC, 1000, leaf);
      if (unit.MICROS) return TimestampOf(logical.TIMESTAMP.isAdjustedToUTC, 1, leaf);
    }
    return std::nullopt;
  }

  static std::optional<DataType> ConvertedTypeOf(const SchemaElement& element, ParquetLeaf& leaf) {
    switch (element.converted_type) {
      case ConvertedType::UTF8:
      case ConvertedType::ENUM:
      case ConvertedType::JSON:
        return DataType(TypeKind::kString);
      case ConvertedType::BSON:
        return DataType(TypeKind::kBinary);
      case ConvertedType::DECIMAL:
        return DecimalOf(element);
      case ConvertedType::DATE:
        return DataType(TypeKind::kDate);
      case ConvertedType::TIMESTAMP_MILLIS:
        return TimestampOf(true, 1000, leaf);
      case ConvertedType::TIMESTAMP_MICROS:
        return TimestampOf(true, 1, leaf);
      case ConvertedType::INT_8:
        return Integer(8, true, leaf);
      case ConvertedType::INT_16:
        return Integer(16, true, leaf);
      case ConvertedType::INT_32:
        return Integer(32, true, leaf);
      case ConvertedType::INT_64:
        return Integer(64, true, leaf);
      case ConvertedType::UINT_8:
        return Integer(8, false, leaf);
      case ConvertedType::UINT_16:
        return Integer(16, false, leaf);
      case ConvertedType::UINT_32:
        return Integer(32, false, leaf);
      case ConvertedType::UINT_64:
        return Integer(64, false, leaf);
      default:
        return std::nullopt;
    }
  }

  static std::optional<DataType> LeafType(const SchemaElement& element, ParquetLeaf& leaf) {
    // A column of nothing but NULL keeps its physical type, as in Spark.
    const bool unknown = element.__isset.logicalType && element.logicalType.__isset.UNKNOWN;
    leaf.only_nulls = unknown;
    if (!unknown && element.__isset.logicalType) return AnnotatedType(element, leaf);
    if (!unknown && element.__isset.converted_type) return ConvertedTypeOf(element, leaf);
    switch (element.type) {
      case Type::BOOLEAN:
        return DataType(TypeKind::kBoolean);
      case Type::INT32:
        return DataType(TypeKind::kInteger);
      case Type::INT64:
        return DataType(TypeKind::kLong);
      case Type::INT96:
        return DataType(TypeKind::kTimestamp);
      case Type::FLOAT:
        return DataType(TypeKind::kFloat);
      case Type::DOUBLE:
        return DataType(TypeKind::kDouble);
      case Type::BYTE_ARRAY:
      case Type::FIXED_LEN_BYTE_ARRAY:
        return DataType(TypeKind::kBinary);
    }
    return std::nullopt;
  }

  const std::vector<SchemaElement>& schema_;
  size_t at_ = 0;
  size_t leaf_ = 0;
  ParquetColumns columns_;
};

}  // namespace

Result<ParquetColumns> ReadParquetColumns(const std::vector<SchemaElement>& schema) { return Walk(schema).Run(); }

}  // namespace deltic
