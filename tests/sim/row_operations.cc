// Owns the rows' operations; see the header.
#include "row_operations.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dv/dv_writer.h"
#include "expr/prune.h"
#include "table_schema.h"

namespace deltic::sim {
namespace {

// The rows that an operation deletes, file after file, by deletion vectors. One thread.
class Marking {
 public:
  Marking(Work& work, Intent& intent)
      : work_(work), intent_(intent), vectors_(*work.writer().store(), work.writer().env(), work.snapshot()->config()) {
    work.writer().deletes_as = "owner";
  }

  // What is deleted of the file as the snapshot has it; false for the weather.
  bool Look(const AddFile& file, RowSet& before) {
    if (!work_.ReadVector(file, before)) return false;
    const std::vector<uint64_t> gone = before.ToRows();
    work_.deed().deleted_before[file.path] = {gone.begin(), gone.end()};
    return true;
  }

  // The marked ones of the file's `rows` go too, and the file with the last of them; false for the weather.
  bool Mark(const AddFile& file, const RowSet& before, const std::shared_ptr<RowSet>& marks, uint64_t rows) {
    if (marks->empty()) return true;
    const std::vector<uint64_t> list = marks->ToRows();
    work_.deed().marked[file.path] = {list.begin(), list.end()};
    RowSet all = before;
    all.Merge(*marks);
    intent_.actions.emplace_back(work_.RemoveOf(file));
    if (all.cardinality() == static_cast<int64_t>(rows)) return true;
    auto vector = vectors_.Add(all);
    if (!vector.ok()) return false;
    auto add = WithDeletionVector(file, *vector);
    if (!add.ok()) return false;
    intent_.actions.emplace_back(*add);
    intent_.marks.push_back({.path = file.path, .rows = marks});
    return true;
  }

  // Before the commit; false when the weather took the vectors.
  bool Finish() {
    if (!vectors_.Finish().ok()) return false;
    work_.Wrote(vectors_.keys());
    return true;
  }

 private:
  Work& work_;
  Intent& intent_;
  DeletionVectorWriter vectors_;
};

void RewriteFiles(Work& work, bool everything) {
  Intent intent = work.Start(everything ? "overwrite" : "rewrite");
  const std::string p = work.AnyPartition();
  std::vector<AddFile> files;
  if (!work.Read(everything ? std::nullopt : std::optional(p), files, intent)) return;
  for (const AddFile& file : files) intent.actions.emplace_back(work.RemoveOf(file));
  if ((everything || !files.empty()) && !work.AddNewFile(p, intent)) return work.Drop();
  if (!intent.actions.empty()) work.Finish(std::move(intent));
}

}  // namespace

void Append(Work& work) {
  Intent intent = work.Start("append");
  intent.blind_append = true;
  const uint64_t files = 1 + work.dice().Below(3);
  for (uint64_t i = 0; i < files; ++i) {
    if (!work.AddNewFile(work.AnyPartition(), intent)) return work.Drop();
  }
  work.Finish(std::move(intent));
}

void AppendOnce(Work& work) {
  const std::string app = fmt::format("app{}", work.dice().Below(2));
  const Result<std::optional<int64_t>> last = work.snapshot()->TransactionVersion(app);
  if (!last.ok()) return;
  Intent intent = work.Start("append once");
  intent.blind_append = true;
  intent.read.app_ids = {app};
  work.deed().app_id = app;
  work.deed().app_version = last->value_or(-1) + 1;
  intent.actions.emplace_back(SetTransaction{.app_id = app, .version = work.deed().app_version});
  if (!work.AddNewFile(work.AnyPartition(), intent)) return work.Drop();
  work.Finish(std::move(intent));
}

void AppendWithIdentity(Work& work) {
  Intent intent = work.Start("append with identity");
  Metadata metadata = work.snapshot()->metadata();
  const int64_t first = MarkOf(metadata.schema_string) + 1;
  std::optional<AddFile> add = work.NewFile(work.AnyPartition(), work.FreshRows());
  if (!add) return work.Drop();
  add->tags["identity"] = fmt::format("{}", first);
  metadata.schema_string = SchemaWithMark(first + 4);
  intent.actions.emplace_back(std::move(metadata));
  intent.actions.emplace_back(std::move(*add));
  intent.blind_append = true;
  work.Finish(std::move(intent));
}

void Rewrite(Work& work) { RewriteFiles(work, /*everything=*/false); }

void Overwrite(Work& work) { RewriteFiles(work, /*everything=*/true); }

void MarkRows(Work& work) {
  const bool updates = work.dice().Happens(0.3);
  Intent intent = work.Start(updates ? "update rows" : "delete rows");
  std::vector<AddFile> files;
  if (!work.Read(work.AnyPartition(), files, intent) || files.empty()) return;
  intent.read.files.clear();
  intent.read.only_touched = true;
  work.deed().marks_rows = true;
  Marking marking(work, intent);
  for (const AddFile& file : files) {
    RowSet before;
    if (!marking.Look(file, before)) return;  // the weather
    if (work.dice().Happens(0.4)) continue;
    const uint64_t rows = static_cast<uint64_t>(*NumRecords(*file.stats));
    auto marks = std::make_shared<RowSet>();
    for (uint64_t row = 0; row < rows; ++row) {
      if (!before.Contains(row) && work.dice().Happens(0.15)) marks->Add(row);
    }
    if (!marking.Mark(file, before, marks, rows)) return;
  }
  if (work.deed().marked.empty() || !marking.Finish()) return;
  if (updates && !work.AddNewFile(*work.deed().partition, intent)) return work.Drop();
  if (updates && work.dice().Happens(0.5) && !work.history().upkeep &&
      !work.AddChangeFile(*work.deed().partition, intent))
    return work.Drop();
  work.Finish(std::move(intent));
}

void Merge(Work& work) {
  const auto key = static_cast<int64_t>(1 + work.dice().Below(4));
  const std::string p(1, static_cast<char>('a' + key % 3));
  Intent intent = work.Start("merge");
  std::vector<AddFile> files;
  if (!work.Read(p, files, intent)) return;
  // It changes every row that it finds, so that other rows may go meanwhile.
  if (work.dice().Happens(0.5)) {
    intent.read.files.clear();
    intent.read.only_touched = work.deed().marks_rows = true;
  }
  Marking marking(work, intent);
  for (const AddFile& file : files) {
    RowSet before;
    if (!marking.Look(file, before)) return;
    const auto rows = work.ReadRows(file);
    if (!rows) return;
    auto marks = std::make_shared<RowSet>();
    for (uint64_t i = 0; i < rows->size(); ++i) {
      if ((*rows)[i] / kKeyFactor == key && !before.Contains(i)) marks->Add(i);
    }
    if (!marking.Mark(file, before, marks, rows->size())) return;
  }
  if (!marking.Finish()) return;
  std::optional<AddFile> made = work.NewFile(p, {key * kKeyFactor + ++work.history().rows});
  if (!made) return work.Drop();
  intent.actions.emplace_back(std::move(*made));
  work.Finish(std::move(intent));
}

void Revive(Work& work) {
  Intent intent = work.Start("revive");
  std::vector<AddFile> files;
  if (!work.Read(work.AnyPartition(), files, intent)) return;
  for (AddFile file : files) {
    if (!file.deletion_vector) continue;
    // A row of a merge may have been written anew since: its key would live twice.
    const auto rows = work.ReadRows(file);
    if (!rows) return;
    if (std::any_of(rows->begin(), rows->end(), [](int64_t row) { return row >= kKeyFactor; })) continue;
    intent.actions.emplace_back(work.RemoveOf(file));
    file.deletion_vector.reset();
    file.data_change = true;
    intent.actions.emplace_back(std::move(file));
    return work.Finish(std::move(intent));
  }
}

void Count(Work& work) {
  Intent intent = work.Start("count");
  std::vector<AddFile> files;
  const bool some = work.dice().Happens(0.5);
  if (!work.Read(some ? std::optional(work.AnyPartition()) : std::nullopt, files, intent)) return;
  if (!work.AddNewFile("counts", intent)) return work.Drop();
  work.Finish(std::move(intent));
}

void Copy(Work& work) {
  Intent intent = work.Start("copy");
  std::vector<AddFile> files;
  if (!work.Read(work.AnyPartition(), files, intent) || files.empty()) return;
  const AddFile& file = files[work.dice().Below(files.size())];
  work.deed().partition.reset();
  work.deed().saw = {NameOf(file)};
  intent.read.predicates.clear();
  intent.read.files = {file.path};
  if (!work.AddNewFile("copies", intent)) return work.Drop();
  work.Finish(std::move(intent));
}

}  // namespace deltic::sim
