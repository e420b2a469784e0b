// Owns the parts of a dotted column name.
#include "schema/column_text.h"

#include <algorithm>

#include "base/error.h"

namespace deltic {

Result<ColumnPath> ParseColumnText(std::string_view text, const Fields& schema) {
  if (FindField(schema, text) != nullptr) return ColumnPath{std::string(text)};
  ColumnPath path;
  size_t at = 0;
  while (true) {
    std::string name;
    if (at < text.size() && text[at] == '`') {
      ++at;
      while (true) {
        if (at == text.size()) return InvalidArgument("column {}: a backtick is not closed", text);
        const char c = text[at++];
        if (c == '`') {
          if (at == text.size() || text[at] != '`') break;
          ++at;
        }
        name += c;
      }
      if (at < text.size() && text[at] != '.')
        return InvalidArgument("column {}: a dot must follow the backtick", text);
    } else {
      const size_t dot = std::min(text.find('.', at), text.size());
      name = text.substr(at, dot - at);
      at = dot;
    }
    if (name.empty()) return InvalidArgument("column \"{}\": a name is empty", text);
    path.push_back(std::move(name));
    if (at == text.size()) return path;
    ++at;  // the dot
  }
}

}  // namespace deltic
