// Owns the type widening matrix and the check of a schema's recorded type changes against it.
// Does not cast values: the engine does. Protocol: "Type Widening", "Reader Requirements for Type Widening".
#include "base/error.h"
#include "schema/types.h"

namespace deltic {
namespace {

// How many digits before the point a decimal needs to hold every value of an integer kind. The protocol says byte,
// short and int widen to Decimal(10 + k1, k2), long to Decimal(20 + k1, k2), where k1 >= k2 >= 0. But Spark's preview
// of the feature let a byte become decimal(4,1) and a short decimal(6,1), and such tables are about. No value is lost
// in those, so they are read; for long the protocol's 20 holds, though 19 digits would do.
int IntegerDigits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte:
      return 3;
    case TypeKind::kShort:
      return 5;
    case TypeKind::kInteger:
      return 10;
    default:
      return 20;
  }
}

bool CanWidenInteger(TypeKind from, const DataType& to) {
  switch (to.kind()) {
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return from < to.kind();
    case TypeKind::kDouble:
      return from != TypeKind::kLong;
    case TypeKind::kDecimal:
      return to.precision() - to.scale() >= IntegerDigits(from);
    default:
      return false;
  }
}

// The type of the part of `type` that a typeChanges fieldPath names, for instance "value.element" of a map of arrays.
// Changes of struct fields inside are recorded at those fields, so a path never crosses a struct.
const DataType* FindPart(const DataType& type, std::string_view path) {
  const DataType* part = &type;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (part->kind() == TypeKind::kArray && step == "element") {
      part = &part->element();
    } else if (part->kind() == TypeKind::kMap && step == "key") {
      part = &part->key();
    } else if (part->kind() == TypeKind::kMap && step == "value") {
      part = &part->value();
    } else {
      return nullptr;
    }
  }
  return part;
}

Status CheckField(const StructField& field, ColumnPath& path);

// Looks for struct fields at any depth inside an array, map or struct.
Status CheckFieldsWithin(const DataType& type, ColumnPath& path) {
  const auto within = [&](const char* step, const DataType& part) {
    path.emplace_back(step);
    Status status = CheckFieldsWithin(part, path);
    path.pop_back();
    return status;
  };
  switch (type.kind()) {
    case TypeKind::kArray:
      return within("element", type.element());
    case TypeKind::kMap:
      DELTIC_CHECK(within("key", type.key()));
      return within("value", type.value());
    case TypeKind::kStruct:
      for (const StructField& field : type.fields()) DELTIC_CHECK(CheckField(field, path));
      return {};
    default:
      return {};
  }
}

Status CheckField(const StructField& field, ColumnPath& path) {
  path.push_back(field.name);
  for (const TypeChange& change : field.type_changes) {
    const std::string place = change.field_path.empty() ? "" : " (" + change.field_path + ")";
    if (!CanWiden(change.from, change.to)) {
      return Unsupported(
          "column {}{}: its type was changed from {} to {}, which is not among the protocol's supported type changes; "
          "read it with a version of the writer that made the change, or rewrite its files",
          ToString(path), place, change.from.ToString(), change.to.ToString());
    }
    if (FindPart(field.type, change.field_path) == nullptr) {
      return Corrupt("column {}: delta.typeChanges has the fieldPath '{}', which {} has no part for", ToString(path),
                     change.field_path, field.type.ToString());
    }
  }
  Status status = CheckFieldsWithin(field.type, path);
  path.pop_back();
  return status;
}

}  // namespace

bool CanWiden(const DataType& from, const DataType& to) {
  if (from == to) return true;
  switch (from.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return CanWidenInteger(from.kind(), to);
    case TypeKind::kFloat:
      return to.kind() == TypeKind::kDouble;
    case TypeKind::kDate:
      return to.kind() == TypeKind::kTimestampNtz;
    case TypeKind::kDecimal:
      // Decimal(p, s) to Decimal(p + k1, s + k2), k1 >= k2 >= 0: neither side of the point may lose digits.
      return to.kind() == TypeKind::kDecimal && to.scale() >= from.scale() &&
             to.precision() - to.scale() >= from.precision() - from.scale();
    default:
      return false;
  }
}

Status CheckTypeChanges(const Fields& fields) {
  ColumnPath path;
  for (const StructField& field : fields) DELTIC_CHECK(CheckField(field, path));
  return {};
}

}  // namespace deltic
