// Owns what `cat`, `export` and `cdf` share: rows from somewhere, printed or written as one file, whole or not at all.
// Does not know where the rows come from.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>

#include "deltic/arrow.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "engine/engine.h"

namespace deltic::cli {

// Rows, and the ways to get them. A value; each function may be called once.
struct RowSource {
  TableInfo table;   // whose rows: no output may lie in its folder
  std::string what;  // "version 12": for the closing line
  std::function<Result<std::unique_ptr<TextRows>>(const CancelToken&)> text;
  std::function<Status(ArrowArrayStream*)> stream;
  std::function<Result<int64_t>(const ExportOptions&, const CancelToken&)> write;
};
RowSource TableRows(const Table& table, const ScanOptions& options);

// To standard output: "table", "csv" or "json".
Status PrintRows(const RowSource& rows, const std::string& format);

// Where to write and how: OUT, --format, --compression, --quiet. A value once parsed.
struct FileArguments {
  std::string out;  // "-" for standard output
  std::string format;
  std::string compression;
  bool quiet = false;

  void AddCompression(CLI::App* command);
  void AddQuiet(CLI::App* command);
  // What is wrong with them whatever the rows.
  Status Check() const;
};
// The names that --format knows, as a list for people and one by one.
extern const char* const kFileFormats;
std::vector<std::string> FileFormatNames();

Status WriteRows(const RowSource& rows, const FileArguments& arguments);

}  // namespace deltic::cli
