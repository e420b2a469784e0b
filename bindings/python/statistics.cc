// Owns the one pass over a file's statistics JSON for all of its columns. See statistics.h.
#include "statistics.h"

#include <charconv>
#include <utility>

namespace deltic::python {
namespace {

bool HasBounds(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBinary:
    case TypeKind::kVoid:
    case TypeKind::kVariant:
    case TypeKind::kArray:
    case TypeKind::kMap:
      return false;
    default:
      return true;
  }
}

// Writers keep the order of the schema, so the next name is nearly always the one after the last.
const FactNode* Find(const std::vector<FactNode>& nodes, std::string_view name, size_t& next) {
  for (size_t i = 0; i < nodes.size(); ++i, ++next) {
    if (next >= nodes.size()) next = 0;
    if (nodes[next].physical_name == name) return &nodes[next++];
  }
  return nullptr;
}

}  // namespace

std::optional<Literal> ReadText(std::string_view text, const DataType& type) {
  if (type.kind() == TypeKind::kString || type.kind() == TypeKind::kBinary) return Literal{type, std::string(text)};
  // Some writers give a date the time of its midnight.
  if (type.kind() == TypeKind::kDate && text.size() > 10 && (text[10] == 'T' || text[10] == ' ')) {
    text = text.substr(0, 10);
  }
  auto value = ParsePartitionValue(std::string(text), type);
  if (!value.ok() || value->is_null()) return std::nullopt;
  return std::move(value).value();
}

FileStatistics::FileStatistics(const Fields& fields, MappingMode mode) : seen_(3) {
  for (const Fact fact : {Fact::kNullCount, Fact::kMin, Fact::kMax}) {
    columns_[static_cast<size_t>(fact)] = MakeNodes(fields, mode, fact);
  }
}

std::vector<FactNode> FileStatistics::MakeNodes(const Fields& fields, MappingMode mode, Fact fact) {
  std::vector<FactNode> nodes;
  for (const auto& field : fields) {
    FactNode node{.name = field.name, .physical_name = PhysicalName(field, mode)};
    if (field.type.kind() == TypeKind::kStruct) {
      node.children = MakeNodes(field.type.fields(), mode, fact);
      if (node.children.empty()) continue;
      node.seen = static_cast<int>(seen_.size());
      seen_.push_back(false);
    } else {
      if (fact != Fact::kNullCount && !HasBounds(field.type)) continue;
      node.slot = static_cast<int>(slots_.size());
      slots_.push_back({.type = fact == Fact::kNullCount ? DataType(TypeKind::kLong) : field.type});
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

void FileStatistics::Read(std::string_view json) {
  Forget();
  if (json.empty()) return;
  JsonScanner scanner(json);
  if (!ReadTop(scanner)) Forget();
}

void FileStatistics::Forget() {
  num_records_.reset();
  for (auto& slot : slots_) slot.value.reset();
  seen_.assign(seen_.size(), false);
}

bool FileStatistics::ReadTop(JsonScanner& scanner) {
  if (!scanner.Take('{')) return false;
  JsonText key;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    const auto fact = key.raw == "nullCount"   ? std::optional(Fact::kNullCount)
                      : key.raw == "minValues" ? std::optional(Fact::kMin)
                      : key.raw == "maxValues" ? std::optional(Fact::kMax)
                                               : std::nullopt;
    int64_t count = 0;
    if (key.raw == "numRecords" && scanner.ReadInteger(count)) {
      num_records_ = count;
    } else if (fact && scanner.Peek() == '{') {
      seen_[static_cast<size_t>(*fact)] = true;
      if (!ReadColumns(scanner, columns(*fact))) return false;
    } else if (!scanner.SkipValue()) {
      return false;
    }
  }
  return scanner.Closed() && scanner.AtEnd();
}

bool FileStatistics::ReadColumns(JsonScanner& scanner, const std::vector<FactNode>& nodes) {
  if (!scanner.Take('{')) return false;
  JsonText key;
  std::string unescaped;
  size_t next = 0;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    std::string_view name = key.raw;
    if (key.escaped) name = UnescapeJson(key.raw, unescaped) ? std::string_view(unescaped) : std::string_view();
    const auto* node = Find(nodes, name, next);
    const bool inside = node != nullptr && node->slot < 0 && scanner.Peek() == '{';
    if (inside) seen_[static_cast<size_t>(node->seen)] = true;
    const bool good = inside                               ? ReadColumns(scanner, node->children)
                      : node != nullptr && node->slot >= 0 ? ReadValue(scanner, slots_[static_cast<size_t>(node->slot)])
                                                           : scanner.SkipValue();
    if (!good) return false;
  }
  return scanner.Closed();
}

bool FileStatistics::ReadValue(JsonScanner& scanner, FactSlot& slot) {
  const char c = scanner.Peek();
  if (c == '{' || c == '[') return scanner.SkipValue();
  if (c == '"') {
    JsonText text;
    if (!scanner.ReadString(text)) return false;
    std::string unescaped;
    if (!text.escaped) {
      slot.value = ReadText(text.raw, slot.type);
    } else if (UnescapeJson(text.raw, unescaped)) {
      slot.value = ReadText(unescaped, slot.type);
    }
    return true;
  }
  int64_t number = 0;
  if (slot.type.kind() == TypeKind::kLong && scanner.ReadInteger(number)) {
    slot.value = Literal{slot.type, number};
    return true;
  }
  std::string_view token;
  if (!scanner.ReadToken(token)) return false;
  if (token != "null") slot.value = ReadText(token, slot.type);
  return true;
}

}  // namespace deltic::python
