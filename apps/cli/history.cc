// Owns `deltic history`: who did what to a table, newest first.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/time.h"
#include "commands.h"
#include "history_graph.h"
#include "json_list.h"
#include "progress.h"
#include "text_table.h"

namespace deltic::cli {

namespace {

constexpr int kParametersWidth = 80;
constexpr std::optional<int64_t> kGraphCommits = 50;

// commitInfo is free-form by the protocol: nothing in it is relied upon.
std::string ParametersText(const HistoryEntry& entry) {
  const Json info = Json::parse(entry.commit_info_json, nullptr, false);
  if (!info.is_object() || !info.contains("operationParameters")) return "";
  const Json& parameters = info["operationParameters"];
  if (!parameters.is_object()) return CutToWidth(JsonLine(parameters), kParametersWidth);
  std::string text;
  for (const auto& [name, value] : parameters.items()) {
    text += (text.empty() ? "" : ", ") + name + "=" + (value.is_string() ? value.get<std::string>() : JsonLine(value));
  }
  return CutToWidth(Printable(text), kParametersWidth);
}

void PrintJson(const std::vector<HistoryEntry>& entries, Output* out) {
  JsonList list(out);
  for (const HistoryEntry& entry : entries) {
    Json json;
    json["version"] = entry.version;
    json["timestamp"] = FormatTimestampMs(entry.timestamp_ms);
    json["timestamp_ms"] = entry.timestamp_ms;
    json["operation"] = JsonOrNull(entry.operation);
    Json info = Json::parse(entry.commit_info_json, nullptr, false);
    json["commit_info"] = info.is_discarded() ? Json(nullptr) : std::move(info);
    list.Add(json);
  }
  list.Finish();
}

void PrintTable(const std::vector<HistoryEntry>& entries, Output* out) {
  TextTable text({{"version", true}, {"time", false}, {"operation", false}, {"parameters", false}},
                 Terminal::Of(STDOUT_FILENO), out);
  for (const HistoryEntry& entry : entries) {
    text.Add({fmt::format("{}", entry.version), FormatTimestampMs(entry.timestamp_ms), entry.operation,
              ParametersText(entry)});
  }
  text.Finish();
}

void PrintSummaries(const std::vector<CommitSummary>& summaries, const std::string& measure, bool as_json,
                    Output* out) {
  if (!as_json) return PrintGraph(summaries, measure, Terminal::Of(STDOUT_FILENO), out);
  JsonList list(out);
  for (const CommitSummary& summary : summaries) list.Add(SummaryJson(summary));
  list.Finish();
}

}  // namespace

void AddHistory(Commands* commands) {
  CLI::App* command = commands->Add("history", "The commits of a table, newest first");
  auto table_arguments = TableArguments::AddTo(command, "look back on");
  auto rows = std::make_shared<RowArguments>();
  rows->AddLimit(command, "At most N commits");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON array, one commit a line");
  auto graph = std::make_shared<std::string>();
  command
      ->add_option("--graph", *graph,
                   "A picture of what each commit added and removed, in rows (default), bytes or files; the last 50 "
                   "commits when there is no --limit")
      ->type_name("MEASURE")
      ->expected(0, 1)
      ->default_str("rows")
      ->check(CLI::IsMember({"rows", "bytes", "files"}));
  commands->SetRun(command, [=]() -> Status {
    Progress progress("reading the log", nullptr);
    DELTIC_TRY(Table table, table_arguments->Open());
    if (!graph->empty()) {
      const bool all = *as_json || rows->limit.has_value();
      DELTIC_TRY(const auto summaries, SummarizeHistory(table, all ? rows->limit : kGraphCommits));
      Output out(STDOUT_FILENO, "standard output");
      PrintSummaries(summaries, *graph, *as_json, &out);
      return out.Flush();
    }
    DELTIC_TRY(std::vector<HistoryEntry> entries, table.History(rows->limit));
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      PrintJson(entries, &out);
    } else {
      PrintTable(entries, &out);
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
