// Owns the column match for one file. DuckDB's own mapper then reads by the names found here: it could match by name or
// field id itself, but finds neither list elements under other names than its own nor fields whose siblings lack ids.
#include "engine/duckdb/columns.h"

#include <duckdb/parser/expression/constant_expression.hpp>

#include "base/error.h"
#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;

// A NUL is in no column name of a Parquet file that DuckDB reads.
const std::string kAbsent("\0absent", 7);

duckdb::unique_ptr<duckdb::ParsedExpression> NullOf(const LogicalType& type) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
}

MultiFileColumnDefinition MakeColumn(const std::string& name, const DataType& type) {
  MultiFileColumnDefinition column(name, ToDuckType(type));
  column.default_expression = NullOf(column.type);
  switch (type.kind()) {
    case TypeKind::kStruct:
      for (const auto& field : type.fields()) column.children.push_back(MakeColumn(field.name, field.type));
      break;
    case TypeKind::kArray:
      column.children.push_back(MakeColumn("element", type.element()));
      break;
    case TypeKind::kMap:
      column.children.push_back(MakeColumn("key", type.key()));
      column.children.push_back(MakeColumn("value", type.value()));
      break;
    default:
      break;
  }
  return column;
}

bool IsInteger(LogicalTypeId id) {
  switch (id) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::UBIGINT:
      return true;
    default:
      return false;
  }
}

bool IsTimestamp(LogicalTypeId id) {
  switch (id) {
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_SEC:
      return true;
    default:
      return false;
  }
}

// What a file may hold for a column of a Delta type: the same type, the physical types that writers use for it, or a
// type that the table's was widened from. Anything else is not guessed at (a string is not parsed into a number).
bool CanRead(const LogicalType& file, TypeKind kind) {
  const auto id = file.id();
  // Nothing but NULL, of whatever type the writer had for it.
  if (id == LogicalTypeId::SQLNULL) return kind < TypeKind::kStruct && kind != TypeKind::kVariant;
  switch (kind) {
    case TypeKind::kBoolean:
      return id == LogicalTypeId::BOOLEAN;
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return IsInteger(id);  // DuckDB checks the range of each value
    case TypeKind::kFloat:
      return id == LogicalTypeId::FLOAT;
    case TypeKind::kDouble:
      return id == LogicalTypeId::DOUBLE || id == LogicalTypeId::FLOAT || IsInteger(id);
    case TypeKind::kDecimal:
      return id == LogicalTypeId::DECIMAL || IsInteger(id);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return id == LogicalTypeId::VARCHAR || id == LogicalTypeId::BLOB;
    case TypeKind::kDate:
      return id == LogicalTypeId::DATE;
    case TypeKind::kTimestamp:
      return IsTimestamp(id);
    case TypeKind::kTimestampNtz:
      return IsTimestamp(id) || id == LogicalTypeId::DATE;
    case TypeKind::kVariant:
      return id == LogicalTypeId::VARIANT;
    case TypeKind::kVoid:
      return true;
    case TypeKind::kStruct:
      return id == LogicalTypeId::STRUCT;
    case TypeKind::kArray:
      return id == LogicalTypeId::LIST;
    case TypeKind::kMap:
      return id == LogicalTypeId::MAP;
  }
  return false;
}

class Matcher {
 public:
  Matcher(MappingMode mode, const std::string& file) : mode_(mode), file_(file) {}

  void MatchFields(ColumnDefinitions& columns, const Fields& fields, const ColumnDefinitions& file_columns,
                   const std::string& path) {
    for (size_t i = 0; i < fields.size(); i++) {
      const auto* found = Find(fields[i], file_columns);
      const auto here = path.empty() ? fields[i].name : path + "." + fields[i].name;
      Match(columns[i], fields[i].type, found, here);
    }
  }

 private:
  const MultiFileColumnDefinition* Find(const StructField& field, const ColumnDefinitions& file_columns) {
    // A void column has nothing in files; a column that stands there under its name would be of an older table.
    if (field.type.kind() == TypeKind::kVoid) return nullptr;
    if (mode_ == MappingMode::kId && field.column_mapping_id) {
      for (const auto& column : file_columns) {
        if (!column.identifier.IsNull() && column.identifier.type().id() == LogicalTypeId::INTEGER &&
            column.identifier.GetValue<int32_t>() == *field.column_mapping_id) {
          return &column;
        }
      }
      return nullptr;
    }
    const auto& name = PhysicalName(field, mode_);
    for (const auto& column : file_columns) {
      if (column.name == name) return &column;
    }
    for (const auto& column : file_columns) {
      if (duckdb::StringUtil::CIEquals(column.name, name)) return &column;
    }
    return nullptr;
  }

  void Match(MultiFileColumnDefinition& column, const DataType& type, const MultiFileColumnDefinition* found,
             const std::string& path) {
    if (found == nullptr) {
      column.identifier = duckdb::Value(kAbsent);
      return;
    }
    if (!CanRead(found->type, type.kind())) {
      ThrowError(Corrupt("data file {}: column {} is {} there, which cannot be read as the table's {}", file_, path,
                         found->type.ToString(), type.ToString()));
    }
    column.identifier = duckdb::Value(found->name);
    switch (type.kind()) {
      case TypeKind::kStruct:
        MatchFields(column.children, type.fields(), found->children, path);
        break;
      case TypeKind::kArray:
        if (found->children.size() != 1)
          ThrowError(Corrupt("data file {}: column {} is a list of nothing", file_, path));
        Match(column.children[0], type.element(), &found->children[0], path + ".element");
        break;
      case TypeKind::kMap: {
        if (found->children.size() != 1 || found->children[0].children.size() != 2) {
          ThrowError(Corrupt("data file {}: column {} is a map without keys and values", file_, path));
        }
        const auto& entry = found->children[0].children;
        Match(column.children[0], type.key(), &entry[0], path + ".key");
        Match(column.children[1], type.value(), &entry[1], path + ".value");
        break;
      }
      default:
        break;
    }
    // The same shape with other leaf types is a plain cast, which DuckDB does by itself: only missing, renamed or
    // reordered fields need its remapping.
    if (type.nested() && column.type != found->type && SameShape(column.type, found->type)) column.children.clear();
  }

  static bool SameShape(const LogicalType& a, const LogicalType& b) {
    if (a.id() != b.id()) return !a.IsNested() && !b.IsNested();
    switch (a.id()) {
      case LogicalTypeId::STRUCT: {
        const auto& left = duckdb::StructType::GetChildTypes(a);
        const auto& right = duckdb::StructType::GetChildTypes(b);
        if (left.size() != right.size()) return false;
        for (size_t i = 0; i < left.size(); i++) {
          if (left[i].first != right[i].first || !SameShape(left[i].second, right[i].second)) return false;
        }
        return true;
      }
      case LogicalTypeId::LIST:
        return SameShape(duckdb::ListType::GetChildType(a), duckdb::ListType::GetChildType(b));
      case LogicalTypeId::MAP:
        return SameShape(duckdb::MapType::KeyType(a), duckdb::MapType::KeyType(b)) &&
               SameShape(duckdb::MapType::ValueType(a), duckdb::MapType::ValueType(b));
      default:
        return true;
    }
  }

  MappingMode mode_;
  const std::string& file_;
};

}  // namespace

ColumnDefinitions MakeColumns(const Fields& fields) {
  ColumnDefinitions columns;
  for (const auto& field : fields) columns.push_back(MakeColumn(field.name, field.type));
  return columns;
}

void UseStandardNames(ColumnDefinitions& file_columns) {
  for (auto& column : file_columns) {
    if (column.type.id() == LogicalTypeId::LIST && column.children.size() == 1) {
      column.children[0].name = "list";
    } else if (column.type.id() == LogicalTypeId::MAP && column.children.size() == 1 &&
               column.children[0].children.size() == 2) {
      column.children[0].name = "key_value";
      column.children[0].children[0].name = "key";
      column.children[0].children[1].name = "value";
    }
    UseStandardNames(column.children);
  }
}

ColumnDefinitions MatchColumns(const ColumnDefinitions& columns, const Fields& fields, MappingMode mode,
                               const ColumnDefinitions& file_columns, const std::string& file) {
  auto matched = columns;
  Matcher(mode, file).MatchFields(matched, fields, file_columns, "");
  return matched;
}

}  // namespace deltic
