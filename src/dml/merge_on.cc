// Owns the walk over the engine's parsed expressions; see the header.
#include "dml/merge_on.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "schema/edit.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

std::string Text(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// The one expression of "SELECT x", null when there is none.
Json* Selected(Json& document) {
  if (!document.is_object() || document.value("error", true)) return nullptr;
  const auto statements = document.find("statements");
  if (statements == document.end() || !statements->is_array() || statements->size() != 1) return nullptr;
  const auto node = (*statements)[0].find("node");
  if (node == (*statements)[0].end() || !node->is_object()) return nullptr;
  const auto list = node->find("select_list");
  if (list == node->end() || !list->is_array() || list->size() != 1) return nullptr;
  return &(*list)[0];
}

// Which sides an expression reads. `known` is false where it cannot be told, or holds what must not be asked twice.
struct Reads {
  bool target = false;
  bool source = false;
  bool known = true;
};

class Walk {
 public:
  Walk(const ConditionSides& sides, const std::set<std::string>& steady) : sides_(sides), steady_(steady) {}

  // Finds what it reads, and takes the table's alias away from its columns.
  Reads Read(Json& node) const {
    Reads reads;
    Visit(node, reads);
    return reads;
  }

 private:
  void Visit(Json& node, Reads& reads) const {
    if (node.is_array()) {
      for (Json& child : node) Visit(child, reads);
      return;
    }
    if (!node.is_object()) return;
    if (const std::string kind = Text(node, "class"); !kind.empty()) {
      static const std::set<std::string> kPlain = {"CONSTANT",   "CAST",        "FUNCTION", "OPERATOR",
                                                   "COMPARISON", "CONJUNCTION", "BETWEEN",  "CASE"};
      if (kind == "COLUMN_REF") {
        Column(node, reads);
        return;
      }
      // Subqueries, windows, lambdas: their columns are not the two sides'.
      if (!kPlain.contains(kind)) reads.known = false;
      if (kind == "FUNCTION" && !steady_.contains(Lower(Text(node, "function_name")))) reads.known = false;
    }
    for (auto& [key, child] : node.items()) {
      if (key != "value" && key != "cast_type") Visit(child, reads);
    }
  }

  void Column(Json& node, Reads& reads) const {
    const auto names = node.find("column_names");
    if (names == node.end() || !names->is_array() || names->empty() || !(*names)[0].is_string()) {
      reads.known = false;
      return;
    }
    const std::string first = (*names)[0].get<std::string>();
    const std::string second = names->size() > 1 && (*names)[1].is_string() ? (*names)[1].get<std::string>() : "";
    if (names->size() > 1 && SameNameIgnoringCase(first, sides_.target_alias) &&
        FindField(sides_.target, second) != nullptr) {
      names->erase(names->begin());
      reads.target = true;
    } else if (names->size() > 1 && SameNameIgnoringCase(first, sides_.source_alias) &&
               FindField(sides_.source, second) != nullptr) {
      reads.source = true;
    } else if (const bool in_target = FindField(sides_.target, first) != nullptr,
               in_source = FindField(sides_.source, first) != nullptr;
               in_target != in_source) {
      (in_target ? reads.target : reads.source) = true;
    } else {
      reads.known = false;
    }
  }

  const ConditionSides& sides_;
  const std::set<std::string>& steady_;
};

std::optional<KeyOp> OpOf(const std::string& type) {
  if (type == "COMPARE_EQUAL") return KeyOp::kEqual;
  if (type == "COMPARE_NOT_DISTINCT_FROM") return KeyOp::kNullSafeEqual;
  if (type == "COMPARE_LESSTHAN") return KeyOp::kLess;
  if (type == "COMPARE_LESSTHANOREQUALTO") return KeyOp::kLessEqual;
  if (type == "COMPARE_GREATERTHAN") return KeyOp::kGreater;
  if (type == "COMPARE_GREATERTHANOREQUALTO") return KeyOp::kGreaterEqual;
  return std::nullopt;
}

KeyOp Turned(KeyOp op) {
  switch (op) {
    case KeyOp::kLess:
      return KeyOp::kGreater;
    case KeyOp::kLessEqual:
      return KeyOp::kGreaterEqual;
    case KeyOp::kGreater:
      return KeyOp::kLess;
    case KeyOp::kGreaterEqual:
      return KeyOp::kLessEqual;
    default:
      return op;
  }
}

void Conjuncts(const Json& node, std::vector<Json>& all) {
  if (Text(node, "type") == "CONJUNCTION_AND" && node.contains("children") && node["children"].is_array()) {
    for (const Json& child : node["children"]) Conjuncts(child, all);
  } else {
    all.push_back(node);
  }
}

}  // namespace

ConditionParts ReadCondition(const std::string& json, const ConditionSides& sides,
                             const std::set<std::string>& steady_functions) {
  ConditionParts parts;
  Json document = Json::parse(json, nullptr, false);
  Json* selected = Selected(document);
  if (selected == nullptr) return parts;
  const auto statement = [&](const Json& expression) {
    Json copy = document;
    *Selected(copy) = expression;
    return copy.dump();
  };
  const Walk walk(sides, steady_functions);
  std::vector<Json> conjuncts;
  Conjuncts(*selected, conjuncts);
  parts.only_target = true;
  for (Json& conjunct : conjuncts) {
    Json whole = conjunct;
    const Reads reads = walk.Read(whole);
    if (reads.known && !reads.source) {
      parts.of_target.push_back(statement(whole));
      continue;
    }
    parts.only_target = false;
    const auto op = OpOf(Text(conjunct, "type"));
    if (!reads.known || !op || !conjunct.contains("left") || !conjunct.contains("right")) continue;
    Json left = conjunct["left"], right = conjunct["right"];
    const Reads of_left = walk.Read(left), of_right = walk.Read(right);
    // Walk takes only the table's alias away, so the source's side is as it was.
    if (!of_left.source && of_right.source && !of_right.target) {
      parts.keys.push_back({.op = *op, .target = statement(left), .source = statement(right)});
    } else if (!of_right.source && of_left.source && !of_left.target) {
      parts.keys.push_back({.op = Turned(*op), .target = statement(right), .source = statement(left)});
    }
  }
  return parts;
}

std::set<std::string> FunctionsOf(const std::string& json) {
  std::set<std::string> names;
  const Json document = Json::parse(json, nullptr, false);
  const auto visit = [&](const auto& self, const Json& node) -> void {
    if (node.is_object() && Text(node, "class") == "FUNCTION") names.insert(Lower(Text(node, "function_name")));
    if (node.is_structured()) {
      for (const Json& child : node) self(self, child);
    }
  };
  visit(visit, document);
  return names;
}

}  // namespace deltic
