// Owns `deltic export`: a table's rows in one file, whole or not at all.
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

#include "arguments.h"
#include "arrow_ipc.h"
#include "base/error.h"
#include "base/url.h"
#include "commands.h"
#include "interrupt.h"
#include "progress.h"
#include "stdout_pipe.h"
#include "table/text.h"
#include "terminal.h"

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
constexpr const char* kFormatList = "parquet, csv, json (also jsonl, ndjson), arrow (also ipc, feather)";

struct ExportArguments {
  std::string out;
  std::string format;
  std::string compression;
  bool quiet = false;
};

// A value with a destructor that closes; the stream of Table::Scan.
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

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const FormatName& known : kFormats) names.emplace_back(known.name);
  return names;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Result<Format> ChooseFormat(const ExportArguments& arguments) {
  std::string name = Lower(arguments.format);
  if (name.empty()) {
    if (arguments.out == "-") return InvalidArgument("output to standard output needs --format: {}", kFormatList);
    name = Lower(fs::path(arguments.out).extension().string());
    if (name.empty()) {
      return InvalidArgument("{}: no extension to tell the format by; give one, or --format: {}", arguments.out,
                             kFormatList);
    }
    name.erase(0, 1);
  }
  for (const FormatName& known : kFormats) {
    if (name == known.name) return known.format;
  }
  return InvalidArgument("unknown format \"{}\"; known are {}", name, kFormatList);
}

// The engine's word for --compression.
Result<std::string> ChooseCompression(const std::string& name, Format format) {
  if (name.empty()) return std::string();
  const bool parquet = format == Format::kParquet;
  if (format != Format::kArrow && name == "none") return std::string(parquet ? "uncompressed" : "none");
  const bool both = name == "gzip" || name == "zstd";
  if (parquet ? both || name == "snappy" || name == "lz4" : format != Format::kArrow && both) return name;
  return InvalidArgument("--compression {}: not for this format ({})", name,
                         parquet                     ? "Parquet takes snappy, zstd, gzip, lz4, none"
                         : format == Format::kArrow ? "Arrow files are written without"
                                                     : "CSV and JSON take gzip, zstd, none");
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
    auto [mismatch, rest] =
        std::mismatch(table_folder.begin(), table_folder.end(), target.begin(), target.end());
    if (mismatch == table_folder.end()) {
      return InvalidArgument("{} lies inside the table it is exported from; choose a place outside", out);
    }
  }
  return {};
}

Result<int64_t> CopyArrow(const Table& table, const ScanOptions& options, IpcFormat format, const CancelToken& cancel,
                          std::atomic<int64_t>* rows_so_far, Output* out) {
  Stream rows;
  DELTIC_CHECK(table.Scan(options, &rows.stream));
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
Result<int64_t> ExportArrow(const Table& table, const ScanOptions& options, const std::string& path) {
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
    rows = CopyArrow(table, options, IpcFormat::kFile, never, &rows_so_far, &out);
  }
  if (close(fd) != 0 && rows.ok()) rows = Unavailable("cannot write {}: {}", path, std::strerror(errno));
  if (rows.ok() && rename(partial.c_str(), path.c_str()) != 0) {
    rows = Unavailable("cannot rename {} to {}: {}", partial, path, std::strerror(errno));
  }
  if (!rows.ok()) unlink(partial.c_str());
  return rows;
}

Result<int64_t> ExportToStdout(const Table& table, const ScanOptions& options, Format format,
                               const ExportOptions& to) {
  const bool binary = format == Format::kArrow || format == Format::kParquet;
  if (binary && isatty(STDOUT_FILENO)) return InvalidArgument("will not write binary data to a terminal");
  if (format == Format::kArrow) {
    Output out(STDOUT_FILENO, "standard output");
    std::atomic<int64_t> rows_so_far{0};
    return CopyArrow(table, options, IpcFormat::kStream, CancelToken(), &rows_so_far, &out);
  }
  OrderlyStop stop;
  DELTIC_TRY(auto pipe, StdoutPipe::Open(stop.token()));
  auto rows = ExportTable(table, options, to, stop.token());
  DELTIC_CHECK(pipe->Close());
  return rows;
}

Status RunExport(const TableArguments& table_arguments, const RowArguments& rows, const ExportArguments& arguments) {
  DELTIC_TRY(const Format format, ChooseFormat(arguments));
  DELTIC_TRY(const std::string compression, ChooseCompression(arguments.compression, format));
  DELTIC_TRY(ScanOptions options, rows.ToScanOptions());
  DELTIC_TRY(Table table, table_arguments.Open());
  ExportOptions to;
  to.format = format == Format::kParquet ? FileFormat::kParquet
              : format == Format::kCsv   ? FileFormat::kCsv
                                         : FileFormat::kJsonLines;
  to.compression = compression;
  if (arguments.out == "-") {
    to.path = StdoutPipe::kPath;
    DELTIC_TRY([[maybe_unused]] int64_t written, ExportToStdout(table, options, format, to));
    return {};
  }
  DELTIC_CHECK(CheckTarget(arguments.out, table.Info()));
  to.path = arguments.out;
  Result<int64_t> written = 0;
  if (format == Format::kArrow) {
    written = ExportArrow(table, options, arguments.out);
  } else {
    OrderlyStop stop;
    const std::string partial = fmt::format("{}.deltic-tmp-{}", arguments.out, getpid());
    Progress progress("exporting", [&]() -> std::string {
      // Where the engine writes meanwhile; should it choose another name, only the time shows.
      std::error_code unknown;
      const auto bytes = fs::file_size(partial, unknown);
      return unknown ? "" : HumanBytes(static_cast<int64_t>(bytes)) + " written";
    });
    written = ExportTable(table, options, to, stop.token());
  }
  DELTIC_TRY(const int64_t count, std::move(written));
  if (arguments.quiet || !Terminal::Of(STDERR_FILENO).is_terminal) return {};
  std::error_code ignored;
  Output out(STDERR_FILENO, "standard error");
  out.Write(fmt::format("{} rows of version {} to {} ({})\n", GroupedNumber(count), table.version(), arguments.out,
                        HumanBytes(static_cast<int64_t>(fs::file_size(arguments.out, ignored)))));
  return out.Flush();
}

}  // namespace

void AddExport(Commands* commands) {
  CLI::App* command = commands->Add("export", "A table's rows to one file: Parquet, CSV, JSON lines or Arrow");
  auto table_arguments = TableArguments::AddTo(command, "export");
  auto arguments = std::make_shared<ExportArguments>();
  command->add_option("OUT", arguments->out, "The file to write, replaced when it exists; - for standard output")
      ->required();
  command
      ->add_option("--format", arguments->format, std::string("Instead of by OUT's extension: ") + kFormatList)
      ->type_name("FORMAT")
      ->check(CLI::IsMember(FormatNames(), CLI::ignore_case).description(""));
  command
      ->add_option("--compression", arguments->compression,
                   "Parquet: snappy (default), zstd, gzip, lz4, none. CSV and JSON: none (default), gzip, zstd")
      ->type_name("CODEC");
  auto rows = std::make_shared<RowArguments>();
  rows->AddWhere(command);
  rows->AddReading(command, true);
  rows->AddColumns(command);
  rows->AddLimit(command, "At most N rows");
  command->add_flag("--quiet", arguments->quiet, "No closing line on a terminal");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    return RunExport(*table_arguments, *rows, *arguments);
  });
}

}  // namespace deltic::cli
