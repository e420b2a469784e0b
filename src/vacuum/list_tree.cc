// Owns the queue of folders and the threads that take from it. The last folder found is listed first, so that the queue
// holds a path down the tree and its siblings rather than a whole level.
#include "vacuum/list_tree.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"

namespace deltic {
namespace {

// What is found goes into the tree once a folder is listed: the threads meet there and nowhere else.
class Walk {
 public:
  Walk(ObjectStore& store, const TreeRequest& request)
      : store_(store), request_(request), teller_(request.progress, "listing files", "files", 0) {}

  // What one folder holds.
  struct Found {
    Tree tree;
    std::vector<std::string> folders;  // to enter
  };

  Result<Tree> Run() {
    DELTIC_CHECK(ForEachParallel(request_.threads, request_.threads, [&](size_t) { return Work(); }));
    return std::move(tree_);
  }

 private:
  Status Work() {
    while (const std::optional<std::string> folder = Take()) {
      Found found;
      Status status = request_.cancel.Check();
      if (status.ok()) status = ListOne(*folder, found);
      Give(std::move(found), status.ok());
      if (!status.ok()) return status;
    }
    return {};
  }

  // Null when there is nothing more to come, or another thread has failed.
  std::optional<std::string> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || !waiting_.empty() || busy_ == 0; });
    if (failed_ || waiting_.empty()) return std::nullopt;
    std::string folder = std::move(waiting_.back());
    waiting_.pop_back();
    ++busy_;
    return folder;
  }

  void Give(Found found, bool ok) {
    const std::lock_guard lock(mutex_);
    --busy_;
    failed_ = failed_ || !ok;
    ++tree_.folders_listed;
    tree_.files_listed += found.tree.files_listed;
    const auto append = [](auto& from, auto& to) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
    append(found.tree.files, tree_.files);
    append(found.tree.empty_folders, tree_.empty_folders);
    append(found.folders, waiting_);
    changed_.notify_all();
  }

  Status ListOne(const std::string& folder, Found& found) {
    constexpr int64_t kTellEach = 1'000;
    Tree& tree = found.tree;
    bool empty = true;
    DELTIC_CHECK(store_.ListEntries(folder, [&](const FolderEntry& entry) {
      empty = false;
      if (entry.folder()) {
        if (request_.enters(entry.key)) found.folders.push_back(entry.key);
        return true;
      }
      if (++tree.files_listed % kTellEach == 0) {
        teller_.Add(kTellEach);
        if (request_.cancel.cancelled()) return false;
      }
      if (request_.wants(entry)) tree.files.push_back(entry);
      return true;
    }));
    if (empty && !folder.empty()) tree.empty_folders.push_back(folder);
    teller_.Add(tree.files_listed % kTellEach);
    return request_.cancel.Check();
  }

  ObjectStore& store_;
  const TreeRequest& request_;
  ProgressTeller teller_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_{""};  // folders to list
  int busy_ = 0;                          // folders being listed
  bool failed_ = false;
  Tree tree_;
};

}  // namespace

size_t ThreadsFor(int32_t wanted) {
  constexpr int32_t kMost = 64;
  if (wanted > 0) return static_cast<size_t>(std::min(wanted, kMost));
  return std::clamp<size_t>(2 * std::thread::hardware_concurrency(), 4, 32);
}

Result<Tree> ListTree(ObjectStore& store, const TreeRequest& request) { return Walk(store, request).Run(); }

void DropBehindLinks(ObjectStore& store, std::vector<FolderEntry>& files) {
  if (!store.LocalPath("x")) return;
  std::map<std::string, bool, std::less<>> known;  // "a/b": whether that folder itself is a link
  const auto is_link = [&](std::string_view folder) {
    if (const auto found = known.find(folder); found != known.end()) return found->second;
    const std::optional<std::string> path = store.LocalPath(folder);
    std::error_code error;
    const bool link = path && (std::filesystem::is_symlink(*path, error) || error);  // in doubt the file stays
    known.emplace(folder, link);
    return link;
  };
  std::erase_if(files, [&](const FolderEntry& file) {
    const std::string_view key = file.key;
    for (size_t slash = key.find('/'); slash != key.npos; slash = key.find('/', slash + 1)) {
      if (is_link(key.substr(0, slash))) return true;
    }
    return false;
  });
}

Result<std::vector<ObjectMeta>> AskMetas(ObjectStore& store, std::vector<FolderEntry> files, size_t threads,
                                         const CancelToken& cancel) {
  constexpr size_t kChunk = 256;
  DELTIC_CHECK(ForEachParallel((files.size() + kChunk - 1) / kChunk, threads, [&](size_t chunk) -> Status {
    DELTIC_CHECK(cancel.Check());
    const size_t end = std::min(files.size(), (chunk + 1) * kChunk);
    for (size_t i = chunk * kChunk; i < end; ++i) {
      if (files[i].meta) continue;
      Result<ObjectMeta> meta = store.Head(files[i].key);
      if (meta.ok()) {
        files[i].meta = std::move(*meta);
      } else if (meta.error().code() != Code::kNotFound) {
        return std::move(meta).error();
      }
    }
    return {};
  }));
  std::vector<ObjectMeta> metas;
  metas.reserve(files.size());
  for (FolderEntry& file : files) {
    if (!file.meta || (store.remote() && file.meta->modified_ms <= 0)) continue;
    metas.push_back(std::move(*file.meta));
  }
  return metas;
}

}  // namespace deltic
