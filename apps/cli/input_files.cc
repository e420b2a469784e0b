// Owns the reading of input files into SQL, and the spooling of standard input.
#include "input_files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/cancel.h"
#include "base/error.h"
#include "deltic/sql.h"
#include "interrupt.h"
#include "schema/engine_sql.h"
#include "storage_arguments.h"
#include "table/sql_state.h"

namespace deltic::cli {

namespace {

std::string FileList(const std::vector<std::string>& files) {
  std::string list = "[";
  for (const std::string& file : files) list += (list.size() > 1 ? ", " : "") + QuoteSqlText(file);
  return list + "]";
}

Result<std::string> FormatOf(const std::string& file) {
  std::string_view name = file;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  for (const std::string_view end : {".parquet", ".pq"}) {
    if (name.ends_with(end)) return std::string("parquet");
  }
  for (const std::string_view end : {".csv", ".tsv"}) {
    if (name.ends_with(end)) return std::string("csv");
  }
  for (const std::string_view end : {".json", ".jsonl", ".ndjson"}) {
    if (name.ends_with(end)) return std::string("json");
  }
  return InvalidArgument("{}: its name does not tell what it is: give --format parquet, csv or json",
                         file == "-" ? "standard input" : file);
}

Result<std::string> Spool() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/deltic-input-XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) return Unavailable("cannot make a temporary file {}: {}", path, std::strerror(errno));
  std::string buffer(1 << 16, '\0');
  int failure = 0;
  while (failure == 0 && InterruptSignal() == 0) {
    const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count == 0) break;
    if (count < 0) {
      if (errno != EINTR) failure = errno;
      continue;
    }
    for (ssize_t done = 0; done < count && failure == 0;) {
      const ssize_t written = write(fd, buffer.data() + done, static_cast<size_t>(count - done));
      if (written < 0) failure = errno;
      if (written > 0) done += written;
    }
  }
  if (close(fd) != 0 && failure == 0) failure = errno;
  if (failure == 0) return path;
  unlink(path.c_str());
  return Unavailable("cannot copy standard input to {}: {}", path, std::strerror(failure));
}

// The columns that the files have, by the engine's sniffer, which reads them whole.
Result<std::vector<std::string>> ColumnNames(const std::string& query) {
  DELTIC_TRY(Sql sql, Sql::Open(GivenStorageOptions()));
  DELTIC_TRY(auto rows, sql.state()->session->ReadText("DESCRIBE " + query, CancelToken()));
  std::vector<std::string> names;
  while (true) {
    DELTIC_TRY(auto batch, rows->Next());
    if (batch.empty()) return names;
    for (auto& row : batch) names.push_back(row[0].value_or(""));
  }
}

// Variants stay JSON, which the write parses. Sniffed types would turn "007" into 7 and texts that look like dates into
// dates: a table's own types come first.
Result<std::string> JsonQuery(const std::vector<std::string>& files, const Fields* table) {
  const std::string sniffed = fmt::format(
      "SELECT * FROM read_json({}, format = 'auto', sample_size = -1, union_by_name = true)", FileList(files));
  if (table == nullptr) return sniffed;
  DELTIC_TRY(const std::vector<std::string> names, ColumnNames(sniffed));
  std::string columns;
  for (const std::string& name : names) {
    const StructField* field = FindField(*table, name);
    // One that the table does not have is for the write to refuse or to add: as text it is whole.
    columns += (columns.empty() ? "" : ", ") + QuoteSqlText(name) + ": " +
               QuoteSqlText(field != nullptr ? EngineTypeName(field->type, "JSON") : std::string("JSON"));
  }
  return fmt::format("SELECT * FROM read_json({}, format = 'auto', columns = {{{}}})", FileList(files), columns);
}

}  // namespace

Result<InputFiles> InputFiles::Make(std::vector<std::string> files, std::string format, const Fields* table) {
  InputFiles input;
  if (format.empty()) {
    for (const std::string& file : files) {
      DELTIC_TRY(std::string found, FormatOf(file));
      if (!format.empty() && found != format) {
        return InvalidArgument("{} is {}, others are {}: write them one kind at a time", file, found, format);
      }
      format = std::move(found);
    }
  }
  for (std::string& file : files) {
    if (file == "-") {
      if (!input.spooled_.empty()) return InvalidArgument("standard input (-) is given twice");
      DELTIC_TRY(input.spooled_, Spool());
      file = input.spooled_;
    } else if (file.find("://") == std::string::npos && file.find_first_of("*?[") == std::string::npos &&
               !std::filesystem::exists(file)) {
      return NotFound("{}: there is no such file", file);
    }
  }
  if (format == "parquet") {
    input.sql_ = fmt::format("SELECT * FROM read_parquet({}, union_by_name = true)", FileList(files));
  } else if (format == "csv") {
    input.sql_ = fmt::format("SELECT * FROM read_csv({}, union_by_name = true{})", FileList(files),
                             table != nullptr ? ", all_varchar = true" : ", sample_size = -1");
  } else {
    DELTIC_TRY(input.sql_, JsonQuery(files, table));
  }
  return input;
}

InputFiles::InputFiles(InputFiles&& other) noexcept
    : sql_(std::move(other.sql_)), spooled_(std::exchange(other.spooled_, {})) {}
InputFiles& InputFiles::operator=(InputFiles&& other) noexcept {
  std::swap(sql_, other.sql_);
  std::swap(spooled_, other.spooled_);
  return *this;
}
InputFiles::~InputFiles() {
  if (!spooled_.empty()) unlink(spooled_.c_str());
}

}  // namespace deltic::cli
