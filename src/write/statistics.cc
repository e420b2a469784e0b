// Owns the statistics JSON; see the header.
#include "write/statistics.h"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <variant>

#include "base/json_text.h"
#include "base/time.h"
#include "expr/decimal_text.h"

namespace deltic {
namespace {

// One side of the statistics as a tree of objects, in the order of the columns.
struct Node {
  std::string name;
  std::string text;  // a leaf's JSON
  std::vector<Node> children;

  void Put(const ColumnPath& path, size_t depth, std::string json) {
    if (depth == path.size()) {
      text = std::move(json);
      return;
    }
    for (Node& child : children) {
      if (child.name == path[depth]) return child.Put(path, depth + 1, std::move(json));
    }
    children.push_back({.name = path[depth], .text = {}, .children = {}});
    children.back().Put(path, depth + 1, std::move(json));
  }

  void Append(std::string& out) const {
    if (children.empty() && !text.empty()) {
      out += text;
      return;
    }
    out += '{';
    bool first = true;
    for (const Node& child : children) {
      if (!first) out += ',';
      first = false;
      AppendJsonString(out, child.name);
      out += ':';
      child.Append(out);
    }
    out += '}';
  }
};

void AddColumns(const Fields& fields, MappingMode mode, const ColumnPath& above, int64_t* left,
                std::set<ColumnPath>* columns) {
  for (const auto& field : fields) {
    if (*left == 0) return;
    ColumnPath path = above;
    path.push_back(PhysicalName(field, mode));
    if (field.type.kind() == TypeKind::kStruct) {
      AddColumns(field.type.fields(), mode, path, left, columns);
      continue;
    }
    if (*left > 0) --*left;
    columns->insert(std::move(path));
  }
}

void AddNamed(const Fields& fields, MappingMode mode, const ColumnPath& wanted, size_t depth, ColumnPath above,
              std::set<ColumnPath>* columns) {
  const auto* field = FindField(fields, wanted[depth]);
  if (field == nullptr) return;
  above.push_back(PhysicalName(*field, mode));
  if (field->type.kind() != TypeKind::kStruct) {
    if (depth + 1 == wanted.size()) columns->insert(std::move(above));
    return;
  }
  if (depth + 1 < wanted.size()) return AddNamed(field->type.fields(), mode, wanted, depth + 1, above, columns);
  int64_t all = -1;
  AddColumns(field->type.fields(), mode, above, &all, columns);
}

// Where the character after the one at `at` begins; the end when the bytes are no UTF-8 there.
size_t Next(std::string_view text, size_t at) {
  at++;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) at++;
  return at;
}

// The first `characters` of the text; all of it when it has no more.
std::string_view Prefix(std::string_view text, int characters) {
  size_t at = 0;
  for (int i = 0; i < characters && at < text.size(); i++) at = Next(text, at);
  return text.substr(0, at);
}

// A text that is not below `text`, of few characters. The last code point of Unicode stands above every other one, in
// the order of code points and of UTF-8 bytes; where an ASCII character follows, so does DEL, as older readers expect.
std::optional<std::string> UpperBound(std::string_view text, int characters) {
  constexpr std::string_view kLast = "\xF4\x8F\xBF\xBF";
  std::string_view prefix = Prefix(text, characters);
  while (prefix.size() < text.size()) {
    const auto rest = text.substr(prefix.size());
    if (static_cast<unsigned char>(rest[0]) < 0x7F) return std::string(prefix) + "\x7F";
    if (!rest.starts_with(kLast)) return std::string(prefix) + std::string(kLast);
    prefix = Prefix(text, ++characters);
  }
  return std::string(prefix);
}

bool IsText(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || i + size > text.size() || (size > 1 && Next(text, i) != i + size)) return false;
    i += size;
  }
  return true;
}

std::string NumberText(double number) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number);
  std::string text(buffer, end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string TimestampText(int64_t micros, bool zone) {
  std::string text = FormatTimestampMicros(micros);
  if (const auto blank = text.find(' '); blank != std::string::npos) text[blank] = 'T';
  if (text.find('.') == std::string::npos) {
    text += ".000";
  } else if (micros % 1000 == 0) {
    text.resize(text.size() - 3);
  }
  return "\"" + text + (zone ? "Z" : "") + "\"";
}

// nullopt: no bound is better than a wrong one.
std::optional<std::string> BoundJson(const Literal& bound, bool is_max, int prefix) {
  switch (bound.type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return std::to_string(std::get<int64_t>(bound.value));
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      const double number = std::get<double>(bound.value);
      if (!std::isfinite(number)) return std::nullopt;
      return NumberText(number);
    }
    case TypeKind::kDecimal:
      return FormatDecimal(std::get<Int128>(bound.value), bound.type.scale());
    case TypeKind::kDate:
      return "\"" + FormatDate(std::get<int64_t>(bound.value)) + "\"";
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return TimestampText(std::get<int64_t>(bound.value), bound.type.kind() == TypeKind::kTimestamp);
    case TypeKind::kString: {
      const auto& text = std::get<std::string>(bound.value);
      if (!IsText(text)) return std::nullopt;
      std::string json;
      if (is_max) {
        const auto upper = UpperBound(text, prefix);
        if (!upper) return std::nullopt;
        AppendJsonString(json, *upper);
      } else {
        AppendJsonString(json, Prefix(text, prefix));
      }
      return json;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::set<ColumnPath> StatisticsColumns(const Fields& schema, const std::vector<std::string>& partition_columns,
                                       const TableConfig& config) {
  Fields data;
  for (const auto& field : schema) {
    bool partition = false;
    for (const auto& name : partition_columns) partition |= FindField({field}, name) != nullptr;
    if (!partition) data.push_back(field);
  }
  std::set<ColumnPath> columns;
  if (config.stats_columns) {
    for (const auto& path : *config.stats_columns) {
      if (!path.empty()) AddNamed(data, config.mapping_mode, path, 0, {}, &columns);
    }
    return columns;
  }
  int64_t left = config.indexed_columns;
  AddColumns(data, config.mapping_mode, {}, &left, &columns);
  return columns;
}

std::string StatisticsJson(const WrittenFile& file, const std::set<ColumnPath>& columns, int prefix) {
  Node min, max, nulls;
  for (const auto& leaf : file.statistics) {
    if (columns.count(leaf.path) == 0) continue;
    if (leaf.min) {
      if (auto json = BoundJson(*leaf.min, false, prefix)) min.Put(leaf.path, 0, std::move(*json));
    }
    if (leaf.max) {
      if (auto json = BoundJson(*leaf.max, true, prefix)) max.Put(leaf.path, 0, std::move(*json));
    }
    nulls.Put(leaf.path, 0, std::to_string(leaf.null_count));
  }
  std::string out = "{\"numRecords\":" + std::to_string(file.num_rows) + ",\"minValues\":";
  min.Append(out);
  out += ",\"maxValues\":";
  max.Append(out);
  out += ",\"nullCount\":";
  nulls.Append(out);
  return out + ",\"tightBounds\":true}";
}

}  // namespace deltic
