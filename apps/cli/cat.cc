// Owns `deltic cat`: a table's rows on standard output, as an aligned table, CSV or JSON lines.
#include "arguments.h"
#include "commands.h"
#include "row_source.h"

namespace deltic::cli {

void AddCat(Commands* commands) {
  CLI::App* command = commands->Add("cat", "A table's rows on standard output");
  auto table_arguments = TableArguments::AddTo(command, "print");
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  rows->AddReading(command, true);
  rows->AddColumns(command);
  rows->AddLimit(command, "At most N rows");
  auto format = std::make_shared<std::string>("table");
  command->add_option("--format", *format, "table (default), csv, or json: one object a line")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "csv", "json"}));
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(ScanOptions options, rows->ToScanOptions());
    DELTIC_TRY(Table table, table_arguments->Open());
    return PrintRows(TableRows(table, options), *format);
  });
}

}  // namespace deltic::cli
