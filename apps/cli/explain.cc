// Owns `deltic explain`: what a filter lets a read skip, file by file.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

Json MakeJson(int64_t version, const std::string& where, const PlanInfo& plan) {
  return {{"version", version},
          {"where", where},
          {"predicate", plan.predicate},
          {"files_total", plan.files_total},
          {"files_dropped_by_partition", plan.files_dropped_by_partition},
          {"files_dropped_by_statistics", plan.files_dropped_by_statistics},
          {"files_kept", plan.files_kept},
          {"bytes_kept", plan.bytes_kept},
          {"kept_paths", plan.kept_paths}};
}

void PrintText(const std::string& where, const PlanInfo& plan, Output* out) {
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  auto line = [&](std::string_view what, std::string_view value) {
    out->Write(fmt::format("{}{} {}\n", terminal.Bold(what), std::string(24 - what.size(), ' '), value));
  };
  line("Filter", where.empty() ? "none" : Printable(where));
  line("Understood for skipping", plan.predicate.empty() ? "nothing" : Printable(plan.predicate));
  line("Files of the table", GroupedNumber(plan.files_total));
  line("  dropped by partition", GroupedNumber(plan.files_dropped_by_partition));
  line("  dropped by statistics", GroupedNumber(plan.files_dropped_by_statistics));
  line("  to read", fmt::format("{}, {} ({} bytes)", GroupedNumber(plan.files_kept), HumanBytes(plan.bytes_kept),
                                GroupedNumber(plan.bytes_kept)));
  for (const std::string& path : plan.kept_paths) out->Write("    " + Printable(path) + "\n");
  const int64_t more = plan.files_kept - static_cast<int64_t>(plan.kept_paths.size());
  if (more > 0) out->Write(fmt::format("    ... and {} more\n", GroupedNumber(more)));
}

}  // namespace

void AddExplain(Commands* commands) {
  CLI::App* command = commands->Add("explain", "Which files a filter lets a read skip, and why");
  auto table_arguments = TableArguments::AddTo(command, "plan a read of");
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  auto paths = std::make_shared<int64_t>(20);
  command->add_option("--paths", *paths, "Name at most N of the files to read (default: 20)")
      ->type_name("N")
      ->check(NotNegative());
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    Progress progress("planning", nullptr);
    DELTIC_TRY(ScanOptions options, rows->ToScanOptions());
    DELTIC_TRY(Table table, table_arguments->Open());
    DELTIC_TRY(PlanInfo plan, table.Explain(options, *paths));
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      out.Write(JsonLine(MakeJson(table.version(), rows->where, plan)) + "\n");
    } else {
      PrintText(rows->where, plan, &out);
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
