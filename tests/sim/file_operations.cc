// Owns the files' operations; see the header.
#include "file_operations.h"

#include <optional>
#include <utility>
#include <vector>

namespace deltic::sim {
namespace {

void RearrangeFiles(Work& work, Intent intent, const std::vector<AddFile>& files) {
  work.deed().keeps_rows = true;
  work.deed().partition.reset();  // it depends on these two only
  work.deed().saw.clear();
  intent.read.predicates.clear();
  intent.read.files.clear();
  const bool names_files = work.dice().Happens(0.5);  // else that they are removed must be enough
  std::vector<int64_t> kept;
  for (const AddFile& file : files) {
    const auto rows = work.LiveRows(file);
    if (!rows) return;
    kept.insert(kept.end(), rows->begin(), rows->end());
    work.deed().saw.insert(NameOf(file));
    if (names_files) intent.read.files.insert(file.path);
    RemoveFile remove = work.RemoveOf(file);
    remove.data_change = false;
    intent.actions.emplace_back(std::move(remove));
  }
  std::optional<AddFile> made = work.NewFile(*files[0].partition_values.at("p"), kept);
  if (!made) return work.Drop();
  made->data_change = false;
  intent.actions.emplace_back(std::move(*made));
  work.Finish(std::move(intent));
}

}  // namespace

void Rearrange(Work& work) {
  Intent intent = work.Start("rearrange");
  std::vector<AddFile> files;
  if (!work.Read(work.AnyPartition(), files, intent) || files.size() < 2) return;
  files.resize(2);
  RearrangeFiles(work, std::move(intent), files);
}

void Purge(Work& work) {
  Intent intent = work.Start("purge");
  std::vector<AddFile> files;
  if (!work.Read(work.AnyPartition(), files, intent)) return;
  std::erase_if(files, [](const AddFile& file) { return !file.deletion_vector; });
  if (files.empty()) return;
  files.resize(1);
  RearrangeFiles(work, std::move(intent), files);
}

}  // namespace deltic::sim
