// Owns `deltic cat`: a table's rows on standard output, as an aligned table, CSV or JSON lines.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "interrupt.h"
#include "progress.h"
#include "stdout_pipe.h"
#include "table/text.h"
#include "text_table.h"

namespace deltic::cli {

namespace {

Status PrintTable(const Table& table, const ScanOptions& options) {
  OrderlyStop stop;
  Output out(STDOUT_FILENO, "standard output");
  DELTIC_TRY(std::unique_ptr<TextRows> rows, ReadText(table, options, stop.token()));
  std::vector<TextTable::Column> columns;
  for (size_t i = 0; i < rows->names().size(); ++i) {
    columns.push_back({rows->names()[i], rows->right_aligned()[i]});
  }
  TextTable text(std::move(columns), Terminal::Of(STDOUT_FILENO), &out);
  while (!out.failed()) {
    DELTIC_CHECK(stop.token().Check());
    DELTIC_TRY(auto batch, rows->Next());
    if (batch.empty()) break;
    for (auto& row : batch) text.Add(std::move(row));
  }
  text.Finish();
  out.Write(fmt::format("({} {})\n", text.rows(), text.rows() == 1 ? "row" : "rows"));
  return out.Flush();
}

Status PrintFormat(const Table& table, const ScanOptions& options, FileFormat format) {
  OrderlyStop stop;
  DELTIC_TRY(auto pipe, StdoutPipe::Open(stop.token()));
  auto exported = ExportTable(table, options, {.format = format, .path = StdoutPipe::kPath}, stop.token());
  DELTIC_CHECK(pipe->Close());
  if (!exported.ok()) return std::move(exported).error();
  return {};
}

}  // namespace

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
    if (*format == "table") return PrintTable(table, options);
    return PrintFormat(table, options, *format == "csv" ? FileFormat::kCsv : FileFormat::kJsonLines);
  });
}

}  // namespace deltic::cli
