// Owns `deltic count`: how many rows a table or a filter of it has.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"

namespace deltic::cli {

void AddCount(Commands* commands) {
  CLI::App* command = commands->Add("count", "How many rows a table has");
  auto table_arguments = TableArguments::AddTo(command, "count");
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  rows->AddReading(command, false);
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(ScanOptions options, rows->ToScanOptions());
    int64_t count = 0;
    int64_t version = 0;
    {
      Progress progress("counting", nullptr);
      DELTIC_TRY(Table table, table_arguments->Open());
      DELTIC_TRY(count, table.Count(options));
      version = table.version();
    }
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      out.Write(JsonLine({{"version", version}, {"count", count}}) + "\n");
    } else {
      out.Write(fmt::format("{}\n", count));
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
