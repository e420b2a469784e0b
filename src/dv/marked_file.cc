// Owns the add action of a data file that gets another deletion vector. Edits its statistics as text, so that every
// number in them stays as its writer spelled it. Protocol: "Per-file Statistics", "Add File and Remove File".
#include <string_view>

#include "base/error.h"
#include "dv/dv_writer.h"
#include "expr/json_scanner.h"
#include "expr/prune.h"

namespace deltic {
namespace {

// Where a member of the statistics lies in their text: its value alone.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

struct Layout {
  bool has_members = false;
  size_t close = 0;  // of the closing bracket
  std::optional<Span> tight_bounds;
};

// nullopt for what is no JSON object, or tells tightBounds twice.
std::optional<Layout> LayoutOf(std::string_view stats) {
  JsonScanner scanner(stats);
  if (!scanner.Take('{')) return std::nullopt;
  Layout layout;
  JsonText key;
  for (bool first = true; scanner.NextMember(first, key); first = false) {
    layout.has_members = true;
    std::string name(key.raw);
    if (key.escaped && !UnescapeJson(key.raw, name)) return std::nullopt;
    scanner.Peek();  // past white space
    const size_t begin = scanner.place() - stats.data();
    if (!scanner.SkipValue()) return std::nullopt;
    if (name != "tightBounds") continue;
    if (layout.tight_bounds) return std::nullopt;
    layout.tight_bounds = Span{begin, static_cast<size_t>(scanner.place() - stats.data())};
  }
  if (!scanner.Closed() || !scanner.AtEnd()) return std::nullopt;
  layout.close = stats.rfind('}');
  return layout;
}

// What was exact before rows were deleted no longer is. Null counts stay: with wide bounds a count that is neither 0
// nor numRecords says nothing, and both of these remain true when rows go.
Result<std::string> WidenedStats(const AddFile& live, std::optional<int64_t> physical_rows) {
  std::string stats = live.stats.value_or("{}");
  const std::optional<Layout> layout = LayoutOf(stats);
  if (!layout) return Corrupt("{}: the file's statistics are no JSON object: {}", live.path, stats.substr(0, 60));
  std::string more;
  if (!NumRecords(stats)) {
    if (!physical_rows) {
      return Unsupported(
          "{}: its statistics do not tell the number of its rows (numRecords), which a deletion vector needs",
          live.path);
    }
    more = fmt::format("\"numRecords\":{}", *physical_rows);
  }
  if (layout->tight_bounds) {
    stats.replace(layout->tight_bounds->begin, layout->tight_bounds->end - layout->tight_bounds->begin, "false");
  } else {
    more += more.empty() ? "" : ",";
    more += "\"tightBounds\":false";
  }
  if (!more.empty()) stats.insert(stats.rfind('}'), layout->has_members ? "," + more : more);
  return stats;
}

}  // namespace

Result<AddFile> WithDeletionVector(const AddFile& live, const DeletionVectorDescriptor& vector,
                                   std::optional<int64_t> physical_rows) {
  AddFile marked = live;
  DELTIC_TRY(marked.stats, WidenedStats(live, physical_rows));
  const std::optional<int64_t> rows = NumRecords(*marked.stats);
  if (!rows) return Corrupt("{}: its statistics tell numRecords in a form that cannot be read", live.path);
  if (vector.cardinality > *rows) {
    return Internal("{}: a deletion vector of {} rows for a file of {}", live.path, vector.cardinality, *rows);
  }
  marked.deletion_vector = vector;
  marked.data_change = true;
  return marked;
}

}  // namespace deltic
