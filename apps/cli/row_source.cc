// Owns the output of rows: as an aligned table, CSV or JSON lines on standard output, or in one file of any format,
// whole or not at all.
#include "row_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "arrow_ipc.h"
#include "base/error.h"
#include "base/url.h"
#include "interrupt.h"
#include "progress.h"
#include "snapshot/paths.h"
#include "stdout_pipe.h"
#include "storage_arguments.h"
#include "stores/open_store.h"
#include "table/text.h"
#include "terminal.h"
#include "text_table.h"

namespace deltic::cli {

namespace {

namespace fs = std::filesystem;

enum class Format : uint8_t { kParquet, kCsv, kJsonLines, kArrow };

struct FormatName {
  const char* name;  // of --format, and with a dot before it, the extension
  Format format;
};
constexpr std::array<FormatName, 8> kFormats = {{{"parquet", Format::kParquet},
                                                 {"csv", Format::kCsv},
                                                 {"json", Format::kJsonLines},
                                                 {"jsonl", Format::kJsonLines},
                                                 {"ndjson", Format::kJsonLines},
                                                 {"arrow", Format::kArrow},
                                                 {"ipc", Format::kArrow},
                                                 {"feather", Format::kArrow}}};

// A value with a destructor that closes; the stream of a RowSource.
struct Stream {
  ArrowArrayStream stream{};
  ~Stream() {
    if (stream.release != nullptr) stream.release(&stream);
  }
  Error LastError() {
    const char* text = stream.get_last_error(&stream);
    return Error(Code::kUnavailable, text != nullptr ? text : "the read failed without a message");
  }
};

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Result<Format> ChooseFormat(const FileArguments& arguments) {
  std::string name = Lower(arguments.format);
  if (name.empty()) {
    if (arguments.out == "-") return InvalidArgument("output to standard output needs --format: {}", kFileFormats);
    name = Lower(fs::path(arguments.out).extension().string());
    if (name.empty()) {
      return InvalidArgument("{}: no extension to tell the format by; give one, or --format: {}", arguments.out,
                             kFileFormats);
    }
    name.erase(0, 1);
  }
  for (const FormatName& known : kFormats) {
    if (name == known.name) return known.format;
  }
  return InvalidArgument("unknown format \"{}\"; known are {}", name, kFileFormats);
}

// The engine's word for --compression.
Result<std::string> ChooseCompression(const std::string& name, Format format) {
  if (name.empty()) return std::string();
  const bool parquet = format == Format::kParquet;
  if (format != Format::kArrow && name == "none") return std::string(parquet ? "uncompressed" : "none");
  const bool both = name == "gzip" || name == "zstd";
  if (parquet ? both || name == "snappy" || name == "lz4" : format != Format::kArrow && both) return name;
  return InvalidArgument("--compression {}: not for this format ({})", name,
                         parquet                    ? "Parquet takes snappy, zstd, gzip, lz4, none"
                         : format == Format::kArrow ? "Arrow files are written without"
                                                    : "CSV and JSON take gzip, zstd, none");
}

bool IsUrl(const std::string& out) { return out.find("://") != std::string::npos && !out.starts_with("file:"); }

Error InsideTable(const std::string& out) {
  return InvalidArgument("{} lies inside the table it is exported from; choose a place outside", out);
}

// As CheckTarget, of an object.
Status CheckObject(const std::string& out, Format format, const TableInfo& info) {
  if (format == Format::kArrow) return Unsupported("{}: Arrow files are written to local folders only", out);
  DELTIC_TRY(const auto target, OpenStore(out, GivenStorageOptions()));
  DELTIC_TRY(const auto table, OpenStore(info.uri, GivenStorageOptions()));
  if (CanonicalRoot(*target).starts_with(CanonicalRoot(*table))) return InsideTable(out);
  return {};
}

// Refuses early what would fail late, and what would harm the table itself.
Status CheckTarget(const std::string& out, const TableInfo& info) {
  std::error_code ignored;
  const fs::path path(out);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ignored)) {
    return NotFound("the folder of the output, {}, does not exist", folder.string());
  }
  if (fs::is_directory(path, ignored)) return InvalidArgument("{} is a folder; name a file", out);
  std::string table = info.uri;
  if (table.starts_with("file://")) {
    DELTIC_TRY(table, PercentDecode(std::string_view(table).substr(7)));
  }
  const fs::path table_folder = fs::weakly_canonical(table, ignored);
  const fs::path target = fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  if (!table_folder.empty() && fs::is_directory(table_folder, ignored)) {
    auto [mismatch, rest] = std::mismatch(table_folder.begin(), table_folder.end(), target.begin(), target.end());
    if (mismatch == table_folder.end()) {
      return InsideTable(out);
    }
  }
  return {};
}

Result<int64_t> CopyArrow(const RowSource& source, IpcFormat format, const CancelToken& cancel,
                          std::atomic<int64_t>* rows_so_far, Output* out) {
  Stream rows;
  DELTIC_CHECK(source.stream(&rows.stream));
  ArrowSchema schema;
  if (rows.stream.get_schema(&rows.stream, &schema) != 0) return rows.LastError();
  auto started = ArrowIpcWriter::Start(schema, format, out);
  schema.release(&schema);
  DELTIC_TRY(auto writer, std::move(started));
  while (true) {
    DELTIC_CHECK(cancel.Check());
    ArrowArray batch;
    if (rows.stream.get_next(&rows.stream, &batch) != 0) return rows.LastError();
    if (batch.release == nullptr) break;
    rows_so_far->fetch_add(batch.length);
    auto written = writer->Write(batch);
    batch.release(&batch);
    DELTIC_CHECK(std::move(written));
  }
  DELTIC_CHECK(writer->Finish());
  return rows_so_far->load();
}

// A temporary file beside the target, renamed at the end.
Result<int64_t> ExportArrow(const RowSource& source, const std::string& path) {
  const fs::path target(path);
  const std::string partial =
      (target.parent_path() / fmt::format(".{}.{}.partial", target.filename().string(), getpid())).string();
  DeleteOnSignal at_worst(partial);  // before the file is there: a signal may come at any moment
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return Unavailable("cannot write {}: {}", partial, std::strerror(errno));
  CancelToken never;
  Output out(fd, path);
  std::atomic<int64_t> rows_so_far{0};
  Result<int64_t> rows = 0;
  {
    Progress progress("exporting", [&] { return GroupedNumber(rows_so_far.load()) + " rows"; });
    rows = CopyArrow(source, IpcFormat::kFile, never, &rows_so_far, &out);
  }
  if (close(fd) != 0 && rows.ok()) rows = Unavailable("cannot write {}: {}", path, std::strerror(errno));
  if (rows.ok() && rename(partial.c_str(), path.c_str()) != 0) {
    rows = Unavailable("cannot rename {} to {}: {}", partial, path, std::strerror(errno));
  }
  if (!rows.ok()) unlink(partial.c_str());
  return rows;
}

Result<int64_t> ExportToStdout(const RowSource& source, Format format, const ExportOptions& to) {
  const bool binary = format == Format::kArrow || format == Format::kParquet;
  if (binary && isatty(STDOUT_FILENO)) return InvalidArgument("will not write binary data to a terminal");
  if (format == Format::kArrow) {
    Output out(STDOUT_FILENO, "standard output");
    std::atomic<int64_t> rows_so_far{0};
    return CopyArrow(source, IpcFormat::kStream, CancelToken(), &rows_so_far, &out);
  }
  OrderlyStop stop;
  DELTIC_TRY(auto pipe, StdoutPipe::Open(stop.token()));
  auto rows = source.write(to, stop.token());
  DELTIC_CHECK(pipe->Close());
  return rows;
}

// What EXPLAIN answers is a picture of several lines, which no cell of a table could hold.
Status PrintPlans(TextRows& rows, Output* out) {
  while (!out->failed()) {
    DELTIC_TRY(auto batch, rows.Next());
    if (batch.empty()) break;
    for (const auto& row : batch) {
      const std::string picture = row.back().value_or("");
      for (size_t begin = 0; begin < picture.size();) {
        const size_t end = std::min(picture.find('\n', begin), picture.size());
        out->Write(Printable(std::string_view(picture).substr(begin, end - begin)) + "\n");
        begin = end + 1;
      }
    }
  }
  return out->Flush();
}

Status PrintTable(const RowSource& source) {
  OrderlyStop stop;
  Output out(STDOUT_FILENO, "standard output");
  DELTIC_TRY(std::unique_ptr<TextRows> rows, source.text(stop.token()));
  if (rows->names().empty()) return {};  // a statement without rows: CREATE VIEW, SET, ...
  if (rows->names() == std::vector<std::string>{"explain_key", "explain_value"}) return PrintPlans(*rows, &out);
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

Status PrintFormat(const RowSource& source, FileFormat format) {
  OrderlyStop stop;
  DELTIC_TRY(auto pipe, StdoutPipe::Open(stop.token()));
  auto exported = source.write({.format = format, .path = StdoutPipe::kPath, .compression = ""}, stop.token());
  DELTIC_CHECK(pipe->Close());
  if (!exported.ok()) return std::move(exported).error();
  return {};
}

}  // namespace

const char* const kFileFormats = "parquet, csv, json (also jsonl, ndjson), arrow (also ipc, feather)";

std::vector<std::string> FileFormatNames() {
  std::vector<std::string> names;
  for (const FormatName& known : kFormats) names.emplace_back(known.name);
  return names;
}

RowSource TableRows(const Table& table, const ScanOptions& options) {
  return {.table = table.Info(),
          .what = fmt::format("version {}", table.version()),
          .text = [=](const CancelToken& cancel) { return ReadText(table, options, cancel); },
          .stream = [=](ArrowArrayStream* out) { return table.Scan(options, out); },
          .write = [=](const ExportOptions& to,
                       const CancelToken& cancel) { return ExportTable(table, options, to, cancel); }};
}

Status PrintRows(const RowSource& rows, const std::string& format) {
  if (format == "table") return PrintTable(rows);
  return PrintFormat(rows, format == "csv" ? FileFormat::kCsv : FileFormat::kJsonLines);
}

void FileArguments::AddCompression(CLI::App* command) {
  command
      ->add_option("--compression", compression,
                   "Parquet: snappy (default), zstd, gzip, lz4, none. CSV and JSON: none (default), gzip, zstd")
      ->type_name("CODEC");
}

void FileArguments::AddQuiet(CLI::App* command) {
  command->add_flag("--quiet", quiet, "No closing line on a terminal");
}

Status FileArguments::Check() const {
  DELTIC_TRY(const Format chosen, ChooseFormat(*this));
  DELTIC_TRY([[maybe_unused]] const std::string codec, ChooseCompression(compression, chosen));
  return {};
}

Status WriteRows(const RowSource& source, const FileArguments& arguments) {
  DELTIC_TRY(const Format format, ChooseFormat(arguments));
  DELTIC_TRY(const std::string compression, ChooseCompression(arguments.compression, format));
  ExportOptions to;
  to.format = format == Format::kParquet ? FileFormat::kParquet
              : format == Format::kCsv   ? FileFormat::kCsv
                                         : FileFormat::kJsonLines;
  to.compression = compression;
  if (arguments.out == "-") {
    to.path = StdoutPipe::kPath;
    DELTIC_TRY([[maybe_unused]] int64_t written, ExportToStdout(source, format, to));
    return {};
  }
  const bool object = IsUrl(arguments.out);
  DELTIC_CHECK(object ? CheckObject(arguments.out, format, source.table) : CheckTarget(arguments.out, source.table));
  to.path = arguments.out;
  Result<int64_t> written = 0;
  if (format == Format::kArrow) {
    written = ExportArrow(source, arguments.out);
  } else {
    OrderlyStop stop;
    const std::string partial = fmt::format("{}.deltic-tmp-{}", arguments.out, getpid());
    Progress progress("exporting", [&]() -> std::string {
      // Where the engine writes meanwhile; should it choose another name, only the time shows.
      std::error_code unknown;
      const auto bytes = fs::file_size(partial, unknown);
      return unknown ? "" : HumanBytes(static_cast<int64_t>(bytes)) + " written";
    });
    written = source.write(to, stop.token());
  }
  DELTIC_TRY(const int64_t count, std::move(written));
  if (arguments.quiet || !Terminal::Of(STDERR_FILENO).is_terminal) return {};
  std::error_code ignored;
  Output out(STDERR_FILENO, "standard error");
  const std::string size =
      object ? "" : fmt::format(" ({})", HumanBytes(static_cast<int64_t>(fs::file_size(arguments.out, ignored))));
  out.Write(fmt::format("{} rows of {} to {}{}\n", GroupedNumber(count), source.what, arguments.out, size));
  return out.Flush();
}

}  // namespace deltic::cli
