// Owns the reading of the small XML documents that stores answer with: elements and their texts, in order. No
// namespaces (prefixes are cut off), no DTDs (refused: entities of a document's own are how parsers are attacked).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

// An element with its text (of itself, not of its children) and its children in order.
struct XmlElement {
  std::string name;  // without prefix
  std::string text;  // entities resolved, not trimmed
  std::vector<XmlElement> children;

  // The first child of that name; null when there is none.
  const XmlElement* Find(std::string_view child) const;
  // Its text; "" when there is none.
  std::string_view Text(std::string_view child) const;
};

// Corrupt, saying where, for what is no well-formed document or is nested deeper than 64.
Result<XmlElement> ParseXml(std::string_view text);
// &, <, >, " and ' as entities.
std::string EscapeXml(std::string_view text);

}  // namespace deltic
