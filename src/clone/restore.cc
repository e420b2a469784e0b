// Owns the steps of a RESTORE: what differs between two versions, whether it is still there, the commit.
#include "clone/restore.h"

#include <string>
#include <unordered_map>

#include "alter/alter.h"
#include "alter/operation_text.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "base/time.h"
#include "clone/running_vacuum.h"
#include "rewrite/replace.h"
#include "snapshot/file_place.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

constexpr size_t kMostNamed = 20;  // missing files that an error names

// A logical file: the same path with other deleted rows is another one.
Result<std::string> KeyOf(const CanonicalPaths& paths, const AddFile& file) {
  DELTIC_TRY(std::string key, paths.Of(file.path));
  key += '\n';
  if (file.deletion_vector) key += file.deletion_vector->UniqueId();
  return key;
}

Status ForEachLiveFile(const Snapshot& table, const CancelToken& cancel, const std::function<Status(AddFile&)>& visit) {
  DELTIC_TRY(const auto files, table.LiveFiles({.all_fields = true, .prune = false}));
  while (true) {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(std::optional<AddFile> file, files->Next());
    if (!file) return {};
    DELTIC_CHECK(visit(*file));
  }
}

struct Difference {
  std::vector<AddFile> restored;
  std::vector<AddFile> removed;
  // Live then and now, but without row ids now though the table is to promise them again.
  std::vector<AddFile> numbered;
  int64_t files_then = 0;
  int64_t bytes_then = 0;
};

class Comparing {
 public:
  Comparing(const Snapshot& now, const Snapshot& then, const CancelToken& cancel)
      : now_(now), then_(then), cancel_(cancel), paths_(*now.store()) {}

  // Memory grows with the files of one version and with what differs.
  Result<Difference> Run() {
    Difference difference;
    struct Then {
      bool kept = false;
      bool unnumbered_now = false;
    };
    std::unordered_map<std::string, Then> files;
    DELTIC_CHECK(ForEachLiveFile(then_, cancel_, [&](const AddFile& file) -> Status {
      DELTIC_TRY(std::string key, KeyOf(paths_, file));
      files.emplace(std::move(key), Then());
      difference.files_then++;
      difference.bytes_then += file.size;
      return {};
    }));
    DELTIC_CHECK(ForEachLiveFile(now_, cancel_, [&](AddFile& file) -> Status {
      DELTIC_TRY(const std::string key, KeyOf(paths_, file));
      const auto found = files.find(key);
      if (found == files.end()) {
        difference.removed.push_back(std::move(file));
        return {};
      }
      found->second = {.kept = true, .unnumbered_now = !file.base_row_id.has_value()};
      return {};
    }));
    DELTIC_CHECK(ForEachLiveFile(then_, cancel_, [&](AddFile& file) -> Status {
      DELTIC_TRY(const std::string key, KeyOf(paths_, file));
      const Then& state = files[key];
      if (!state.kept) {
        file.data_change = true;
        difference.restored.push_back(std::move(file));
      } else if (state.unnumbered_now && file.base_row_id) {
        file.data_change = false;
        difference.numbered.push_back(std::move(file));
      }
      return {};
    }));
    return difference;
  }

 private:
  const Snapshot& now_;
  const Snapshot& then_;
  const CancelToken& cancel_;
  const CanonicalPaths paths_;
};

// Whether an object is there, and why it counts as missing when not.
Result<bool> IsThere(const FilePlace& place) {
  const Result<ObjectMeta> found = place.store->Head(place.key);
  if (found.ok()) return true;
  if (found.error().code() == Code::kNotFound) return false;
  return found.error();
}

// What is missing of each file ("" for nothing), in the order of the files.
Result<std::vector<std::string>> FindMissing(const std::shared_ptr<ObjectStore>& store,
                                             const std::vector<AddFile>& files, const RestoreContext& context,
                                             const ProgressCallback& progress) {
  std::vector<std::string> missing(files.size());
  ProgressTeller teller(progress, "looking for files", "files", static_cast<int64_t>(files.size()));
  DELTIC_CHECK(ForEachParallel(files.size(), context.looks, [&](size_t index) -> Status {
    DELTIC_CHECK(context.commit.cancel.Check());
    const AddFile& file = files[index];
    DELTIC_TRY(const FilePlace data, PlaceOfDataFile(store, file.path));
    DELTIC_TRY(const bool there, IsThere(data));
    if (!there) {
      missing[index] = file.path;
    } else if (file.deletion_vector) {
      DELTIC_TRY(const std::optional<FilePlace> vector, PlaceOfVector(store, *file.deletion_vector));
      if (vector) {
        DELTIC_TRY(const bool vector_there, IsThere(*vector));
        if (!vector_there) missing[index] = vector->key + " (deletion vectors of " + file.path + ")";
      }
    }
    teller.Add(1);
    return {};
  }));
  return missing;
}

Error MissingError(const Snapshot& then, const std::vector<std::string>& missing) {
  std::string names;
  size_t count = 0;
  for (const std::string& name : missing) {
    if (name.empty()) continue;
    if (count++ < kMostNamed) names += (names.empty() ? "" : ", ") + name;
  }
  if (count > kMostNamed) names += fmt::format(", and {} more", count - kMostNamed);
  return NotFound(
      "version {} cannot be restored: {} of its files {} gone, deleted by VACUUM or by hand: {}. Restore a newer "
      "version, or ignore missing files to restore what is left of it",
      then.version(), count, count == 1 ? "is" : "are", names);
}

Operation Describe(const RestoreRequest& request, const RestoreOutcome& outcome) {
  Operation operation{.name = "RESTORE"};
  operation.parameters["version"] = request.version ? std::to_string(*request.version) : "null";
  operation.parameters["timestamp"] =
      request.timestamp_ms ? QuotedText(FormatTimestampMicros(*request.timestamp_ms * 1000)) : "null";
  operation.metrics = {{"tableSizeAfterRestore", std::to_string(outcome.size_after_bytes)},
                       {"numOfFilesAfterRestore", std::to_string(outcome.files_after)},
                       {"numRemovedFiles", std::to_string(outcome.files_removed)},
                       {"numRestoredFiles", std::to_string(outcome.files_restored)},
                       {"removedFilesSize", std::to_string(outcome.bytes_removed)},
                       {"restoredFilesSize", std::to_string(outcome.bytes_restored)}};
  return operation;
}

// Leaves out what is missing, or refuses.
Status CheckFiles(const Snapshot& then, const RestoreRequest& request, const RestoreContext& context,
                  Difference& difference, RestoreOutcome& outcome) {
  DELTIC_TRY(const std::vector<std::string> missing,
             FindMissing(then.store(), difference.restored, context, request.progress));
  std::vector<AddFile> there;
  for (size_t i = 0; i < missing.size(); ++i) {
    if (missing[i].empty()) {
      there.push_back(std::move(difference.restored[i]));
      continue;
    }
    if (!request.ignore_missing_files) return MissingError(then, missing);
    difference.files_then--;
    difference.bytes_then -= difference.restored[i].size;
    outcome.missing_files.push_back(missing[i]);
  }
  difference.restored = std::move(there);
  return {};
}

// A vacuum that is running has chosen its files before, and may take those that are brought back now.
Status CheckNoVacuum(const Snapshot& newest, const std::vector<AddFile>& restored, const RestoreContext& context) {
  if (restored.empty()) return {};
  const Env& env = context.commit.env;
  DELTIC_TRY(const auto vacuum, FindRunningVacuum(newest, env, context.commit.cancel));
  if (!vacuum) return {};
  DELTIC_TRY(const bool at_risk,
             MayBeVacuumed(
                 {.table = &newest, .files = &restored, .retention_ms = vacuum->retention_ms, .now_ms = env.now_ms()}));
  if (!at_risk) return {};
  return Error(Code::kConflict,
               fmt::format("the VACUUM that began with version {} has not ended by the log, and may be deleting files "
                           "that this restore brings back, for they were removed before the retention; nothing was "
                           "committed. Restore when it has ended; of one that died that is a day after it began",
                           vacuum->version));
}

Result<std::shared_ptr<const Snapshot>> OpenThen(const Snapshot& newest, const RestoreRequest& request) {
  if (request.version.has_value() == request.timestamp_ms.has_value()) {
    return InvalidArgument("a restore goes to a version or to a time: give one of them");
  }
  if (request.version && *request.version > newest.version()) {
    return NotFound("{}: there is no version {} to restore: the newest is {}", newest.store()->uri(), *request.version,
                    newest.version());
  }
  return Snapshot::Open(newest.store(), {.version = request.version, .timestamp_ms = request.timestamp_ms});
}

}  // namespace

Result<Restored> RestoreTable(const std::shared_ptr<const Snapshot>& newest, const RestoreRequest& request,
                              const RestoreContext& context) {
  DELTIC_TRY(const std::shared_ptr<const Snapshot> then, OpenThen(*newest, request));
  Restored restored{.outcome = {}, .snapshot = newest};
  RestoreOutcome& outcome = restored.outcome;
  outcome.version = newest->version();
  outcome.restored_version = then->version();
  DELTIC_CHECK(CheckWritable(newest->protocol()));
  const CancelToken& cancel = context.commit.cancel;
  DELTIC_TRY(Difference difference, Comparing(*newest, *then, cancel).Run());
  if (then->version() < newest->version()) DELTIC_CHECK(CheckFiles(*then, request, context, difference, outcome));
  if (then->version() < newest->version()) DELTIC_CHECK(CheckNoVacuum(*newest, difference.restored, context));
  outcome.size_after_bytes = difference.bytes_then;
  outcome.files_after = difference.files_then;
  if (then->version() >= newest->version()) return restored;

  outcome.files_restored = static_cast<int64_t>(difference.restored.size());
  outcome.files_removed = static_cast<int64_t>(difference.removed.size());
  for (const AddFile& file : difference.restored) outcome.bytes_restored += file.size;
  for (const AddFile& file : difference.removed) outcome.bytes_removed += file.size;

  DELTIC_TRY(const TableDefinition before, DefinitionOf(*newest));
  DELTIC_TRY(const TableDefinition was, DefinitionOf(*then));
  DELTIC_TRY(const TableDefinition after,
             PlanRestoredDefinition(before, was, request.protocol_downgrade_allowed, context.commit.env));
  Intent intent{.base = newest};
  intent.operation = Describe(request, outcome);
  // Whatever others do to the table meanwhile is not in what was compared.
  intent.read.whole_table = true;
  intent.read.deleted_files = !difference.restored.empty();
  intent.isolation = IsolationLevel::kSerializable;
  intent.may_drop_features = request.protocol_downgrade_allowed;
  intent.user_metadata = request.commit.custom_metadata;
  intent.user_metadata_text = request.commit.user_metadata;
  intent.actions = DefinitionActions(&before, after);
  for (const SetTransaction& transaction : context.transactions) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(transaction);
  }
  const int64_t now_ms = context.commit.env.now_ms();
  for (const AddFile& file : difference.removed) intent.actions.emplace_back(ToRemove(file, now_ms));
  for (auto* files : {&difference.restored, &difference.numbered}) {
    for (AddFile& file : *files) intent.actions.emplace_back(std::move(file));
  }
  DELTIC_TRY(Committed committed, Commit(intent, context.commit));
  outcome.changed = true;
  outcome.version = committed.version;
  outcome.retries = committed.retries;
  outcome.warnings = std::move(committed.warnings);
  restored.snapshot = std::move(committed.snapshot);
  return restored;
}

}  // namespace deltic
