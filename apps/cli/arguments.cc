// Owns the texts and the parsing of the shared options.
#include "arguments.h"

#include <CLI/Validators.hpp>
#include <charconv>

#include "base/error.h"
#include "base/time.h"
#include "storage_arguments.h"

namespace deltic::cli {

namespace {

// CLI11's own number checks go through double and say so.
CLI::Validator AtLeast(int64_t least) {
  return CLI::Validator(
      [least](std::string& text) -> std::string {
        int64_t number = 0;
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        return whole && number >= least ? "" : fmt::format("\"{}\" is not a whole number of at least {}", text, least);
      },
      "");
}

// Accepts what `parse` accepts.
template <class Parse>
CLI::Validator ParsedBy(Parse parse) {
  return CLI::Validator(
      [parse](std::string& text) -> std::string {
        auto parsed = parse(text);
        return parsed.ok() ? "" : parsed.error().message();
      },
      "");
}

}  // namespace

CLI::Validator NotNegative() { return AtLeast(0); }
CLI::Validator Positive() { return AtLeast(1); }

std::shared_ptr<TableArguments> TableArguments::AddTo(CLI::App* command, const char* doing) {
  auto arguments = std::make_shared<TableArguments>();
  command->add_option("TABLE", arguments->location, std::string("Folder or URL of the Delta table to ") + doing)
      ->required();
  auto* version = command->add_option("--version", arguments->version, "The table as of this version")
                      ->type_name("N")
                      ->check(NotNegative());
  command
      ->add_option("--timestamp", arguments->timestamp,
                   "The table as of this time: ISO 8601 (UTC unless it names a zone) or epoch milliseconds")
      ->type_name("T")
      ->check(ParsedBy(ParseTimestampArgument))
      ->excludes(version);
  return arguments;
}

Result<Table> TableArguments::Open() const {
  OpenOptions options;
  options.version = version;
  if (!timestamp.empty()) {
    DELTIC_TRY(options.timestamp_ms, ParseTimestampArgument(timestamp));
  }
  return OpenTable(location, options);
}

void RowArguments::AddWhere(CLI::App* command) {
  command
      ->add_option("--where", where, "Only rows for which this SQL expression is true, e.g. \"id > 5 and kind = 'a'\"")
      ->type_name("SQL");
}

void RowArguments::AddColumns(CLI::App* command) {
  command->add_option("--columns", columns, "Only these columns, in this order: a,b,\"with,comma\"")
      ->type_name("A,B")
      ->check(ParsedBy(ParseColumnList));
}

void RowArguments::AddLimit(CLI::App* command, const char* what) {
  command->add_option("--limit", limit, what)->type_name("N")->check(NotNegative());
}

void RowArguments::AddReading(CLI::App* command, bool shows_rows) {
  if (shows_rows) {
    command->add_flag("--row-ids", row_ids, "Add columns _row_id and _row_commit_version (tables with row tracking)");
  }
  command->add_flag("--no-skipping", no_skipping,
                    "Read every file, whatever the log says of its values: to check skipping");
}

Result<ScanOptions> RowArguments::ToScanOptions() const {
  ScanOptions options;
  options.row_ids = row_ids;
  options.skipping = !no_skipping;
  options.where = where;
  options.limit = limit;
  if (!columns.empty()) {
    DELTIC_TRY(options.columns, ParseColumnList(columns));
  }
  return options;
}

std::shared_ptr<EngineArguments> EngineArguments::AddTo(CLI::App* command) {
  auto arguments = std::make_shared<EngineArguments>();
  EngineSettings& settings = arguments->settings;
  command->add_option("--threads", settings.threads, "Threads to read with (default: one for each core)")
      ->type_name("N")
      ->check(Positive())
      ->group("Resources");
  command->add_option("--memory-limit", settings.memory_limit, "Memory to stay within, e.g. 2GB (default: 80% of RAM)")
      ->type_name("SIZE")
      ->group("Resources");
  command->add_option("--temp-dir", settings.temp_directory, "Folder to spill to when memory runs short")
      ->type_name("DIR")
      ->group("Resources");
  return arguments;
}

Status EngineArguments::Apply() const {
  if (settings.threads == 0 && settings.memory_limit.empty() && settings.temp_directory.empty()) return {};
  return ConfigureEngine(settings);
}

Result<std::vector<std::string>> ParseColumnList(std::string_view text) {
  std::vector<std::string> names;
  size_t i = 0;
  while (true) {
    std::string name;
    if (i < text.size() && text[i] == '"') {
      bool closed = false;
      for (++i; i < text.size() && !closed; ++i) {
        if (text[i] != '"') {
          name += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          name += text[i++];
        } else {
          closed = true;
        }
      }
      if (!closed || (i < text.size() && text[i] != ',')) {
        return InvalidArgument("{}: a quoted name must end with a double quote, before a comma", text);
      }
    } else {
      while (i < text.size() && text[i] != ',') name += text[i++];
    }
    if (name.empty()) return InvalidArgument("{}: a column name is empty", text);
    names.push_back(std::move(name));
    if (i >= text.size()) return names;
    ++i;  // the comma; after it another name must come
  }
}

Result<int64_t> ParseTimestampArgument(std::string_view text) {
  int64_t ms = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error == std::errc() && end == text.data() + text.size()) return ms;
  auto micros = ParseTimestampMicros(text);
  if (!micros.ok()) {
    return InvalidArgument(
        "\"{}\" is neither a time such as 2026-01-31T12:00:00Z nor milliseconds since the Unix epoch", text);
  }
  // Rounds down: a commit later within the same millisecond cannot be told apart, one of the next is not wanted.
  return *micros >= 0 ? *micros / 1000 : -((-*micros + 999) / 1000);
}

}  // namespace deltic::cli
