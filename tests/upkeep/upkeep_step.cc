// Runs one step of upkeep on a table, for tests and benchmarks that other writers and readers take part in:
//
//   upkeep_step checkpoint TABLE        checksum TABLE        compact TABLE FROM TO        clean TABLE RETENTION_MS
//   upkeep_step state TABLE             the version's state, one line of JSON
//
// Prints one line of JSON; on an error its text on stderr, and the error's exit status. Not part of the product.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "deltic/result.h"
#include "engine/engine.h"
#include "stores/open_store.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

Result<std::string> Checkpoint(const Snapshot& snapshot) {
  DELTIC_TRY(const CheckpointDone done, WriteCheckpoint(snapshot, RealEnv(), CancelToken()));
  return fmt::format(R"("version":{},"size_bytes":{},"actions":{},"sidecars":{},"existed":{})", done.version,
                     done.size_bytes, done.actions, done.sidecars, done.existed);
}

Result<std::string> Clean(const Snapshot& snapshot, int64_t retention_ms) {
  DELTIC_TRY(const LogCleanup done, CleanLog(snapshot, RealEnv(), false, retention_ms));
  return fmt::format(R"("deleted":{},"failed":{},"oldest_version":{})", done.deleted.size(), done.failed.size(),
                     done.oldest_version);
}

Result<std::string> State(const Snapshot& snapshot) {
  DELTIC_TRY(const SnapshotTotals totals, snapshot.Totals());
  int64_t removes = 0;
  DELTIC_TRY(const auto files, snapshot.StateFiles({}));
  while (true) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, files->Next());
    if (batch->empty()) break;
    for (const FileActionView& file : *batch) removes += file.is_remove ? 1 : 0;
  }
  DELTIC_TRY(const auto transactions, snapshot.Transactions());
  DELTIC_TRY(const auto domains, snapshot.Domains());
  return fmt::format(R"("version":{},"files":{},"bytes":{},"rows":{},"deleted_rows":{},"removes":{},"transactions":{},)"
                     R"("domains":{},"checkpoint":{})",
                     snapshot.version(), totals.num_files, totals.size_bytes, totals.num_rows.value_or(-1),
                     totals.num_deleted_rows, removes, transactions.size(), domains.size(),
                     snapshot.segment().checkpoint_version.value_or(-1));
}

Result<std::string> Run(int argc, char** argv) {
  const std::string step = argc > 2 ? argv[1] : "";
  if (step.empty()) return InvalidArgument("usage: upkeep_step STEP TABLE [ARGUMENTS]");
  DELTIC_TRY(const std::shared_ptr<ObjectStore> store, OpenStore(argv[2]));
  DELTIC_TRY(const std::shared_ptr<const Snapshot> snapshot, Snapshot::Open(store));
  const auto number = [&](int at) { return argc > at ? std::strtoll(argv[at], nullptr, 10) : 0LL; };
  if (step == "checkpoint") return Checkpoint(*snapshot);
  if (step == "state") return State(*snapshot);
  if (step == "clean") return Clean(*snapshot, number(3));
  if (step == "checksum") {
    DELTIC_CHECK(WriteChecksum(*snapshot, {}, nullptr));
    return fmt::format(R"("version":{})", snapshot->version());
  }
  if (step == "compact") {
    DELTIC_CHECK(WriteCompaction(*snapshot, number(3), number(4)));
    return fmt::format(R"("from":{},"to":{})", number(3), number(4));
  }
  return InvalidArgument("no step is called {}", step);
}

}  // namespace
}  // namespace deltic

int main(int argc, char** argv) {
  const auto begin = std::chrono::steady_clock::now();
  const auto done = deltic::Run(argc, argv);
  if (!done.ok()) {
    std::fprintf(stderr, "%s\n", done.error().ToString().c_str());
    return deltic::ExitStatus(done.error().code());
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu_s = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf("{%s,\"ms\":%.1f,\"cpu_s\":%.2f,\"peak_mb\":%ld}\n", done->c_str(), took.count(), cpu_s,
              usage.ru_maxrss / 1024);
  return 0;
}
