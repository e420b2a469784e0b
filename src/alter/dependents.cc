// Owns the search for a column in the table's expressions.
#include "alter/dependents.h"

#include <algorithm>

#include "schema/edit.h"
#include "sparksql/translate.h"

namespace deltic {
namespace {

// One column is inside the other, or they are the same.
bool Overlap(const ColumnPath& a, const ColumnPath& b) {
  const size_t shared = std::min(a.size(), b.size());
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shared), b.begin(), SameNameIgnoringCase);
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

// Whether the name stands in the text as a word: more often true than right, which only refuses too much.
bool Mentions(const std::string& text, const std::string& name) {
  if (name.empty() || name.size() > text.size()) return false;
  for (size_t at = 0; at + name.size() <= text.size(); ++at) {
    if (!SameNameIgnoringCase(std::string_view(text).substr(at, name.size()), name)) continue;
    const size_t end = at + name.size();
    const bool begins = at == 0 || !IsWordCharacter(text[at - 1]) || !IsWordCharacter(name.front());
    const bool ends = end == text.size() || !IsWordCharacter(text[end]) || !IsWordCharacter(name.back());
    if (begins && ends) return true;
  }
  return false;
}

bool Uses(const std::string& expression, const Fields& schema, const ColumnPath& column) {
  const Result<EngineSql> sql = TranslateSparkSql(expression, schema);
  if (!sql.ok()) return Mentions(expression, column.front());
  return std::any_of(sql->columns.begin(), sql->columns.end(),
                     [&](const ColumnPath& used) { return Overlap(used, column); });
}

}  // namespace

std::vector<std::string> ExpressionsThatUse(const TableDefinition& table, const ColumnPath& column) {
  std::vector<std::string> found;
  constexpr std::string_view kConstraints = "delta.constraints.";
  for (const auto& [key, expression] : table.metadata.configuration) {
    if (!key.starts_with(kConstraints) || !Uses(expression, table.schema, column)) continue;
    found.push_back("the CHECK constraint " + key.substr(kConstraints.size()) + " (" + expression + ")");
  }
  ForEachField(table.schema, [&](const ColumnPath& path, const StructField& field) {
    if (const auto expression = MetadataText(field, "delta.generationExpression")) {
      if (!Overlap(path, column) && Uses(*expression, table.schema, column)) {
        found.push_back("the generated column " + ToString(path) + " (" + *expression + ")");
      }
    }
    // {"expression":{"expression":"a > 0"}}: JSON within a JSON string; the name is looked for in it as it is.
    if (const auto invariant = MetadataText(field, "delta.invariants")) {
      if (Mentions(*invariant, column.front())) found.push_back("the invariant of column " + ToString(path));
    }
  });
  return found;
}

}  // namespace deltic
