// Owns the one pass over a statistics JSON. See stats.h; what a bound proves is in bounds.cc.
#include "expr/stats.h"

#include <simdjson.h>

#include <cstring>

#include "expr/prune.h"

namespace deltic {

namespace ondemand = simdjson::ondemand;

// The parser and its padded input, kept from file to file. Walks along the tree of wanted names only; simdjson skips the
// rest by its structural index.
struct StatsReader::Parser {
  enum class Section : uint8_t { kMin, kMax, kNullCount };

  ondemand::parser parser;
  std::vector<char> buffer;
  size_t size = 0;
  bool escapes = false;  // the JSON holds a backslash, so names must be unescaped before they are compared

  simdjson::error_code Open(std::string_view json, ondemand::document& document) {
    size = json.size();
    if (buffer.size() < size + simdjson::SIMDJSON_PADDING) buffer.resize(2 * size + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer.data(), json.data(), size);
    std::memset(buffer.data() + size, 0, simdjson::SIMDJSON_PADDING);
    escapes = std::memchr(json.data(), '\\', size) != nullptr;
    return parser.iterate(buffer.data(), size, buffer.size()).get(document);
  }

  bool Is(const ondemand::raw_json_string& key, std::string_view name) const {
    const size_t at = static_cast<size_t>(key.raw() - buffer.data());
    return at + name.size() < size && std::memcmp(key.raw(), name.data(), name.size()) == 0 &&
           key.raw()[name.size()] == '"';
  }
};

namespace {

// The raw text of a number, true, false or null; simdjson leaves the space after it.
std::string_view Token(ondemand::value& value) {
  std::string_view text = value.raw_json_token();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// The content of a JSON string; empty when the value is something else.
std::string_view String(ondemand::value& value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool IsString(ondemand::value& value) { return value.raw_json_token().starts_with('"'); }

Scalar ReadBound(ondemand::value& value, const StatsColumn& column, BoundSide side) {
  const ScalarTag tag = TagOf(column.type);
  switch (tag) {
    case ScalarTag::kInteger: {
      int64_t number;
      return value.get_int64().get(number) == simdjson::SUCCESS ? Scalar::Integer(tag, number) : Scalar{};
    }
    case ScalarTag::kBoolean: {
      bool truth;
      return value.get_bool().get(truth) == simdjson::SUCCESS ? Scalar::Integer(tag, truth) : Scalar{};
    }
    case ScalarTag::kReal:
      return RealBound({.text = Token(value),
                        .column_is_float = column.type.kind() == TypeKind::kFloat,
                        .may_be_float_text = column.was_float},
                       side);
    case ScalarTag::kDecimal:
      return DecimalBound(IsString(value) ? String(value) : Token(value), column.type.precision(), side);
    case ScalarTag::kString: {
      std::string_view text;
      return value.get_string().get(text) == simdjson::SUCCESS ? StringBound(text, side) : Scalar{};
    }
    case ScalarTag::kDate: return DateBound(String(value));
    case ScalarTag::kTimestamp:
    case ScalarTag::kTimestampNtz: return TimestampBound(String(value), tag, side);
    default: return {};
  }
}

}  // namespace

StatsReader::StatsReader(const std::vector<StatsColumn>& columns)
    : columns_(columns), found_(columns.size()), parser_(std::make_unique<Parser>()) {
  for (size_t i = 0; i < columns_.size(); ++i) Add(i);
}

StatsReader::~StatsReader() = default;

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

void StatsReader::Forget() {
  num_records_ = -1;
  for (Found& found : found_) {
    found.stats.min.tag = found.stats.max.tag = ScalarTag::kNone;
    found.stats.null_count = -1;
    found.min_seen = found.max_seen = found.nulls_seen = 0;
  }
}

void StatsReader::Read(std::string_view json) {
  Forget();
  if (json.empty()) return;
  if (!ReadAll(json)) {
    Forget();
    return;
  }
  for (Found& found : found_) {
    if (Contradict(found.stats.min, found.stats.max)) found.stats.min.tag = found.stats.max.tag = ScalarTag::kNone;
  }
}

// False on any error: statistics that are broken anywhere are not believed anywhere.
bool StatsReader::ReadAll(std::string_view json) {
  using Section = Parser::Section;
  Parser& parser = *parser_;
  ondemand::document document;
  ondemand::object top;
  if (parser.Open(json, document) || document.get_object().get(top)) return false;

  const auto take = [&](ondemand::value& value, int column, Section section) {
    Found& found = found_[column];
    const StatsColumn& wanted = columns_[column];
    if (section == Section::kNullCount) {
      int64_t count;
      const bool good = value.get_int64().get(count) == simdjson::SUCCESS && count >= 0;
      const bool first = found.nulls_seen++ == 0;
      found.stats.null_count = good && first ? count : -1;
    } else if (wanted.bounded && section == Section::kMin) {
      const Scalar bound = ReadBound(value, wanted, BoundSide::kMin);
      found.stats.min = found.min_seen++ == 0 ? bound : Scalar{};
    } else if (wanted.bounded) {
      const Scalar bound = ReadBound(value, wanted, BoundSide::kMax);
      found.stats.max = found.max_seen++ == 0 ? bound : Scalar{};
    }
  };

  const auto walk = [&](auto& self, ondemand::object object, const Node& node, Section section) -> bool {
    for (auto entry : object) {
      ondemand::field field;
      if (std::move(entry).get(field)) return false;
      const Node* match = nullptr;
      if (parser.escapes) {
        std::string_view name;
        if (field.unescaped_key().get(name)) return false;
        for (const Node& child : node.children) {
          if (child.name == name) match = &child;
        }
      } else {
        for (const Node& child : node.children) {
          if (parser.Is(field.key(), child.name)) match = &child;
        }
      }
      if (match == nullptr) continue;
      ondemand::value value = field.value();
      if (value.raw_json_token().starts_with('{')) {
        ondemand::object inner;
        if (match->children.empty()) continue;
        if (value.get_object().get(inner) || !self(self, inner, *match, section)) return false;
      } else if (match->column >= 0) {
        take(value, match->column, section);
      }
    }
    return true;
  };

  bool sections_seen[3] = {};
  bool records_seen = false;
  for (auto entry : top) {
    ondemand::field field;
    if (std::move(entry).get(field)) return false;
    const ondemand::raw_json_string key = field.key();
    ondemand::value value = field.value();
    if (parser.Is(key, "numRecords")) {
      int64_t count;
      const bool good = value.get_int64().get(count) == simdjson::SUCCESS && count >= 0;
      num_records_ = good && !records_seen ? count : -1;
      records_seen = true;
      continue;
    }
    Section section;
    if (parser.Is(key, "minValues")) {
      section = Section::kMin;
    } else if (parser.Is(key, "maxValues")) {
      section = Section::kMax;
    } else if (parser.Is(key, "nullCount")) {
      section = Section::kNullCount;
    } else {
      continue;
    }
    if (std::exchange(sections_seen[static_cast<int>(section)], true)) return false;
    if (root_.children.empty() || !value.raw_json_token().starts_with('{')) continue;
    ondemand::object object;
    if (value.get_object().get(object) || !walk(walk, object, root_, section)) return false;
  }
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;  // nothing may follow the object
}

std::optional<int64_t> NumRecords(std::string_view stats_json) {
  StatsReader reader({});
  reader.Read(stats_json);
  return reader.num_records() < 0 ? std::nullopt : std::optional(reader.num_records());
}

}  // namespace deltic
