// Owns the benchmark steps of the reader and of the log's upkeep, one a run, through the public API where there is one.
// Decides no verdict (run.py does).
//
//   bench_reader [--warm] open PATH                     Table::Open
//   bench_reader [--warm] plan PATH WHERE               Open and Explain
//   bench_reader [--warm] totals PATH                   Open and Totals
//   bench_reader [--warm] checkpoint PATH               open and checkpoint a copy of the table (copied off the clock)
//   bench_reader [--warm] arrow PATH [COLUMNS [WHERE]]  Open, Scan and drain; COLUMNS with commas between, "" for all
//   bench_reader [--warm] changes PATH                  Open, the change feed from version 0, drained
//
// Prints one line: {"ms":1.234,"step_cpu_ms":1.2,"engine_ms":0.0,"result":"..."}. `ms` is the step's wall time within
// the process, step_cpu_ms its processor time on all threads; `result` is what every contender of the same case must
// answer. With --warm the engine is loaded before the clock starts, and engine_ms says how long that took: for
// comparisons with DuckDB in Python, whose import, connection and LOAD of its extension are not counted either.
#include <malloc.h>

#include <time.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/changes.h"
#include "deltic/table.h"
#include "engine/engine.h"
#include "stores/open_store.h"
#include "upkeep/upkeep.h"

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

std::vector<std::string> SplitColumns(std::string_view list) {
  std::vector<std::string> columns;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    columns.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return columns;
}

// Releases every batch as soon as it has come, as a consumer that keeps up would. Answers "ROWS rows".
Result<std::string> Drain(ArrowArrayStream* stream) {
  int64_t rows = 0;
  ArrowSchema schema{};
  if (stream->get_schema(stream, &schema) != 0) {
    return Error(Code::kInternal, stream->get_last_error(stream));
  }
  schema.release(&schema);
  while (true) {
    ArrowArray batch{};
    if (stream->get_next(stream, &batch) != 0) return Error(Code::kInternal, stream->get_last_error(stream));
    if (batch.release == nullptr) break;
    rows += batch.length;
    batch.release(&batch);
  }
  stream->release(stream);
  return std::to_string(rows) + " rows";
}

// Beside the table, so that it is on the same disk.
std::string CopyOf(const std::string& table) {
  const std::string copy = table + ".deltic_copy";
  std::filesystem::remove_all(copy);
  std::filesystem::copy(table, copy, std::filesystem::copy_options::recursive);
  return copy;
}

Result<std::string> RunCheckpoint(const std::string& path) {
  DELTIC_TRY(const std::shared_ptr<ObjectStore> store, OpenStore(path));
  DELTIC_TRY(const std::shared_ptr<const Snapshot> snapshot, Snapshot::Open(store));
  DELTIC_TRY(const CheckpointDone done, WriteCheckpoint(*snapshot, RealEnv(), CancelToken()));
  return std::to_string(done.actions) + " actions";
}

Result<std::string> RunStep(const std::vector<std::string>& words) {
  const std::string& step = words[0];
  const auto word = [&](size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (step == "checkpoint") return RunCheckpoint(word(1));
  DELTIC_TRY(const Table table, Table::Open(word(1)));
  if (step == "open") return "version " + std::to_string(table.version());
  if (step == "totals") {
    DELTIC_TRY(const TableTotals totals, table.Totals());
    return std::to_string(totals.num_files) + " files";
  }
  ScanOptions options;
  if (step == "plan") {
    options.where = word(2);
    DELTIC_TRY(const PlanInfo plan, table.Explain(options));
    return std::to_string(plan.files_kept) + " files";
  }
  if (step == "changes") {
    DELTIC_TRY(const Changes changes, Changes::Open(table, {.from_version = 0}));
    ArrowArrayStream stream{};
    DELTIC_CHECK(changes.Scan(options, &stream));
    return Drain(&stream);
  }
  if (step == "arrow") {
    options.columns = SplitColumns(word(2));
    options.where = word(3);
    ArrowArrayStream stream{};
    DELTIC_CHECK(table.Scan(options, &stream));
    return Drain(&stream);
  }
  return Error(Code::kInvalidArgument, "no step called " + step);
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
    std::fprintf(stderr, "usage: bench_reader [--warm] open|plan|totals|checkpoint|arrow|changes PATH ...\n");
    return 2;
  }
  if (words[0] == "checkpoint") words[1] = CopyOf(words[1]);
  const double processor_start = ProcessorMilliseconds();
  const auto start = Clock::now();
  const Result<std::string> result = RunStep(words);
  const double ms = MillisecondsSince(start);
  const double step_cpu_ms = ProcessorMilliseconds() - processor_start;
  if (words[0] == "checkpoint") std::filesystem::remove_all(words[1]);
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::printf("{\"ms\":%.3f,\"step_cpu_ms\":%.3f,\"engine_ms\":%.3f,\"result\":\"%s\"}\n", ms, step_cpu_ms, engine_ms,
              result.value().c_str());
  return 0;
}

}  // namespace
}  // namespace deltic

int main(int argc, char** argv) {
  // As the program does (apps/cli/main.cc).
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  return deltic::Main(std::vector<std::string>(argv + 1, argv + argc));
}
