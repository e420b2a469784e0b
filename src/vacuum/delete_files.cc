// Owns the batches. Before each, the log is asked for its next commit (one request where there is none): a RESTORE that
// made a file live again in the meantime keeps it.
#include "vacuum/delete_files.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"

namespace deltic {
namespace {

constexpr size_t kBatch = 500;

// "a/b/" of "a/b/x" and of "a/b/c/"; "" at the root.
std::string FolderAbove(std::string_view key) {
  if (key.ends_with('/')) key.remove_suffix(1);
  return std::string(key.substr(0, key.rfind('/') + 1));
}

// The deepest first: a folder may be empty once those in it are gone.
int64_t DeleteFolders(ObjectStore& store, std::set<std::string, std::greater<>> folders, const CancelToken& cancel,
                      std::vector<std::string>& failed) {
  int64_t deleted = 0;
  while (!folders.empty() && !cancel.cancelled()) {
    const std::string folder = std::move(folders.extract(folders.begin()).value());
    if (folder.empty()) continue;
    const Result<bool> done = store.DeleteEmptyFolder(folder);
    if (!done.ok()) failed.push_back(folder + ": " + done.error().ToString());
    if (!done.ok() || !*done) continue;
    ++deleted;
    folders.insert(FolderAbove(folder));
  }
  return deleted;
}

}  // namespace

Deleted DeleteFiles(ObjectStore& store, NewCommits& commits, DeleteRequest request) {
  Deleted done;
  std::mutex mutex;
  std::set<std::string, std::greater<>> folders(request.empty_folders.begin(), request.empty_folders.end());
  std::vector<ObjectMeta>& files = request.files;
  ProgressTeller teller(request.progress, "deleting files", "files", static_cast<int64_t>(files.size()));
  done.ended = ForEachParallel((files.size() + kBatch - 1) / kBatch, request.threads, [&](size_t batch) -> Status {
    DELTIC_CHECK(request.cancel.Check());
    // A restore counts on no vacuum deleting long after it said that it begins.
    if (request.in_time && !request.in_time()) return Unavailable("it has taken half a day; run it again for the rest");
    DELTIC_CHECK(commits.CatchUp());
    const size_t end = std::min(files.size(), (batch + 1) * kBatch);
    std::vector<size_t> chosen;
    std::vector<std::string> keys;
    for (size_t i = batch * kBatch; i < end; ++i) {
      if (commits.SpeakOf(files[i].key)) continue;
      chosen.push_back(i);
      keys.push_back(files[i].key);
    }
    const std::vector<Status> statuses = store.DeleteMany(keys);
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < chosen.size(); ++i) {
      ObjectMeta& file = files[chosen[i]];
      if (statuses[i].ok()) {
        folders.insert(FolderAbove(file.key));
        done.files.push_back(std::move(file));
      } else {
        done.failed.push_back(file.key + ": " + statuses[i].error().ToString());
      }
    }
    teller.Add(static_cast<int64_t>(end - batch * kBatch));
    return {};
  });
  if (done.ended.ok()) done.folders = DeleteFolders(store, std::move(folders), request.cancel, done.failed);
  std::sort(done.files.begin(), done.files.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  std::sort(done.failed.begin(), done.failed.end());
  return done;
}

}  // namespace deltic
