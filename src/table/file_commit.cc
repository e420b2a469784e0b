// Owns commits of data files that somebody else wrote. Protocol: "Add File and Remove File".
#include "table/file_commit.h"

#include <memory>
#include <utility>

#include "base/error.h"
#include "base/json_text.h"
#include "base/url.h"
#include "commit/commit.h"
#include "engine/engine.h"
#include "rewrite/replace.h"
#include "schema/schema_json.h"
#include "stores/open_store.h"
#include "table/commit_text.h"
#include "table/create_table.h"
#include "table/sources.h"
#include "table/state.h"

namespace deltic {
namespace {

// Names, types and nullability; what else a field's metadata says is the table's own.
bool SameColumns(const Fields& mine, const Fields& theirs);

bool SameType(const DataType& mine, const DataType& theirs) {
  if (mine.kind() != theirs.kind()) return false;
  switch (mine.kind()) {
    case TypeKind::kStruct:
      return SameColumns(mine.fields(), theirs.fields());
    case TypeKind::kArray:
      return SameType(mine.element(), theirs.element());
    case TypeKind::kMap:
      return SameType(mine.key(), theirs.key()) && SameType(mine.value(), theirs.value());
    case TypeKind::kDecimal:
      return mine.precision() == theirs.precision() && mine.scale() == theirs.scale();
    default:
      return true;
  }
}

bool SameColumns(const Fields& mine, const Fields& theirs) {
  if (mine.size() != theirs.size()) return false;
  for (size_t i = 0; i < mine.size(); i++) {
    if (mine[i].name != theirs[i].name || !SameType(mine[i].type, theirs[i].type)) return false;
  }
  return true;
}

Status CheckSchema(const Snapshot& snapshot, const std::string& schema_json) {
  Result<Fields> fields = ParseSchemaJson(schema_json);
  if (!fields.ok()) return InvalidArgument("the schema of the files: {}", fields.error().message());
  if (SameColumns(snapshot.schema(), *fields)) return {};
  return InvalidArgument(
      "the schema of the files is not the table's: {} instead of {}; change the table first (alter), or write the rows "
      "with schema evolution",
      schema_json, snapshot.metadata().schema_string);
}

// The action of a file that is in the table's folder.
Result<AddFile> ToAdd(ObjectStore& store, const FileToAdd& file) {
  if (file.path.empty() || file.path.starts_with('/') || file.path.find("://") != std::string::npos) {
    return InvalidArgument("'{}' is no path relative to the table: only files in the table's folder can be added",
                           file.path);
  }
  AddFile add{.path = PercentEncode(file.path, "/="),
              .partition_values = file.partition_values,
              .size = file.size_bytes,
              .modification_time = file.modification_time_ms,
              .data_change = file.data_change};
  if (!file.stats.empty()) add.stats = file.stats;
  DELTIC_TRY(const FileLocation location, LocateFile(add.path));
  Result<ObjectMeta> found = store.Head(location.key);
  if (!found.ok()) return std::move(found).error().Wrap("adding " + file.path);
  if (found->size_bytes != file.size_bytes) {
    return InvalidArgument("{} has {} bytes, not {} as its add action says", file.path, found->size_bytes,
                           file.size_bytes);
  }
  return add;
}

Result<std::vector<AddFile>> ToAdds(ObjectStore& store, const std::vector<FileToAdd>& files) {
  std::vector<AddFile> adds;
  adds.reserve(files.size());
  for (const FileToAdd& file : files) {
    DELTIC_TRY(AddFile add, ToAdd(store, file));
    adds.push_back(std::move(add));
  }
  return adds;
}

// The tombstones of live files by name.
Result<std::vector<RemoveFile>> ToRemoves(const Snapshot& snapshot, const FileCommit& request, int64_t now_ms,
                                          ReadSet* read) {
  std::map<std::string, const FileToRemove*> wanted;
  for (const FileToRemove& file : request.remove) {
    DELTIC_TRY(std::string path, CanonicalPath(PercentEncode(file.path, "/=")));
    if (!wanted.emplace(std::move(path), &file).second) {
      return InvalidArgument("{} is to be removed twice", file.path);
    }
  }
  std::vector<RemoveFile> removes;
  DELTIC_TRY(const auto files, snapshot.LiveFiles({.all_fields = true}));
  while (!wanted.empty()) {
    DELTIC_TRY(const std::optional<AddFile> file, files->Next());
    if (!file) break;
    DELTIC_TRY(const std::string path, CanonicalPath(file->path));
    const auto found = wanted.find(path);
    if (found == wanted.end()) continue;
    RemoveFile remove = ToRemove(*file, found->second->deletion_timestamp_ms.value_or(now_ms));
    remove.data_change = found->second->data_change;
    removes.push_back(std::move(remove));
    read->files.insert(path);
    wanted.erase(found);
  }
  if (wanted.empty()) return removes;
  return InvalidArgument("{} cannot be removed: the table has no such file at version {}", wanted.begin()->second->path,
                         snapshot.version());
}

Result<Replacement> Replaced(const Snapshot& snapshot, const std::string& replace_where) {
  if (replace_where.empty()) return ReplaceAll(snapshot);
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  DELTIC_TRY(Replacement replaced, ReplaceWhere(*engine, snapshot, replace_where));
  if (replaced.rewritten.empty()) return replaced;
  return InvalidArgument("\"{}\" is not about whole partitions: {} files hold other rows too", replace_where,
                         replaced.rewritten.size());
}

std::string JsonText(std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

std::string JsonList(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const std::string& name : names) json += (json.size() > 1 ? "," : "") + JsonText(name);
  return json + "]";
}

}  // namespace

Result<Table> CommitFiles(const Table& table, const FileCommit& request) {
  DELTIC_TRY(const auto snapshot, table.state()->snapshot->Advance());
  if (snapshot->config().mapping_mode != MappingMode::kNone) {
    return Unsupported("{}: files cannot be committed to a table with column mapping: write the rows",
                       snapshot->store()->uri());
  }
  DELTIC_CHECK(CheckSchema(*snapshot, request.schema_json));
  const std::vector<std::string>& partitions = snapshot->metadata().partition_columns;
  if (!request.partition_by.empty() && request.partition_by != partitions) {
    return InvalidArgument("the table is partitioned by {}, not by {}", JsonList(partitions),
                           JsonList(request.partition_by));
  }
  if (request.overwrite && !request.remove.empty()) {
    return InvalidArgument("an overwrite finds the files that it removes itself: give no remove actions");
  }
  if (!request.overwrite && !request.replace_where.empty()) {
    return InvalidArgument("partitions are replaced by the mode overwrite only");
  }
  const CommitOptions options = ToCommitOptions(request.commit, CancelToken());
  Intent intent{.base = snapshot, .store = snapshot->store()};
  if (request.overwrite) {
    DELTIC_TRY(Replacement replaced, Replaced(*snapshot, request.replace_where));
    intent.read = std::move(replaced.read);
    for (const AddFile& file : replaced.removed) intent.actions.emplace_back(ToRemove(file, options.env.now_ms()));
  } else if (!request.remove.empty()) {
    DELTIC_TRY(std::vector<RemoveFile> removes, ToRemoves(*snapshot, request, options.env.now_ms(), &intent.read));
    for (RemoveFile& remove : removes) intent.actions.emplace_back(std::move(remove));
  }
  DELTIC_TRY(std::vector<AddFile> adds, ToAdds(*snapshot->store(), request.add));
  for (AddFile& add : adds) intent.actions.emplace_back(std::move(add));
  for (SetTransaction& transaction : ToTransactions(request.commit)) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(std::move(transaction));
  }
  intent.operation.name = "WRITE";
  intent.operation.parameters = {{"mode", request.overwrite ? "\"Overwrite\"" : "\"Append\""},
                                 {"partitionBy", JsonText(JsonList(partitions))}};
  if (!request.replace_where.empty()) intent.operation.parameters["predicate"] = JsonText(request.replace_where);
  intent.user_metadata = request.commit.custom_metadata;
  intent.user_metadata_text = request.commit.user_metadata;
  intent.blind_append = !request.overwrite && request.remove.empty() && request.commit.app_transactions.empty();
  DELTIC_TRY(const Committed committed, Commit(intent, options));
  return TableOf(committed.snapshot);
}

Result<Table> CreateWithFiles(const std::string& location, const CreateRequest& request,
                              const std::vector<FileToAdd>& files) {
  DELTIC_TRY(const auto store, OpenStore(location, request.storage_options));
  DELTIC_TRY(std::vector<AddFile> adds, ToAdds(*store, files));
  return CreateTable(location, request, std::move(adds));
}

}  // namespace deltic
