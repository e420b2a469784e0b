// Owns a process that writes to a table on this machine's disk as an operation would, with data files of no rows: for
// tests that kill it. Prints one line for each commit that was acknowledged, after it was.
//
//   table_writer create TABLE
//   table_writer append TABLE NAME COUNT    commits COUNT files, NAME-0, NAME-1, ...; prints "committed NAME-I VERSION"
//   table_writer delete TABLE NAME COUNT    COUNT times: removes one live file, adds NAME-I with what it held; prints
//                                           "replaced OLD NAME-I VERSION"
//   table_writer checkpoint TABLE COUNT     COUNT times: a checkpoint of the newest version, and the log's cleanup
//   table_writer list TABLE                 the version, then every live file
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "commit/commit.h"
#include "stores/open_store.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

int Fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.ToString());
  return 1;
}

// One write, so that a line is there whole or not at all.
void Tell(const std::string& line) {
  const std::string whole = line + "\n";
  if (write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::exit(2);
}

CommitOptions Options() {
  CommitOptions options;
  options.env = RealEnv();
  return options;
}

int Create(const std::shared_ptr<ObjectStore>& store) {
  Intent intent;
  intent.store = store;
  intent.operation = {.name = "CREATE TABLE"};
  Metadata metadata{
      .id = "writers",
      .schema_string = R"({"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}}]})"};
  metadata.configuration = {{"delta.enableInCommitTimestamps", "true"}, {"delta.checkpointInterval", "10"}};
  intent.actions = {
      Protocol{.min_reader_version = 1,
               .min_writer_version = 7,
               .writer_features = std::vector<std::string>{"inCommitTimestamp", "rowTracking", "domainMetadata"}},
      metadata};
  const Result<Committed> done = Commit(intent, Options());
  return done.ok() ? 0 : Fail(done.error());
}

AddFile NewFile(ObjectStore& store, const std::string& name) {
  AddFile add{
      .path = name + ".parquet", .size = static_cast<int64_t>(name.size()), .modification_time = RealEnv().now_ms()};
  add.stats = R"({"numRecords":3})";
  if (const Status put = store.Put(add.path, name); !put.ok()) std::exit(Fail(put.error()));
  return add;
}

int Append(const std::shared_ptr<ObjectStore>& store, const std::string& name, int count) {
  SnapshotPtr snapshot;
  for (int i = 0; i < count; ++i) {
    if (!snapshot) {
      Result<SnapshotPtr> opened = Snapshot::Open(store);
      if (!opened.ok()) return Fail(opened.error());
      snapshot = *opened;
    }
    const std::string file = fmt::format("{}-{}", name, i);
    Intent intent;
    intent.base = snapshot;
    intent.operation = {.name = "WRITE"};
    intent.blind_append = true;
    intent.actions = {NewFile(*store, file)};
    const Result<Committed> done = Commit(intent, Options());
    if (!done.ok()) return Fail(done.error());
    for (const std::string& warning : done->warnings) fmt::print(stderr, "{}\n", warning);
    snapshot = done->snapshot;
    Tell(fmt::format("committed {} {}", file, done->version));
  }
  return 0;
}

int Delete(const std::shared_ptr<ObjectStore>& store, const std::string& name, int count) {
  for (int i = 0; i < count; ++i) {
    Result<SnapshotPtr> snapshot = Snapshot::Open(store);
    if (!snapshot.ok()) return Fail(snapshot.error());
    Result<std::unique_ptr<LiveFileCursor>> files = (*snapshot)->LiveFiles();
    if (!files.ok()) return Fail(files.error());
    Result<std::optional<AddFile>> first = (*files)->Next();
    if (!first.ok()) return Fail(first.error());
    if (!first->has_value()) continue;
    const AddFile& old = **first;
    const std::string file = fmt::format("{}-{}", name, i);
    RemoveFile remove{.path = old.path, .partition_values = {}, .size = old.size};
    remove.base_row_id = old.base_row_id;
    remove.default_row_commit_version = old.default_row_commit_version;
    Intent intent;
    intent.base = *snapshot;
    intent.operation = {.name = "UPDATE"};
    intent.read.files = {old.path};
    intent.actions = {remove, NewFile(*store, file)};
    const Result<Committed> done = Commit(intent, Options());
    if (!done.ok() && done.error().code() == Code::kConflict) continue;  // another was first
    if (!done.ok()) return Fail(done.error());
    Tell(fmt::format("replaced {} {} {}", old.path.substr(0, old.path.find('.')), file, done->version));
  }
  return 0;
}

int Checkpoint(const std::shared_ptr<ObjectStore>& store, int count) {
  for (int i = 0; i < count; ++i) {
    Result<SnapshotPtr> snapshot = Snapshot::Open(store);
    if (!snapshot.ok()) return Fail(snapshot.error());
    const Result<CheckpointDone> done = WriteCheckpoint(**snapshot, RealEnv(), {});
    if (!done.ok()) return Fail(done.error());
    const Result<LogCleanup> cleaned = CleanLog(**snapshot, RealEnv());
    if (!cleaned.ok()) return Fail(cleaned.error());
    Tell(fmt::format("checkpoint {}", done->version));
  }
  return 0;
}

int List(const std::shared_ptr<ObjectStore>& store) {
  Result<SnapshotPtr> snapshot = Snapshot::Open(store);
  if (!snapshot.ok()) return Fail(snapshot.error());
  Tell(fmt::format("version {}", (*snapshot)->version()));
  Result<std::unique_ptr<LiveFileCursor>> files = (*snapshot)->LiveFiles();
  if (!files.ok()) return Fail(files.error());
  while (true) {
    Result<std::optional<AddFile>> file = (*files)->Next();
    if (!file.ok()) return Fail(file.error());
    if (!file->has_value()) return 0;
    Tell(fmt::format("{} {}", (*file)->path.substr(0, (*file)->path.find('.')), (*file)->base_row_id.value_or(-1)));
  }
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) return 64;
  const std::string& what = arguments[0];
  Result<std::shared_ptr<ObjectStore>> store = OpenStore(arguments[1]);
  if (!store.ok()) return Fail(store.error());
  if (what == "create") return Create(*store);
  if (what == "list") return List(*store);
  if (what == "append" && arguments.size() == 4) return Append(*store, arguments[2], std::atoi(arguments[3].c_str()));
  if (what == "delete" && arguments.size() == 4) return Delete(*store, arguments[2], std::atoi(arguments[3].c_str()));
  if (what == "checkpoint" && arguments.size() == 3) return Checkpoint(*store, std::atoi(arguments[2].c_str()));
  return 64;
}

}  // namespace
}  // namespace deltic

int main(int argc, char** argv) { return deltic::Main({argv + 1, argv + argc}); }
