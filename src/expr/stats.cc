// Owns the one pass over a statistics JSON. See stats.h; what a bound proves is in bounds.cc.
#include "expr/stats.h"

#include <charconv>
#include <optional>
#include <utility>

#include "expr/prune.h"

namespace deltic {
namespace {

// A count of rows: a whole number that is not negative; -1 for any other scalar. False when there is none.
bool ReadCount(JsonScanner& scanner, int64_t& count) {
  count = -1;
  if (scanner.ReadInteger(count)) {
    if (count < 0) count = -1;
    return true;
  }
  std::string_view token;
  const char c = scanner.Peek();
  if (c == '"' || c == '{' || c == '[') return scanner.SkipValue();
  return scanner.ReadToken(token);  // too long to be a count, a fraction, null
}
// A bound that stands as a number, true or false.
Scalar TokenBound(std::string_view token, const StatsColumn& column, BoundSide side) {
  const ScalarTag tag = TagOf(column.type);
  switch (tag) {
    case ScalarTag::kInteger: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
      return error == std::errc() && end == token.data() + token.size() ? Scalar::Integer(tag, number) : Scalar{};
    }
    case ScalarTag::kBoolean:
      if (token == "true" || token == "false") return Scalar::Integer(tag, token == "true");
      return {};
    case ScalarTag::kReal:
      return RealBound({.text = token,
                        .column_is_float = column.type.kind() == TypeKind::kFloat,
                        .may_be_float_text = column.was_float},
                       side);
    case ScalarTag::kDecimal:
      return DecimalBound(token, column.type.precision(), side);
    default:
      return {};
  }
}

// A bound that stands as a string.
Scalar TextBound(std::string_view text, const StatsColumn& column, BoundSide side) {
  const ScalarTag tag = TagOf(column.type);
  switch (tag) {
    case ScalarTag::kString:
      return StringBound(text, side);
    case ScalarTag::kDecimal:
      return DecimalBound(text, column.type.precision(), side);
    case ScalarTag::kDate:
      return DateBound(text);
    case ScalarTag::kTimestamp:
    case ScalarTag::kTimestampNtz:
      return TimestampBound(text, tag, side);
    default:
      return {};
  }
}

}  // namespace

StatsReader::StatsReader(const std::vector<StatsColumn>& columns) : columns_(columns), found_(columns.size()) {
  for (size_t i = 0; i < columns_.size(); ++i) Add(i);
}

void StatsReader::Add(size_t column) {
  Node* node = &root_;
  for (const std::string& name : columns_[column].path) {
    Node* next = nullptr;
    for (Node& child : node->children) {
      if (child.name == name) next = &child;
    }
    if (next == nullptr) next = &node->children.emplace_back(Node{name, -1, {}});
    node = next;
  }
  node->column = static_cast<int>(column);
}

// Statistics that are broken anywhere are not believed anywhere.
void StatsReader::Read(std::string_view json) {
  Forget();
  if (json.empty()) return;
  JsonScanner scanner(json);
  if (!ReadTop(scanner)) {
    Forget();
    return;
  }
  for (Found& found : found_) {
    if (Contradict(found.stats.min, found.stats.max)) found.stats.min.tag = found.stats.max.tag = ScalarTag::kNone;
  }
}

void StatsReader::Forget() {
  num_records_ = -1;
  tight_bounds_.reset();
  for (Found& found : found_) {
    found.stats.min.tag = found.stats.max.tag = ScalarTag::kNone;
    found.stats.null_count = -1;
    found.min_seen = found.max_seen = found.nulls_seen = false;
  }
}

bool StatsReader::ReadTop(JsonScanner& scanner) {
  if (!scanner.Take('{')) return false;
  bool records_seen = false;
  bool tight_seen = false;
  bool section_seen[3] = {};
  JsonText key;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    if (key.raw == "numRecords") {
      if (std::exchange(records_seen, true) || !ReadCount(scanner, num_records_)) return false;
      continue;
    }
    if (key.raw == "tightBounds") {
      if (std::exchange(tight_seen, true) || !ReadTightBounds(scanner)) return false;
      continue;
    }
    const auto section = key.raw == "minValues"   ? std::optional(Section::kMin)
                         : key.raw == "maxValues" ? std::optional(Section::kMax)
                         : key.raw == "nullCount" ? std::optional(Section::kNullCount)
                                                  : std::nullopt;
    if (section && std::exchange(section_seen[static_cast<int>(*section)], true)) return false;
    const bool wanted = section && !root_.children.empty() && scanner.Peek() == '{';
    if (!(wanted ? ReadSection(scanner, root_, *section) : scanner.SkipValue())) return false;
  }
  return scanner.Closed() && scanner.AtEnd();
}

// Anything but true or false is taken for false: the bounds are not known to be tight.
bool StatsReader::ReadTightBounds(JsonScanner& scanner) {
  tight_bounds_ = false;
  const char c = scanner.Peek();
  if (c == '"' || c == '{' || c == '[') return scanner.SkipValue();
  std::string_view token;
  if (!scanner.ReadToken(token)) return false;
  if (token == "true") tight_bounds_ = true;
  if (token == "null") tight_bounds_.reset();
  return true;
}

bool StatsReader::ReadSection(JsonScanner& scanner, const Node& node, Section section) {
  if (!scanner.Take('{')) return false;
  JsonText key;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    const Node* match = Match(key, node);
    const bool nested = match != nullptr && !match->children.empty() && scanner.Peek() == '{';
    const bool fact = match != nullptr && !nested && match->column >= 0;
    const bool good = nested ? ReadSection(scanner, *match, section)
                      : fact ? ReadFact(scanner, static_cast<size_t>(match->column), section)
                             : scanner.SkipValue();
    if (!good) return false;
  }
  return scanner.Closed();
}

const StatsReader::Node* StatsReader::Match(const JsonText& key, const Node& node) {
  std::string_view name = key.raw;
  if (key.escaped) {
    if (!UnescapeJson(key.raw, name_)) return nullptr;
    name = name_;
  }
  for (const Node& child : node.children) {
    if (child.name == name) return &child;
  }
  return nullptr;
}

bool StatsReader::ReadFact(JsonScanner& scanner, size_t column, Section section) {
  const StatsColumn& wanted = columns_[column];
  Found& found = found_[column];
  if (section == Section::kNullCount) {
    if (!ReadCount(scanner, found.stats.null_count)) return false;
    if (std::exchange(found.nulls_seen, true)) found.stats.null_count = -1;
    return true;
  }
  const bool is_min = section == Section::kMin;
  const BoundSide side = is_min ? BoundSide::kMin : BoundSide::kMax;
  const bool again = std::exchange(is_min ? found.min_seen : found.max_seen, true);
  Scalar& bound = is_min ? found.stats.min : found.stats.max;
  bound.tag = ScalarTag::kNone;
  const char c = scanner.Peek();
  if (again || !wanted.bounded || c == '{' || c == '[') return scanner.SkipValue();
  if (c == '"') {
    JsonText text;
    if (!scanner.ReadString(text)) return false;
    std::string& unescaped = is_min ? found.min_text : found.max_text;
    if (!text.escaped) {
      bound = TextBound(text.raw, wanted, side);
    } else if (UnescapeJson(text.raw, unescaped)) {
      bound = TextBound(unescaped, wanted, side);
    }
    return true;
  }
  if (TagOf(wanted.type) == ScalarTag::kInteger && scanner.ReadInteger(bound.integer)) {
    bound.tag = ScalarTag::kInteger;
    return true;
  }
  std::string_view token;
  if (!scanner.ReadToken(token)) return false;
  bound = TokenBound(token, wanted, side);
  return true;
}

std::optional<int64_t> NumRecords(std::string_view stats_json) {
  StatsReader reader({});
  reader.Read(stats_json);
  return reader.num_records() < 0 ? std::nullopt : std::optional(reader.num_records());
}

}  // namespace deltic
