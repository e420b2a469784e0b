// Owns `deltic export`: a table's rows in one file, whole or not at all.
#include "arguments.h"
#include "commands.h"
#include "row_source.h"

namespace deltic::cli {

void AddExport(Commands* commands) {
  CLI::App* command = commands->Add("export", "A table's rows to one file: Parquet, CSV, JSON lines or Arrow");
  auto table_arguments = TableArguments::AddTo(command, "export");
  auto arguments = std::make_shared<FileArguments>();
  command->add_option("OUT", arguments->out, "The file to write, replaced when it exists; - for standard output")
      ->required();
  command->add_option("--format", arguments->format, std::string("Instead of by OUT's extension: ") + kFileFormats)
      ->type_name("FORMAT")
      ->check(CLI::IsMember(FileFormatNames(), CLI::ignore_case).description(""));
  arguments->AddCompression(command);
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  rows->AddReading(command, true);
  rows->AddColumns(command);
  rows->AddLimit(command, "At most N rows");
  arguments->AddQuiet(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_CHECK(arguments->Check());
    DELTIC_TRY(ScanOptions options, rows->ToScanOptions());
    DELTIC_TRY(Table table, table_arguments->Open());
    return WriteRows(TableRows(table, options), *arguments);
  });
}

}  // namespace deltic::cli
