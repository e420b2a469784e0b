// Owns the options that several commands share, and their meaning: which table and version, which rows, which engine.
// Does not read tables beyond opening them.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"
#include "deltic/table.h"
#include "engine/engine.h"

namespace deltic::cli {

// Checks of option values, so that a wrong one is an error of the command line, found before any table is touched.
CLI::Validator NotNegative();
CLI::Validator Positive();

// TABLE, --version, --timestamp. A value once parsed.
struct TableArguments {
  std::string location;
  std::optional<int64_t> version;
  std::string timestamp;

  static std::shared_ptr<TableArguments> AddTo(CLI::App* command, const char* doing);
  // What Table::Open answers.
  Result<Table> Open() const;
};

// --where, --columns, --limit: a command takes those that make sense for it. A value once parsed.
struct RowArguments {
  std::string where;
  std::string columns;
  std::optional<int64_t> limit;
  bool row_ids = false;
  bool no_skipping = false;

  void AddWhere(CLI::App* command);
  void AddColumns(CLI::App* command);
  void AddLimit(CLI::App* command, const char* what);
  // --row-ids and --no-skipping, for commands that read rows.
  void AddReading(CLI::App* command, bool shows_rows);
  Result<ScanOptions> ToScanOptions() const;
};

// --threads, --memory-limit, --temp-dir. A value once parsed.
struct EngineArguments {
  EngineSettings settings;

  static std::shared_ptr<EngineArguments> AddTo(CLI::App* command);
  Status Apply() const;
};

// `a,b,"c,d"`: commas part names; a name in double quotes may hold commas, "" in it is a quote. Nothing is trimmed: a
// Delta column may begin with a space. InvalidArgument for empty names and open quotes.
Result<std::vector<std::string>> ParseColumnList(std::string_view text);
// Epoch milliseconds when it is a whole number, else ISO 8601 (UTC without a zone).
Result<int64_t> ParseTimestampArgument(std::string_view text);

}  // namespace deltic::cli
