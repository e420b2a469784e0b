// Owns `deltic cdf`: what changed between two versions of a table, printed or in one file.
#include <fmt/format.h>

#include "arguments.h"
#include "base/error.h"
#include "base/time.h"
#include "commands.h"
#include "deltic/changes.h"
#include "row_source.h"
#include "storage_arguments.h"
#include "table/changes_text.h"

namespace deltic::cli {

namespace {

struct RangeArguments {
  std::string location;
  std::optional<int64_t> from, to, schema_version;
  std::string from_timestamp, to_timestamp;

  Result<ChangesOptions> ToOptions() const;
};

// Rounds up, where ParseTimestampArgument rounds down: a commit before the time is not wanted.
Result<int64_t> ParseFrom(std::string_view text) {
  DELTIC_TRY(const int64_t ms, ParseTimestampArgument(text));
  const auto micros = ParseTimestampMicros(text);
  return micros.ok() && *micros % 1000 != 0 ? ms + 1 : ms;
}

Result<ChangesOptions> RangeArguments::ToOptions() const {
  if (!from && from_timestamp.empty())
    return InvalidArgument("say where the changes begin: --from or --from-timestamp");
  ChangesOptions options{.from_version = from, .to_version = to, .schema_version = schema_version};
  if (!from_timestamp.empty()) {
    DELTIC_TRY(options.from_timestamp_ms, ParseFrom(from_timestamp));
  }
  if (!to_timestamp.empty()) {
    DELTIC_TRY(options.to_timestamp_ms, ParseTimestampArgument(to_timestamp));
  }
  return options;
}

CLI::Validator IsTimestamp() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto parsed = ParseTimestampArgument(text);
        return parsed.ok() ? "" : parsed.error().message();
      },
      "");
}

RowSource ChangeRows(const Table& table, const Changes& changes, const ScanOptions& options) {
  return {.table = table.Info(),
          .what = fmt::format("versions {} to {}", changes.first_version(), changes.last_version()),
          .text = [=](const CancelToken& cancel) { return ReadText(changes, options, cancel); },
          .stream = [=](ArrowArrayStream* out) { return changes.Scan(options, out); },
          .write = [=](const ExportOptions& to,
                       const CancelToken& cancel) { return ExportChanges(changes, options, to, cancel); }};
}

}  // namespace

void AddCdf(Commands* commands) {
  CLI::App* command = commands->Add("cdf", "What changed between two versions: the table's change data feed");
  auto range = std::make_shared<RangeArguments>();
  command->add_option("TABLE", range->location, "Folder or URL of the Delta table whose changes to read")->required();
  auto* from = command->add_option("--from", range->from, "The first version")->type_name("N")->check(NotNegative());
  command->add_option("--from-timestamp", range->from_timestamp, "The first version committed at or after this time")
      ->type_name("T")
      ->check(IsTimestamp())
      ->excludes(from);
  auto* to = command->add_option("--to", range->to, "The last version (default: the newest)")
                 ->type_name("N")
                 ->check(NotNegative());
  command->add_option("--to-timestamp", range->to_timestamp, "The last version committed at or before this time")
      ->type_name("T")
      ->check(IsTimestamp())
      ->excludes(to);
  command
      ->add_option(
          "--schema-version", range->schema_version,
          "The version whose columns to show (default: the last of the range when columns are mapped, else the "
          "newest)")
      ->type_name("N")
      ->check(NotNegative());
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  rows->AddColumns(command);
  rows->AddLimit(command, "At most N rows");
  auto file = std::make_shared<FileArguments>();
  auto* format = command->add_option("--format", file->format,
                                     "table (default), csv, or json: one object a line. With -o instead of by OUT's "
                                     "extension: parquet, csv, json, arrow");
  auto names = FileFormatNames();
  names.emplace_back("table");
  format->type_name("FORMAT")->check(CLI::IsMember(names, CLI::ignore_case).description(""));
  command->add_option("-o,--output", file->out, "Write one file, replaced when it exists; - for standard output")
      ->type_name("OUT");
  file->AddCompression(command);
  file->AddQuiet(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    FileArguments output = *file;
    const bool print =
        output.out.empty() &&
        (output.format.empty() || output.format == "table" || output.format == "csv" || output.format == "json") &&
        output.compression.empty();
    if (!print) {
      if (output.out.empty()) output.out = "-";
      if (output.format == "table")
        return InvalidArgument("a file is no table for people: choose csv, json, ... instead");
      DELTIC_CHECK(output.Check());
    }
    DELTIC_TRY(const ChangesOptions options, range->ToOptions());
    DELTIC_TRY(const ScanOptions scan, rows->ToScanOptions());
    DELTIC_TRY(const Table table, OpenTable(range->location));
    DELTIC_TRY(const Changes changes, Changes::Open(table, options));
    const RowSource source = ChangeRows(table, changes, scan);
    if (print) return PrintRows(source, output.format.empty() ? "table" : output.format);
    return WriteRows(source, output);
  });
}

}  // namespace deltic::cli
