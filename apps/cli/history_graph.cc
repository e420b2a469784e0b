// Owns the layout of the picture. Newest first, as `deltic history`:
//
//   version   time              operation          removed | added
//        12   2026-01-31 12:00  ~ MERGE          -2 ~40 +12  ##|####
//        11 * 2026-01-31 11:00  + WRITE append         +900    |#########
//             ... 12 days
//
// Bars grow with the square root: small commits are to be seen beside large ones, and twice as much is to look like
// more.
// `*` marks a checkpoint.
#include "history_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "bars.h"
#include "base/time.h"

namespace deltic::cli {

namespace {

constexpr int kPlainWidth = 100;
constexpr int kNarrow = 72;  // below it times are dates
constexpr int kOperationWidth = 22;
constexpr int64_t kHourMs = 3600 * 1000;
constexpr int64_t kDayMs = 24 * kHourMs;
// A pause is worth a line when it is so many times the usual one, and an hour at least.
constexpr int64_t kLongPause = 10;

struct Glyph {
  std::string_view operation;  // how it begins
  const char* utf8;
  const char* ascii;
};
constexpr std::array<Glyph, 14> kGlyphs = {{{"WRITE", "+", "+"},
                                            {"STREAMING UPDATE", "+", "+"},
                                            {"COPY INTO", "+", "+"},
                                            {"DELETE", "−", "-"},
                                            {"TRUNCATE", "−", "-"},
                                            {"UPDATE", "~", "~"},
                                            {"MERGE", "≈", "%"},
                                            {"OPTIMIZE", "⇉", "="},
                                            {"REORG", "⇉", "="},
                                            {"VACUUM", "∅", "v"},
                                            {"RESTORE", "↶", "<"},
                                            {"CREATE", "○", "o"},
                                            {"REPLACE", "○", "o"},
                                            {"CLONE", "○", "o"}}};

std::string GlyphOf(const CommitSummary& commit, bool utf8) {
  const std::string operation = commit.operation.value_or("");
  for (const Glyph& glyph : kGlyphs) {
    if (operation.starts_with(glyph.operation)) return utf8 ? glyph.utf8 : glyph.ascii;
  }
  if (commit.changes_schema || commit.changes_protocol) return utf8 ? "§" : "#";
  return utf8 ? "·" : ".";
}

std::string OperationOf(const CommitSummary& commit) {
  std::string text = commit.operation ? *commit.operation : "(not told)";
  if (!commit.mode.empty()) text += " " + commit.mode;
  return CutToWidth(Printable(text), kOperationWidth);
}

// What a commit did, in the measure of the picture.
struct Change {
  std::optional<int64_t> added;
  std::optional<int64_t> removed;
  int64_t updated = 0;
};

Change ChangeOf(const CommitSummary& commit, const std::string& measure) {
  if (measure == "bytes") return {.added = commit.bytes_added, .removed = commit.bytes_removed};
  if (measure == "files") return {.added = commit.files_added, .removed = commit.files_removed};
  return {.added = commit.rows_added, .removed = commit.rows_removed, .updated = commit.rows_updated};
}

std::string Number(int64_t number, const std::string& measure) {
  return measure == "bytes" ? HumanBytes(number) : GroupedNumber(number);
}

// "-2 ~40 +12"; "" for nothing at all.
std::string ChangeText(const Change& change, const std::string& measure) {
  std::string text;
  const auto part = [&](const char* sign, const std::optional<int64_t>& number) {
    if (number && *number == 0) return;
    text += (text.empty() ? "" : " ") + std::string(sign) + (number ? Number(*number, measure) : "?");
  };
  part("-", change.removed);
  part("~", change.updated);
  part("+", change.added);
  return text;
}

int64_t Length(int64_t number) { return number <= 0 ? 0 : std::lround(1000 * std::sqrt(static_cast<double>(number))); }

std::string Pause(int64_t ms) {
  const auto plural = [](int64_t number, const char* unit) {
    return fmt::format("{} {}{}", number, unit, number == 1 ? "" : "s");
  };
  if (ms >= 2 * kDayMs) return plural(ms / kDayMs, "day");
  return plural(ms / kHourMs, "hour");
}

// The pause from which on a line says so.
int64_t LongPause(const std::vector<CommitSummary>& commits) {
  std::vector<int64_t> pauses;
  for (size_t i = 0; i + 1 < commits.size(); ++i) {
    pauses.push_back(commits[i].timestamp_ms - commits[i + 1].timestamp_ms);
  }
  if (pauses.empty()) return kHourMs;
  std::nth_element(pauses.begin(), pauses.begin() + static_cast<long>(pauses.size() / 2), pauses.end());
  const int64_t usual = std::max<int64_t>(pauses[pauses.size() / 2], 0);
  return std::max(kHourMs, usual > INT64_MAX / kLongPause ? INT64_MAX : usual * kLongPause);
}

// The picture's columns. Immutable once made.
class Graph {
 public:
  Graph(const std::vector<CommitSummary>& commits, std::string measure, const Terminal& terminal)
      : commits_(commits), measure_(std::move(measure)), terminal_(terminal) {
    const int width = terminal.columns > 0 ? terminal.columns : kPlainWidth;
    time_width_ = width < kNarrow ? 10 : 16;
    int64_t most_added = 0, most_removed = 0;
    for (const CommitSummary& commit : commits) {
      const Change change = ChangeOf(commit, measure_);
      most_added = std::max(most_added, Length(change.added.value_or(0) + change.updated));
      most_removed = std::max(most_removed, Length(change.removed.value_or(0) + change.updated));
      version_width_ = std::max(version_width_, DisplayWidth(fmt::format("{}", commit.version)));
      operation_width_ = std::max(operation_width_, DisplayWidth(OperationOf(commit)));
      change_width_ = std::max(change_width_, DisplayWidth(ChangeText(change, measure_)));
    }
    most_ = std::max(most_added, most_removed);
    const int room = std::clamp(
        width - 1 - version_width_ - 3 - time_width_ - 4 - operation_width_ - 1 - change_width_ - 2 - 2, 0, 60);
    // Both sides have one scale, and as much room as their longest bar needs.
    const int64_t both = most_added + most_removed;
    removed_width_ = both == 0 ? 0 : static_cast<int>(room * most_removed / both);
    added_width_ = room - removed_width_;
    bar_width_ = most_ == 0 ? 0 : most_added >= most_removed ? added_width_ : removed_width_;
  }

  void Print(Output* out) const {
    PrintHeader(out);
    const int64_t long_pause = LongPause(commits_);
    for (size_t i = 0; i < commits_.size(); ++i) {
      if (i > 0) PrintGap(commits_[i - 1], commits_[i], long_pause, out);
      PrintCommit(commits_[i], out);
    }
    PrintSum(out);
  }

 private:
  void PrintHeader(Output* out) const {
    const std::string removed = removed_width_ >= 7 ? "removed" : "";
    std::string line = fmt::format(" {:>{}}   {:<{}}  {:<{}} {:>{}}", "v", version_width_, "time", time_width_,
                                   "operation", operation_width_ + 2, measure_, change_width_);
    if (bar_width_ > 0) {
      line += "  " + fmt::format("{:>{}}", removed, removed_width_) + (terminal_.utf8 ? "│" : "|");
      line += added_width_ >= 5 ? "added" : "";
    }
    out->Write(terminal_.Bold(line) + "\n");
  }

  void PrintCommit(const CommitSummary& commit, Output* out) const {
    const Change change = ChangeOf(commit, measure_);
    const std::string mark = !commit.has_checkpoint ? " " : terminal_.utf8 ? "◆" : "*";
    std::string time = FormatTimestampMs(commit.timestamp_ms).substr(0, static_cast<size_t>(time_width_));
    std::replace(time.begin(), time.end(), 'T', ' ');
    std::string line = fmt::format(" {:>{}} ", commit.version, version_width_) + mark + " " +
                       Padded(time, time_width_) + "  " + GlyphOf(commit, terminal_.utf8) + " " +
                       Padded(OperationOf(commit), operation_width_) + " ";
    const std::string text = ChangeText(change, measure_);
    line += std::string(static_cast<size_t>(std::max(0, change_width_ - DisplayWidth(text))), ' ') + text;
    if (bar_width_ > 0) line += "  " + Bars(change);
    while (line.ends_with(' ')) line.pop_back();
    out->Write(line + "\n");
  }

  // Removed to the left of the axis, added to the right; what was updated is both.
  std::string Bars(const Change& change) const {
    // A bar's last cell is its tip, which UTF-8 can only draw from the left: the left side has whole cells.
    const std::string left = Bar(Length(change.removed.value_or(0) + change.updated), most_, bar_width_, false);
    const std::string right = Bar(Length(change.added.value_or(0) + change.updated), most_, bar_width_, terminal_.utf8);
    const auto cells = std::min(left.size(), static_cast<size_t>(removed_width_));
    std::string removed;
    for (size_t i = 0; i < cells; ++i) removed += terminal_.utf8 ? "█" : "#";
    std::string line(static_cast<size_t>(removed_width_) - cells, ' ');
    if (!removed.empty()) line += terminal_.Red(removed);
    line += terminal_.utf8 ? "│" : "|";
    if (!right.empty()) line += terminal_.Green(right);
    return line;
  }

  void PrintGap(const CommitSummary& newer, const CommitSummary& older, int64_t long_pause, Output* out) const {
    std::string text;
    if (newer.version - older.version > 1) {
      text = fmt::format("versions {} to {} are not in the log any more", older.version + 1, newer.version - 1);
    }
    const int64_t pause = newer.timestamp_ms - older.timestamp_ms;
    if (pause >= long_pause) text += (text.empty() ? "" : "; ") + Pause(pause);
    if (text.empty()) return;
    const std::string indent(static_cast<size_t>(version_width_ + 4), ' ');
    out->Write(indent + terminal_.Dim((terminal_.utf8 ? "⋮ " : "... ") + text) + "\n");
  }

  void PrintSum(Output* out) const {
    if (commits_.empty()) return;
    Change sum{.added = 0, .removed = 0};
    bool has_checkpoint = false;
    const auto add = [](std::optional<int64_t>& total, const std::optional<int64_t>& one) {
      if (!total || !one || __builtin_add_overflow(*total, *one, &*total)) total.reset();
    };
    for (const CommitSummary& commit : commits_) {
      const Change change = ChangeOf(commit, measure_);
      add(sum.added, change.added);
      add(sum.removed, change.removed);
      sum.updated += change.updated;
      has_checkpoint |= commit.has_checkpoint;
    }
    const std::string text = ChangeText(sum, measure_);
    out->Write(fmt::format("{} {}, {} {}", GroupedNumber(static_cast<int64_t>(commits_.size())),
                           commits_.size() == 1 ? "commit" : "commits", measure_, text.empty() ? "unchanged" : text));
    if (bar_width_ > 0) out->Write("; bars grow with the square root");
    if (has_checkpoint) out->Write(std::string("; ") + (terminal_.utf8 ? "◆" : "*") + " has a checkpoint");
    out->Write("\n");
  }

  static std::string Padded(const std::string& text, int width) {
    return text + std::string(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  }

  const std::vector<CommitSummary>& commits_;
  const std::string measure_;
  const Terminal terminal_;
  int version_width_ = 1;
  int time_width_ = 16;
  int operation_width_ = 9;
  int change_width_ = 5;
  int removed_width_ = 0;
  int added_width_ = 0;
  int bar_width_ = 0;  // of a bar as long as most_
  int64_t most_ = 0;
};

}  // namespace

Json SummaryJson(const CommitSummary& summary) {
  Json json;
  json["version"] = summary.version;
  json["timestamp"] = FormatTimestampMs(summary.timestamp_ms);
  json["timestamp_ms"] = summary.timestamp_ms;
  json["operation"] = JsonOrNull(summary.operation);
  json["mode"] = summary.mode.empty() ? Json(nullptr) : Json(summary.mode);
  json["rows_added"] = JsonOrNull(summary.rows_added);
  json["rows_removed"] = JsonOrNull(summary.rows_removed);
  json["rows_updated"] = summary.rows_updated;
  json["files_added"] = summary.files_added;
  json["files_removed"] = summary.files_removed;
  json["bytes_added"] = summary.bytes_added;
  json["bytes_removed"] = summary.bytes_removed;
  json["changes_schema"] = summary.changes_schema;
  json["changes_protocol"] = summary.changes_protocol;
  json["has_checkpoint"] = summary.has_checkpoint;
  return json;
}

void PrintGraph(const std::vector<CommitSummary>& newest_first, const std::string& measure, const Terminal& terminal,
                Output* out) {
  Graph(newest_first, measure, terminal).Print(out);
}

}  // namespace deltic::cli
