// Owns the reading of statistics JSON into typed vectors. Values are kept exactly as the text has them (a timestamp's
// milliseconds too): readers widen bounds of struct statistics as they do those of JSON.
#include "engine/duckdb/checkpoint_stats.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/time.h"
#include "engine/duckdb/convert.h"
#include "expr/decimal_text.h"

namespace deltic {
namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::StructVector;
using duckdb::Vector;

using ChildTypes = duckdb::child_list_t<LogicalType>;

// The types for which writers of Delta keep minima and maxima.
bool HasBounds(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return true;
    default:
      return false;
  }
}

ChildTypes BoundTypes(const Fields& fields) {
  ChildTypes types;
  for (const StructField& field : fields) {
    if (field.type.kind() == TypeKind::kStruct) {
      auto children = BoundTypes(field.type.fields());
      if (!children.empty()) types.emplace_back(field.name, LogicalType::STRUCT(std::move(children)));
    } else if (HasBounds(field.type.kind())) {
      types.emplace_back(field.name, ToDuckType(field.type));
    }
  }
  return types;
}

ChildTypes NullCountTypes(const Fields& fields) {
  ChildTypes types;
  for (const StructField& field : fields) {
    if (field.type.kind() == TypeKind::kVoid) continue;
    if (field.type.kind() == TypeKind::kStruct) {
      auto children = NullCountTypes(field.type.fields());
      if (!children.empty()) types.emplace_back(field.name, LogicalType::STRUCT(std::move(children)));
    } else {
      types.emplace_back(field.name, LogicalType::BIGINT);
    }
  }
  return types;
}

template <class T>
void Set(Vector& vector, idx_t row, T value) {
  FlatVector::GetData<T>(vector)[row] = value;
}

template <class T>
bool SetInteger(Vector& vector, idx_t row, std::string_view token) {
  T value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) return false;
  Set<T>(vector, row, value);
  return true;
}

template <class T>
bool SetReal(Vector& vector, idx_t row, std::string_view token) {
  T value = 0;
  if (token == "NaN") {
    value = std::numeric_limits<T>::quiet_NaN();
  } else if (token == "Infinity" || token == "-Infinity") {
    value = token[0] == '-' ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  } else {
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || end != token.data() + token.size() || !std::isfinite(value)) return false;
  }
  Set<T>(vector, row, value);
  return true;
}

bool SetDecimal(Vector& vector, idx_t row, std::string_view token) {
  const auto parsed = ParseDecimalText(token);
  if (!parsed) return false;
  const auto& type = vector.GetType();
  const auto unscaled = TimesPowerOfTen(parsed->unscaled, duckdb::DecimalType::GetScale(type) - parsed->scale);
  if (!unscaled) return false;
  const Int128 size = *unscaled < 0 ? -*unscaled : *unscaled;
  const auto limit = TimesPowerOfTen(1, duckdb::DecimalType::GetWidth(type));
  if (!limit || size >= *limit) return false;
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16:
      Set<int16_t>(vector, row, static_cast<int16_t>(*unscaled));
      return true;
    case duckdb::PhysicalType::INT32:
      Set<int32_t>(vector, row, static_cast<int32_t>(*unscaled));
      return true;
    case duckdb::PhysicalType::INT64:
      Set<int64_t>(vector, row, static_cast<int64_t>(*unscaled));
      return true;
    default:
      Set<duckdb::hugeint_t>(
          vector, row, duckdb::hugeint_t(static_cast<int64_t>(*unscaled >> 64), static_cast<uint64_t>(*unscaled)));
      return true;
  }
}

// `quoted`: the text was a JSON string, without its quotes and escapes.
bool SetLeaf(Vector& vector, idx_t row, std::string_view text, bool quoted) {
  switch (vector.GetType().id()) {
    case LogicalTypeId::BOOLEAN:
      if (quoted || (text != "true" && text != "false")) return false;
      Set<bool>(vector, row, text == "true");
      return true;
    case LogicalTypeId::TINYINT:
      return !quoted && SetInteger<int8_t>(vector, row, text);
    case LogicalTypeId::SMALLINT:
      return !quoted && SetInteger<int16_t>(vector, row, text);
    case LogicalTypeId::INTEGER:
      return !quoted && SetInteger<int32_t>(vector, row, text);
    case LogicalTypeId::BIGINT:
      return !quoted && SetInteger<int64_t>(vector, row, text);
    case LogicalTypeId::FLOAT:
      return SetReal<float>(vector, row, text);
    case LogicalTypeId::DOUBLE:
      return SetReal<double>(vector, row, text);
    case LogicalTypeId::DECIMAL:
      return SetDecimal(vector, row, text);
    case LogicalTypeId::VARCHAR:
      if (!quoted || !duckdb::Value::StringIsValid(text.data(), text.size())) return false;
      Set<duckdb::string_t>(vector, row, duckdb::StringVector::AddString(vector, text.data(), text.size()));
      return true;
    case LogicalTypeId::DATE: {
      const auto days = ParseDateDays(text);
      if (!quoted || !days.ok()) return false;
      Set<int32_t>(vector, row, static_cast<int32_t>(*days));
      return true;
    }
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: {
      const auto micros = ParseTimestampMicros(text);
      if (!quoted || !micros.ok()) return false;
      Set<int64_t>(vector, row, *micros);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

LogicalType StatsParsedType(const Fields& fields) {
  ChildTypes types;
  types.emplace_back("numRecords", LogicalType::BIGINT);
  types.emplace_back("tightBounds", LogicalType::BOOLEAN);
  auto bounds = BoundTypes(fields), nulls = NullCountTypes(fields);
  if (!bounds.empty()) {
    types.emplace_back("minValues", LogicalType::STRUCT(bounds));
    types.emplace_back("maxValues", LogicalType::STRUCT(bounds));
  }
  if (!nulls.empty()) types.emplace_back("nullCount", LogicalType::STRUCT(std::move(nulls)));
  return LogicalType::STRUCT(std::move(types));
}

StatsParsedWriter::StatsParsedWriter(Vector& vector) : root_(MakeNode("", vector)) {}

StatsParsedWriter::Node StatsParsedWriter::MakeNode(std::string name, Vector& vector) {
  Node node{.name = std::move(name), .vector = &vector, .children = {}};
  if (vector.GetType().id() != LogicalTypeId::STRUCT) return node;
  const auto& types = duckdb::StructType::GetChildTypes(vector.GetType());
  auto& entries = StructVector::GetEntries(vector);
  for (size_t i = 0; i < types.size(); ++i) node.children.push_back(MakeNode(types[i].first, *entries[i]));
  return node;
}

void StatsParsedWriter::Write(idx_t row, std::string_view json) {
  FlatVector::SetNull(*root_.vector, row, true);  // and everything in it
  JsonScanner scanner(json);
  if (scanner.Peek() != '{' || !WriteObject(scanner, root_, row) || !scanner.AtEnd()) {
    FlatVector::SetNull(*root_.vector, row, true);
  }
}

// False when the text is no JSON. A name that comes twice has no agreed meaning: its value is NULL.
bool StatsParsedWriter::WriteObject(JsonScanner& scanner, const Node& node, idx_t row) {
  if (!scanner.Take('{')) return false;
  FlatVector::Validity(*node.vector).SetValid(row);
  std::vector<const Node*> seen;
  JsonText key;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    const Node* child = FindChild(node, key);
    if (child == nullptr) {
      if (!scanner.SkipValue()) return false;
      continue;
    }
    if (std::find(seen.begin(), seen.end(), child) != seen.end()) {
      if (!scanner.SkipValue()) return false;
      FlatVector::SetNull(*child->vector, row, true);
      continue;
    }
    seen.push_back(child);
    if (!WriteValue(scanner, *child, row)) return false;
  }
  return scanner.Closed();
}

bool StatsParsedWriter::WriteValue(JsonScanner& scanner, const Node& node, idx_t row) {
  const char next = scanner.Peek();
  if (!node.children.empty()) return next == '{' ? WriteObject(scanner, node, row) : scanner.SkipValue();
  if (next == '{' || next == '[') return scanner.SkipValue();
  bool set = false;
  if (next == '"') {
    JsonText text;
    if (!scanner.ReadString(text)) return false;
    std::string_view value = text.raw;
    if (text.escaped) {
      if (!UnescapeJson(text.raw, text_)) return true;
      value = text_;
    }
    set = SetLeaf(*node.vector, row, value, true);
  } else {
    std::string_view token;
    if (!scanner.ReadToken(token)) return false;
    set = token != "null" && SetLeaf(*node.vector, row, token, false);
  }
  if (set) FlatVector::Validity(*node.vector).SetValid(row);
  return true;
}

const StatsParsedWriter::Node* StatsParsedWriter::FindChild(const Node& node, const JsonText& key) {
  std::string_view name = key.raw;
  if (key.escaped) {
    if (!UnescapeJson(key.raw, text_)) return nullptr;
    name = text_;
  }
  for (const Node& child : node.children) {
    if (child.name == name) return &child;
  }
  return nullptr;
}

}  // namespace deltic
