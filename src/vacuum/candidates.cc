// Owns the two ways to find candidates that look at storage: its listing, and an inventory of it that somebody else
// made. vacuum/log_candidates.cc has the third. What an inventory says is only where to look: each file's age and being
// there are asked of storage itself, so that an old inventory can name too little, never too much.
#include "vacuum/candidates.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "base/url.h"
#include "engine/engine.h"
#include "snapshot/file_place.h"
#include "vacuum/list_tree.h"
#include "vacuum/name_rule.h"

namespace deltic {
namespace {

NameRule RuleOf(const Snapshot& table) {
  return NameRule(table.metadata(), table.schema(), table.config().mapping_mode);
}

// Folders of tables inside this one. Not found by the files that are to go (their log is hidden), but by all that is.
class InnerTables {
 public:
  void Notice(std::string_view key) {
    const std::string_view folder = NameRule::InnerTable(key);
    if (folder.empty()) return;
    const std::lock_guard lock(mutex_);
    folders_.emplace(folder);
  }
  bool Hold(std::string_view key) const {
    return std::any_of(folders_.begin(), folders_.end(),
                       [&](const std::string& folder) { return key.starts_with(folder); });
  }
  void Warn(std::vector<std::string>& warnings) const {
    for (const std::string& folder : folders_) {
      warnings.push_back(fmt::format("{} is a table of its own: nothing in it was looked at", folder));
    }
  }

 private:
  std::mutex mutex_;
  std::set<std::string> folders_;
};

// Those that are old enough, asked of storage.
Result<std::vector<ObjectMeta>> OldOnes(const CandidateRequest& request, const NameRule& rule,
                                        std::vector<FolderEntry> files) {
  DELTIC_TRY(std::vector<ObjectMeta> metas,
             AskMetas(*request.table->store(), std::move(files), request.threads, request.cancel));
  std::erase_if(metas, [&](const ObjectMeta& file) {
    return file.modified_ms >= (rule.IsLeftover(file.key) ? request.leftover_horizon_ms : request.horizon_ms);
  });
  return metas;
}

// How an inventory may write the table's root: encoded or as people read it, and by either of S3's schemes.
std::vector<std::string> RootsOf(const ObjectStore& store) {
  std::vector<std::string> roots = {store.uri(), RootName(store) + "/"};
  for (size_t i = 0; i < 2; ++i) {
    if (roots[i].starts_with("s3://")) roots.push_back("s3a" + roots[i].substr(2));
    if (roots[i].starts_with("s3a://")) roots.push_back("s3" + roots[i].substr(3));
  }
  return roots;
}

// "Part of the inventory" to a key: relative as it is, absolute by the table's own root.
std::optional<std::string> KeyOfInventory(std::string_view path, const std::vector<std::string>& roots,
                                          std::string_view root) {
  for (const std::string& uri : roots) {
    if (path.starts_with(uri)) return std::string(path.substr(uri.size()));
  }
  if (const auto scheme = UrlScheme(path); scheme && path.substr(scheme->size()).starts_with(":/")) {
    std::string_view rest = path.substr(scheme->size() + 1);
    if (*scheme != "file") return std::nullopt;
    if (rest.starts_with("//")) rest.remove_prefix(std::min(rest.size(), rest.find('/', 2)));
    path = rest;
  }
  if (!path.starts_with('/')) return std::string(path);
  if (root.empty() || !path.starts_with(root)) return std::nullopt;
  return std::string(path.substr(root.size()));
}

// An inventory may leave logs out, as one of data files does: storage is asked about each folder that would lose files.
Status NoticeLogs(const CandidateRequest& request, const std::vector<ObjectMeta>& files, InnerTables& inner) {
  std::set<std::string> folders;
  for (const ObjectMeta& file : files) {
    for (size_t slash = file.key.find('/'); slash != file.key.npos; slash = file.key.find('/', slash + 1)) {
      folders.insert(file.key.substr(0, slash + 1));
    }
  }
  const std::vector<std::string> each(folders.begin(), folders.end());
  return ForEachParallel(each.size(), request.threads, [&](size_t i) -> Status {
    DELTIC_CHECK(request.cancel.Check());
    return request.table->store()->List(each[i] + "_delta_log/", "", [&](const ObjectMeta& file) {
      inner.Notice(file.key);
      return false;
    });
  });
}

bool IsTrue(const std::optional<std::string>& text) { return text && (*text == "true" || *text == "1"); }

}  // namespace

Result<Candidates> FindByListing(const CandidateRequest& request) {
  const NameRule rule = RuleOf(*request.table);
  InnerTables inner;
  TreeRequest walk{
      .enters = {}, .wants = {}, .threads = request.threads, .cancel = request.cancel, .progress = request.progress};
  walk.enters = [&](std::string_view folder) {
    inner.Notice(folder);
    return rule.Looks(folder);
  };
  walk.wants = [&](const FolderEntry& file) {
    inner.Notice(file.key);
    return (rule.Looks(file.key) && !request.kept->Contains(file.key)) || rule.IsLeftover(file.key);
  };
  DELTIC_TRY(Tree tree, ListTree(*request.table->store(), walk));
  std::erase_if(tree.files, [&](const FolderEntry& file) { return inner.Hold(file.key); });
  std::erase_if(tree.empty_folders, [&](const std::string& folder) { return inner.Hold(folder); });
  Candidates found;
  found.folders_listed = tree.folders_listed;
  found.files_listed = tree.files_listed;
  found.empty_folders = std::move(tree.empty_folders);
  inner.Warn(found.warnings);
  DELTIC_TRY(found.files, OldOnes(request, rule, std::move(tree.files)));
  return found;
}

Result<Candidates> FindByInventory(const CandidateRequest& request) {
  const NameRule rule = RuleOf(*request.table);
  const std::vector<std::string> roots = RootsOf(*request.table->store());
  const std::optional<std::string> some_path = request.table->store()->LocalPath("x");
  const std::string root = some_path ? some_path->substr(0, some_path->size() - 1) : std::string();
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  TableResolver resolver;  // the store's own inventory may be files of a bucket
  resolver.files = request.table->store()->opener();
  DELTIC_TRY(const std::unique_ptr<SqlSession> session, engine->OpenSql(resolver));
  // All four are asked for, so that what is no inventory is refused before anything is deleted by it.
  const std::string sql =
      "select path, \"isDir\", length, \"modificationTime\" from (\n" + request.inventory_sql + "\n)";
  Result<std::unique_ptr<TextRows>> rows = session->ReadText(sql, request.cancel);
  if (!rows.ok()) {
    return std::move(rows).error().Wrap("the inventory needs the columns path, length, isDir and modificationTime");
  }
  ProgressTeller teller(request.progress, "reading the inventory", "files", 0);
  InnerTables inner;
  Candidates found;
  std::vector<FolderEntry> files;
  std::unordered_set<std::string> seen;
  while (true) {
    DELTIC_TRY(const auto batch, (*rows)->Next());
    if (batch.empty()) break;
    teller.Add(static_cast<int64_t>(batch.size()));
    for (const auto& row : batch) {
      if (!row[0]) continue;
      std::optional<std::string> key = KeyOfInventory(*row[0], roots, root);
      if (!key || !CheckKey(*key).ok()) continue;
      inner.Notice(*key + (IsTrue(row[1]) ? "/" : ""));
      if (IsTrue(row[1])) {
        ++found.folders_listed;
        continue;
      }
      ++found.files_listed;
      const bool wanted = (rule.Looks(*key) && !request.kept->Contains(*key)) || rule.IsLeftover(*key);
      if (wanted && seen.insert(*key).second) files.push_back({.key = std::move(*key), .meta = {}});
    }
  }
  std::erase_if(files, [&](const FolderEntry& file) { return inner.Hold(file.key); });
  DropBehindLinks(*request.table->store(), files);
  DELTIC_TRY(found.files, OldOnes(request, rule, std::move(files)));
  DELTIC_CHECK(NoticeLogs(request, found.files, inner));
  std::erase_if(found.files, [&](const ObjectMeta& file) { return inner.Hold(file.key); });
  inner.Warn(found.warnings);
  return found;
}

}  // namespace deltic
