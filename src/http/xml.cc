// Owns the XML reader; see the header.
#include "http/xml.h"

#include "base/error.h"

namespace deltic {
namespace {

constexpr int kDeepest = 64;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<XmlElement> Document() {
    DELTIC_CHECK(SkipMisc());
    DELTIC_TRY(XmlElement root, Element(0));
    DELTIC_CHECK(SkipMisc());
    if (at_ != text_.size()) return Bad("something follows the document");
    return root;
  }

 private:
  Error Bad(std::string_view what) const { return Corrupt("XML answer, byte {}: {}", at_, what); }
  bool Take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  Status SkipTo(std::string_view token) {
    const size_t found = text_.find(token, at_);
    if (found == std::string_view::npos) return Bad("it ends too early");
    at_ = found + token.size();
    return {};
  }
  Status SkipMisc() {
    while (at_ < text_.size()) {
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (Take("\xEF\xBB\xBF")) {
      } else if (Take("<?")) {
        DELTIC_CHECK(SkipTo("?>"));
      } else if (Take("<!--")) {
        DELTIC_CHECK(SkipTo("-->"));
      } else {
        return {};
      }
    }
    return {};
  }

  Result<std::string> Name() {
    const size_t begin = at_;
    while (at_ < text_.size() && !IsSpace(text_[at_]) && text_[at_] != '>' && text_[at_] != '/' && text_[at_] != '=' &&
           text_[at_] != '<') {
      ++at_;
    }
    if (at_ == begin) return Bad("a name is missing");
    const std::string_view name = text_.substr(begin, at_ - begin);
    return std::string(name.substr(name.rfind(':') + 1));  // npos + 1 is 0
  }

  // Of a start tag, up to '>' or '/>': attributes are not kept, but quotes may hold '>'. True when it is empty.
  Result<bool> RestOfTag() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '>') return false;
      if (c == '/' && Take(">")) return true;
      if (c == '"' || c == '\'') DELTIC_CHECK(SkipTo(std::string_view(&c, 1)));
      if (c == '<') return Bad("'<' in a tag");
    }
    return Bad("it ends in a tag");
  }

  Result<XmlElement> Element(int depth) {
    if (depth > kDeepest) return Bad("it is nested too deep");
    if (!Take("<") || Take("!")) return Bad("an element is missing, or a DTD is there");
    XmlElement element;
    DELTIC_TRY(element.name, Name());
    DELTIC_TRY(const bool empty, RestOfTag());
    if (empty) return element;
    while (at_ < text_.size()) {
      if (Take("</")) {
        DELTIC_TRY(const std::string name, Name());
        DELTIC_TRY(const bool slash, RestOfTag());
        if (name != element.name || slash) return Bad("the end of another element");
        return element;
      }
      if (Take("<!--")) {
        DELTIC_CHECK(SkipTo("-->"));
      } else if (Take("<![CDATA[")) {
        const size_t begin = at_;
        DELTIC_CHECK(SkipTo("]]>"));
        element.text.append(text_.substr(begin, at_ - 3 - begin));
      } else if (Take("<?")) {
        DELTIC_CHECK(SkipTo("?>"));
      } else if (text_[at_] == '<') {
        DELTIC_TRY(XmlElement child, Element(depth + 1));
        element.children.push_back(std::move(child));
      } else if (text_[at_] == '&') {
        DELTIC_CHECK(Entity(element.text));
      } else {
        element.text.push_back(text_[at_++]);
      }
    }
    return Bad("it ends in an element");
  }

  Status Entity(std::string& out) {
    const size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 12) return Bad("an entity without an end");
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    if (name == "amp") {
      out.push_back('&');
    } else if (name == "lt") {
      out.push_back('<');
    } else if (name == "gt") {
      out.push_back('>');
    } else if (name == "quot") {
      out.push_back('"');
    } else if (name == "apos") {
      out.push_back('\'');
    } else if (name.size() > 1 && name[0] == '#') {
      DELTIC_CHECK(Character(name.substr(1), out));
    } else {
      return Bad("an entity that is not known");
    }
    at_ = end + 1;
    return {};
  }

  Status Character(std::string_view digits, std::string& out) const {
    const bool hex = digits[0] == 'x' || digits[0] == 'X';
    if (hex) digits.remove_prefix(1);
    if (digits.empty()) return Bad("a character without a number");
    uint32_t code = 0;
    for (const char c : digits) {
      uint32_t digit = 99;
      if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
      if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f') digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
      if (digit == 99) return Bad("a character that is no number");
      code = code * (hex ? 16 : 10) + digit;
      if (code > 0x10FFFF) return Bad("a character beyond Unicode");
    }
    if (code == 0 || (code >= 0xD800 && code < 0xE000)) return Bad("a character that is none");
    AppendUtf8(out, code);
    return {};
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const XmlElement* XmlElement::Find(std::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) return &element;
  }
  return nullptr;
}

std::string_view XmlElement::Text(std::string_view child) const {
  const XmlElement* element = Find(child);
  return element == nullptr ? std::string_view() : std::string_view(element->text);
}

Result<XmlElement> ParseXml(std::string_view text) { return Reader(text).Document(); }

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      case '\r':
        escaped += "&#13;";
        break;
      default:
        escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace deltic
