// Owns which manifests are written and in what order: first all files are read, so that a table that must not have
// manifests gets none; then each manifest is replaced as a whole; then those of empty partitions go.
#include "upkeep/manifest.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/hive_name.h"
#include "base/parallel.h"
#include "base/url.h"
#include "engine/engine.h"
#include "snapshot/file_place.h"

namespace deltic {
namespace {

constexpr std::string_view kManifest = "manifest";
constexpr size_t kThreads = 16;
// How often a refresh follows commits that come while it writes. Each of those has a writer that refreshes too.
constexpr int kMostRounds = 20;

std::string KeyOf(const std::string& partition) {
  return std::string(kManifestFolder) + partition + std::string(kManifest);
}

Status CheckNames(const Snapshot& table) {
  if (table.config().mapping_mode == MappingMode::kNone) return {};
  return Unsupported(
      "{}: a table with column mapping cannot have symlink manifests: their readers go by the names in the data files, "
      "which are not the table's",
      table.store()->uri());
}

// The lines of each partition; of `only` those where it is given.
using Manifests = std::map<std::string, std::vector<std::string>>;

Result<Manifests> LinesOf(const Snapshot& table, const std::set<std::string>* only) {
  const std::vector<std::string>& columns = table.metadata().partition_columns;
  const std::string root = RootName(*table.store());
  Manifests manifests;
  if (columns.empty()) manifests[""];  // an empty table has an empty one
  DELTIC_TRY(const auto cursor, table.LiveFiles({.stats = false}));
  while (true) {
    DELTIC_TRY(const std::optional<AddFile> file, cursor->Next());
    if (!file) break;
    if (file->deletion_vector) {
      return Unsupported(
          "{}: {} has a deletion vector, so the table cannot have symlink manifests: their readers would show deleted "
          "rows; purge them first (deltic reorg) and set delta.enableDeletionVectors to false",
          table.store()->uri(), file->path);
    }
    std::string partition = ManifestPartition(columns, file->partition_values);
    if (only != nullptr && !only->contains(partition)) continue;
    DELTIC_TRY(std::string line, ManifestLine(root, file->path));
    manifests[std::move(partition)].push_back(std::move(line));
  }
  for (auto& [partition, lines] : manifests) std::sort(lines.begin(), lines.end());
  return manifests;
}

// Hadoop's local file system keeps a checksum beside a file, and refuses the file when it is not the file's.
Status DropHadoopChecksum(ObjectStore& store, const std::string& partition) {
  if (!store.LocalPath("x")) return {};
  return store.Delete(std::string(kManifestFolder) + partition + "." + std::string(kManifest) + ".crc");
}

Status DeleteManifest(ObjectStore& store, const std::string& partition) {
  DELTIC_CHECK(store.Delete(KeyOf(partition)));
  DELTIC_CHECK(DropHadoopChecksum(store, partition));
  if (partition.empty()) return {};
  DELTIC_TRY(const bool gone, store.DeleteEmptyFolder(std::string(kManifestFolder) + partition));
  (void)gone;
  return {};
}

// Many at once: each waits for storage, a disk's too.
Result<ManifestsDone> WriteThem(const Snapshot& table, const Manifests& manifests, const CancelToken& cancel) {
  ManifestsDone done{.version = table.version(), .written = static_cast<int64_t>(manifests.size())};
  ObjectStore& store = *table.store();
  std::vector<const Manifests::value_type*> each;
  each.reserve(manifests.size());
  for (const auto& manifest : manifests) {
    each.push_back(&manifest);
    done.files += static_cast<int64_t>(manifest.second.size());
  }
  DELTIC_CHECK(ForEachParallel(each.size(), kThreads, [&](size_t i) -> Status {
    const auto& [partition, lines] = *each[i];
    DELTIC_CHECK(cancel.Check());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    DELTIC_CHECK(DropHadoopChecksum(store, partition));
    return store.Put(KeyOf(partition), text);
  }));
  return done;
}

// The partitions that have a manifest in storage.
Result<std::set<std::string>> PartitionsInStorage(ObjectStore& store) {
  std::set<std::string> partitions;
  DELTIC_CHECK(store.ListRecursive(kManifestFolder, [&](const ObjectMeta& object) {
    std::string_view name = object.key;
    name.remove_prefix(kManifestFolder.size());
    const size_t folder = name.rfind('/') + 1;  // 0 when there is none
    if (name.substr(folder) == kManifest) partitions.emplace(name.substr(0, folder));
    return true;
  }));
  return partitions;
}

Result<bool> HasManifests(ObjectStore& store) {
  bool found = false;
  DELTIC_CHECK(store.ListRecursive(kManifestFolder, [&](const ObjectMeta&) {
    found = true;
    return false;
  }));
  return found;
}

Result<ManifestsDone> WriteAll(const Snapshot& table, const CancelToken& cancel) {
  DELTIC_TRY(const Manifests manifests, LinesOf(table, nullptr));
  DELTIC_TRY(ManifestsDone done, WriteThem(table, manifests, cancel));
  DELTIC_TRY(const std::set<std::string> there, PartitionsInStorage(*table.store()));
  for (const std::string& partition : there) {
    if (manifests.contains(partition)) continue;
    DELTIC_CHECK(DeleteManifest(*table.store(), partition));
    ++done.deleted;
  }
  return done;
}

// Of some partitions: manifests of those with files, none of those without.
Status WriteSome(const Snapshot& table, const std::set<std::string>& partitions) {
  if (partitions.empty()) return {};
  DELTIC_TRY(const Manifests manifests, LinesOf(table, &partitions));
  DELTIC_TRY(const ManifestsDone done, WriteThem(table, manifests, {}));
  (void)done;
  for (const std::string& partition : partitions) {
    if (!manifests.contains(partition)) DELTIC_CHECK(DeleteManifest(*table.store(), partition));
  }
  return {};
}

}  // namespace

std::string ManifestPartition(const std::vector<std::string>& columns, const PartitionValues& values) {
  std::string partition;
  for (const std::string& column : columns) {
    const auto value = values.find(column);
    const bool null = value == values.end() || !value->second || value->second->empty();
    partition += HiveEscape(column) + "=" + (null ? std::string(kHiveNull) : HiveEscape(*value->second)) + "/";
  }
  return partition;
}

std::optional<std::set<std::string>> TouchedPartitions(const std::vector<std::string>& columns,
                                                       const std::vector<Action>& actions) {
  std::set<std::string> partitions;
  for (const Action& action : actions) {
    if (std::holds_alternative<Metadata>(action)) return std::nullopt;
    if (const AddFile* add = std::get_if<AddFile>(&action)) {
      partitions.insert(ManifestPartition(columns, add->partition_values));
    } else if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
      if (!columns.empty() && remove->partition_values.empty()) return std::nullopt;
      partitions.insert(ManifestPartition(columns, remove->partition_values));
    }
  }
  return partitions;
}

Result<std::string> ManifestLine(std::string_view root, const std::string& path) {
  DELTIC_TRY(const FileLocation file, LocateFile(path));
  if (!file.key.empty()) return std::string(root) + "/" + file.key;
  if (file.absolute.starts_with('/')) return UrlScheme(path) ? "file:" + file.absolute : file.absolute;
  return PercentDecode(file.absolute);
}

Result<ManifestsDone> WriteManifests(const Snapshot& table, const CancelToken& cancel) {
  std::shared_ptr<const Snapshot> shown = table.shared_from_this();
  for (int round = 1;; ++round) {
    DELTIC_CHECK(CheckNames(*shown));
    DELTIC_TRY(ManifestsDone done, WriteAll(*shown, cancel));
    // Nobody else writes them, or everybody: then those of a commit that came meanwhile may have been overwritten, or
    // deleted as of a partition that is gone.
    if (!shown->config().symlink_manifests || round == kMostRounds) return done;
    DELTIC_TRY(std::shared_ptr<const Snapshot> newest, shown->Advance());
    if (newest->version() == shown->version()) return done;
    shown = std::move(newest);
  }
}

Status RefreshManifests(const Snapshot& table, const std::vector<Action>& commit) {
  if (!table.config().symlink_manifests) return {};
  DELTIC_CHECK(CheckNames(table));
  std::optional<std::set<std::string>> touched = TouchedPartitions(table.metadata().partition_columns, commit);
  if (touched) {
    DELTIC_TRY(const bool there, HasManifests(*table.store()));
    if (!there) touched.reset();
  }
  std::shared_ptr<const Snapshot> shown = table.shared_from_this();
  for (int round = 0; round < kMostRounds; ++round) {
    if (touched) {
      DELTIC_CHECK(WriteSome(*shown, *touched));
    } else {
      DELTIC_TRY(const ManifestsDone done, WriteAll(*shown, {}));
      (void)done;
    }
    // A writer that was first may have written its manifests before these: then its version must be shown by these too.
    DELTIC_TRY(std::shared_ptr<const Snapshot> newest, shown->Advance());
    if (newest->version() == shown->version()) return {};
    if (newest->metadata().partition_columns != shown->metadata().partition_columns) touched.reset();
    if (!newest->config().symlink_manifests) return {};
    shown = std::move(newest);
  }
  return {};
}

}  // namespace deltic
