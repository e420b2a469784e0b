// Owns the benchmark steps of the writer, one a run, through the public API. Decides no verdict (run.py does).
//
//   bench_writer [--warm] append SOURCE          the rows of SOURCE, as an Arrow stream, into a new table
//   bench_writer [--warm] appends-to N LOCATION  N appends of 100 rows by one process, into a new table there, which
//   stays bench_writer [--warm] appends N [TABLE]      N appends of 100 rows by one process, into a new table or a copy
//   of TABLE bench_writer writers PROCESSES SECONDS       processes that append to one new table; ms is that of one
//   commit
//
// Tables are made in a temporary folder beside the working directory's build/, off the clock, and deleted. Prints one
// line as bench_reader does.
#include <malloc.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "deltic/table.h"
#include "deltic/write.h"
#include "engine/engine.h"

namespace deltic {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double ProcessorMilliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Outcome {
  double ms = 0;
  double step_cpu_ms = 0;
  std::string result;
};

// 100 rows of an id and a text, as a consumer of a queue might have them: an Arrow stream of one batch, made by the
// engine from a query off the clock would be unfair to nobody, but this needs no engine at all.
class HundredRows {
 public:
  explicit HundredRows(int64_t first) : ids_(kRows), offsets_(kRows + 1) {
    for (int64_t i = 0; i < kRows; ++i) {
      ids_[static_cast<size_t>(i)] = first + i;
      offsets_[static_cast<size_t>(i)] = static_cast<int32_t>(texts_.size());
      texts_ += "event " + std::to_string(first + i);
    }
    offsets_[kRows] = static_cast<int32_t>(texts_.size());
  }

  void Fill(ArrowArrayStream* out) {
    *out = {.get_schema = GetSchema,
            .get_next = GetNext,
            .get_last_error = LastError,
            .release = Release,
            .private_data = this};
  }

 private:
  static constexpr int64_t kRows = 100;
  static void Done(ArrowSchema* schema) { schema->release = nullptr; }
  static void Done(ArrowArray* array) { array->release = nullptr; }
  static ArrowSchema Field(const char* format, const char* name) {
    return {.format = format,
            .name = name,
            .metadata = nullptr,
            .flags = ARROW_FLAG_NULLABLE,
            .n_children = 0,
            .children = nullptr,
            .dictionary = nullptr,
            .release = Done,
            .private_data = nullptr};
  }
  static ArrowArray Column(const void** buffers, int64_t count) {
    return {.length = kRows,
            .null_count = 0,
            .offset = 0,
            .n_buffers = count,
            .n_children = 0,
            .buffers = buffers,
            .children = nullptr,
            .dictionary = nullptr,
            .release = Done,
            .private_data = nullptr};
  }
  static int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
    auto& self = *static_cast<HundredRows*>(stream->private_data);
    self.fields_[0] = Field("l", "id");
    self.fields_[1] = Field("u", "name");
    self.field_pointers_[0] = &self.fields_[0];
    self.field_pointers_[1] = &self.fields_[1];
    *out = Field("+s", "");
    out->n_children = 2;
    out->children = self.field_pointers_;
    return 0;
  }
  static int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
    auto& self = *static_cast<HundredRows*>(stream->private_data);
    *out = {};
    if (self.given_) return 0;
    self.given_ = true;
    self.id_buffers_[1] = self.ids_.data();
    self.name_buffers_[1] = self.offsets_.data();
    self.name_buffers_[2] = self.texts_.data();
    self.columns_[0] = Column(self.id_buffers_, 2);
    self.columns_[1] = Column(self.name_buffers_, 3);
    self.column_pointers_[0] = &self.columns_[0];
    self.column_pointers_[1] = &self.columns_[1];
    *out = Column(self.row_buffers_, 1);
    out->n_children = 2;
    out->children = self.column_pointers_;
    return 0;
  }
  static const char* LastError(ArrowArrayStream* /*stream*/) { return ""; }
  static void Release(ArrowArrayStream* stream) { stream->release = nullptr; }

  std::vector<int64_t> ids_;
  std::vector<int32_t> offsets_;
  std::string texts_;
  bool given_ = false;
  ArrowSchema fields_[2] = {};
  ArrowSchema* field_pointers_[2] = {};
  ArrowArray columns_[2] = {};
  ArrowArray* column_pointers_[2] = {};
  const void* id_buffers_[2] = {};
  const void* name_buffers_[3] = {};
  const void* row_buffers_[1] = {};
};

// Below the folder of the benchmarks' data, which is a disk and not memory.
std::string NewFolder() {
  std::filesystem::create_directories("build/bench-data");
  std::string path = "build/bench-data/writing-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) std::abort();
  return std::filesystem::absolute(path);
}

Result<WriteOutcome> AppendHundred(Table& table, int64_t first) {
  HundredRows rows(first);
  ArrowArrayStream stream{};
  rows.Fill(&stream);
  return Write(table, {.stream = &stream});
}

Result<Outcome> RunAppend(const std::string& source, const std::string& folder) {
  DELTIC_TRY(const Table from, Table::Open(source));
  const double processor = ProcessorMilliseconds();
  const auto start = Clock::now();
  ArrowArrayStream stream{};
  DELTIC_CHECK(from.Scan({}, &stream));
  DELTIC_TRY(const WriteOutcome written, Write(folder + "/t", {.stream = &stream}));
  return Outcome{MillisecondsSince(start), ProcessorMilliseconds() - processor, std::to_string(written.rows) + " rows"};
}

Result<Table> StartTable(const std::string& folder, const std::string& copied) {
  if (!copied.empty()) {
    std::filesystem::copy(copied, folder + "/t", std::filesystem::copy_options::recursive);
    return Table::Open(folder + "/t");
  }
  return Create(folder + "/t", {.schema_ddl = "id bigint, name string"});
}

Result<Outcome> AppendMany(int64_t count, Table table) {
  const int64_t before = table.version();
  const double processor = ProcessorMilliseconds();
  const auto start = Clock::now();
  for (int64_t i = 0; i < count; ++i) {
    DELTIC_TRY(const WriteOutcome written, AppendHundred(table, i * 100));
    for (const std::string& warning : written.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  return Outcome{MillisecondsSince(start), ProcessorMilliseconds() - processor,
                 std::to_string(table.version() - before) + " versions"};
}

Result<Outcome> RunAppends(int64_t count, const std::string& copied, const std::string& folder) {
  DELTIC_TRY(Table table, StartTable(folder, copied));
  return AppendMany(count, std::move(table));
}

Result<Outcome> RunAppendsTo(int64_t count, const std::string& location) {
  DELTIC_TRY(Table table, Create(location, {.schema_ddl = "id bigint, name string"}));
  return AppendMany(count, std::move(table));
}

// A child's whole life. Its exit status tells whether every append went well.
int AppendFor(const std::string& location, double seconds) {
  Result<Table> table = Table::Open(location);
  if (!table.ok()) return 1;
  const auto start = Clock::now();
  for (int64_t i = 0; MillisecondsSince(start) < seconds * 1000; ++i) {
    const Result<WriteOutcome> written = AppendHundred(*table, i * 100);
    if (!written.ok()) {
      std::fprintf(stderr, "%s\n", written.error().ToString().c_str());
      return 1;
    }
  }
  return 0;
}

Result<Outcome> RunWriters(int processes, double seconds, const std::string& folder) {
  DELTIC_TRY(Table table, StartTable(folder, ""));
  const auto start = Clock::now();
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(AppendFor(folder + "/t", seconds));
    children.push_back(child);
  }
  bool well = true;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  if (!well) return Error(Code::kInternal, "a writer failed");
  const double ms = MillisecondsSince(start);
  DELTIC_TRY(const bool changed, table.Refresh());
  const double commits = changed ? static_cast<double>(table.version()) : 1;
  return Outcome{ms / commits, 0, std::to_string(table.version()) + " commits"};
}

Result<Outcome> RunStep(const std::vector<std::string>& words, const std::string& folder) {
  const auto word = [&](size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (words[0] == "append") return RunAppend(word(1), folder);
  if (words[0] == "appends") return RunAppends(std::stoll(word(1)), word(2), folder);
  if (words[0] == "appends-to") return RunAppendsTo(std::stoll(word(1)), word(2));
  if (words[0] == "writers") return RunWriters(std::stoi(word(1)), std::stod(word(2)), folder);
  return Error(Code::kInvalidArgument, "no step called " + words[0]);
}

int Main(std::vector<std::string> words) {
  double engine_ms = 0;
  if (!words.empty() && words[0] == "--warm") {
    words.erase(words.begin());
    const auto start = Clock::now();
    if (auto engine = GetEngine(); !engine.ok()) {
      std::fprintf(stderr, "%s\n", engine.error().ToString().c_str());
      return 1;
    }
    engine_ms = MillisecondsSince(start);
  }
  if (words.size() < 2) {
    std::fprintf(stderr, "usage: bench_writer [--warm] append|appends|writers ...\n");
    return 2;
  }
  const std::string folder = NewFolder();
  const Result<Outcome> outcome = RunStep(words, folder);
  std::filesystem::remove_all(folder);
  if (!outcome.ok()) {
    std::fprintf(stderr, "%s\n", outcome.error().ToString().c_str());
    return 1;
  }
  std::printf("{\"ms\":%.3f,\"step_cpu_ms\":%.3f,\"engine_ms\":%.3f,\"result\":\"%s\"}\n", outcome->ms,
              outcome->step_cpu_ms, engine_ms, outcome->result.c_str());
  return 0;
}

}  // namespace
}  // namespace deltic

int main(int argc, char** argv) {
  // As the program `deltic` does: batches come and go in blocks of some MB.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  return deltic::Main(std::vector<std::string>(argv + 1, argv + argc));
}
