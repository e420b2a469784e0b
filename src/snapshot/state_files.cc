// Owns the stream of file actions that a checkpoint of a version holds: live files, then unexpired tombstones.
// The live files are live_files.cc's. A tombstone is the newest word about its very logical file, (path, deletion
// vector): unlike an add, it is not taken back by an add of the same path with another deletion vector. Protocol:
// "Action Reconciliation", "Checkpoints", "Add File and Remove File" (tombstones).
#include <unordered_set>

#include "base/error.h"
#include "base/json_text.h"
#include "log/checkpoint.h"
#include "snapshot/live_files.h"
#include "snapshot/snapshot_parts.h"

namespace deltic {
namespace {

constexpr size_t kBatch = 2048;

std::string DvId(const FileActionView& view) {
  if (!view.has_deletion_vector) return {};
  std::string id(1, view.dv_storage_type);
  id += view.dv_path_or_inline;
  if (view.dv_offset) id += "@" + std::to_string(*view.dv_offset);
  return id;
}

std::optional<std::string> TagsJson(const StringMap& tags) {
  if (tags.empty()) return std::nullopt;
  std::string json = "{";
  for (const auto& [name, value] : tags) {
    if (json.size() > 1) json += ',';
    AppendJsonString(json, name);
    json += ':';
    AppendJsonString(json, value);
  }
  return json + "}";
}

void SetPartitionValues(const PartitionValues& values, FileActionView& view) {
  for (const auto& [name, value] : values) {
    view.partition_values.emplace_back(name, value ? std::optional<std::string_view>(*value) : std::nullopt);
  }
}

void SetDeletionVector(const std::optional<DeletionVectorDescriptor>& dv, FileActionView& view) {
  if (!dv) return;
  view.has_deletion_vector = true;
  view.dv_storage_type = dv->storage_type;
  view.dv_path_or_inline = dv->path_or_inline_dv;
  view.dv_offset = dv->offset;
  view.dv_size_in_bytes = dv->size_in_bytes;
  view.dv_cardinality = dv->cardinality;
}

// Looks into the add.
FileActionView ViewOf(const AddFile& add, const std::optional<std::string>& tags) {
  FileActionView view;
  view.path = add.path;
  SetPartitionValues(add.partition_values, view);
  view.size = add.size;
  view.modification_time = add.modification_time;
  if (add.stats) view.stats = *add.stats;
  SetDeletionVector(add.deletion_vector, view);
  view.base_row_id = add.base_row_id;
  view.default_row_commit_version = add.default_row_commit_version;
  if (tags) view.tags_json = *tags;
  if (add.clustering_provider) view.clustering_provider = *add.clustering_provider;
  return view;
}

FileActionView ViewOf(const RemoveFile& remove) {
  FileActionView view;
  view.is_remove = true;
  view.path = remove.path;
  view.deletion_timestamp = remove.deletion_timestamp;
  view.extended_file_metadata = remove.extended_file_metadata;
  SetPartitionValues(remove.partition_values, view);
  view.size = remove.size.value_or(0);
  // A size that is not there cannot be made up.
  if (!remove.size) view.extended_file_metadata = false;
  SetDeletionVector(remove.deletion_vector, view);
  view.base_row_id = remove.base_row_id;
  view.default_row_commit_version = remove.default_row_commit_version;
  return view;
}

// One thread at a time.
class StateFileStream final : public FileActionCursor {
 public:
  StateFileStream(LiveFilesInput input, StateFilesRequest request)
      : snapshot_(input.snapshot),
        texts_(input.texts),
        request_(request),
        paths_(*snapshot_->store()),
        live_(std::move(input)) {
    kinds_.add = kinds_.remove = true;
    // Commits rather than compactions, where they are there: they surely say which word is the last.
    for (const LogFile& delta : snapshot_->segment().deltas) {
      std::vector<LogFile> commits;
      if (delta.kind == LogFile::Kind::kCompaction) commits = snapshot_->segment().CommitsOf(delta);
      if (commits.empty()) commits = {delta};
      commits_left_.insert(commits_left_.end(), commits.begin(), commits.end());
    }
  }

  Result<const std::vector<FileActionView>*> Next() override {
    views_.clear();
    while (stage_ != Stage::kEnd) {
      Result<const std::vector<FileActionView>*> batch = NextOfStage();
      if (!batch.ok() || !(*batch)->empty()) return batch;
      stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
    }
    return &views_;
  }

 private:
  enum class Stage { kJsonAdds, kParquetAdds, kJsonRemoves, kJsonCheckpointRemoves, kParquetRemoves, kEnd };

  // The next batch of the stage; an empty one is its end.
  Result<const std::vector<FileActionView>*> NextOfStage() {
    switch (stage_) {
      case Stage::kJsonAdds:
        return JsonAdds();
      case Stage::kParquetAdds:
        return ParquetAdds();
      case Stage::kJsonRemoves:
        return JsonRemoves();
      case Stage::kJsonCheckpointRemoves:
        return JsonCheckpointRemoves();
      case Stage::kParquetRemoves:
        return ParquetRemoves();
      case Stage::kEnd:
        break;
    }
    return &views_;
  }

  Result<const std::vector<FileActionView>*> JsonAdds() {
    adds_.clear();
    while (adds_.size() < kBatch) {
      DELTIC_TRY(std::optional<AddFile> add, live_.NextFromJson());
      if (!add) break;
      adds_.push_back(std::move(*add));
    }
    tags_.clear();
    for (const AddFile& add : adds_) tags_.push_back(TagsJson(add.tags));
    for (size_t i = 0; i < adds_.size(); ++i) views_.push_back(ViewOf(adds_[i], tags_[i]));
    return &views_;
  }

  Result<const std::vector<FileActionView>*> ParquetAdds() {
    if (!opened_) {
      DELTIC_TRY(parquet_, live_.OpenParquet());
      opened_ = true;
    }
    if (!parquet_) return &views_;
    DELTIC_TRY(const std::vector<FileActionView>* batch, parquet_->Next());
    if (!batch->empty()) return batch;
    parquet_.reset();  // and the batch with it
    opened_ = false;
    return &views_;
  }

  Result<const std::vector<FileActionView>*> JsonRemoves() {
    removes_.clear();
    if (newest_.empty()) texts_->Expect({commits_left_.rbegin(), commits_left_.rend()});
    while (removes_.empty() && !commits_left_.empty()) {
      const LogFile file = std::move(commits_left_.back());
      commits_left_.pop_back();
      DELTIC_TRY(LogFileText text, texts_->Read(file));
      DELTIC_TRY(ReverseActions actions, ReverseActions::Make(std::move(text)));
      while (true) {
        DELTIC_TRY(std::optional<Action> action, actions.Next(parser_, kinds_));
        if (!action) break;
        const Status status = TakeNewest(*action);
        if (!status.ok()) return actions.AtLast(status.error());
      }
    }
    return RemoveViews();
  }

  // From commits, newest first: the first word about a logical file is the last that was said.
  Status TakeNewest(Action& action) {
    RemoveFile* remove = std::get_if<RemoveFile>(&action);
    const AddFile* add = std::get_if<AddFile>(&action);
    DELTIC_TRY(std::string key, paths_.Of(remove ? remove->path : add->path));
    const auto& dv = remove ? remove->deletion_vector : add->deletion_vector;
    key += '\0';
    if (dv) key += dv->UniqueId();
    const bool newest = newest_.insert(std::move(key)).second;
    if (newest && remove && Lives(remove->deletion_timestamp)) removes_.push_back(std::move(*remove));
    return {};
  }

  Result<const std::vector<FileActionView>*> JsonCheckpointRemoves() {
    removes_.clear();
    const std::vector<LogFile>& checkpoint = snapshot_->segment().checkpoint;
    if (!IsJson(checkpoint) || json_checkpoint_read_) return &views_;
    json_checkpoint_read_ = true;
    DELTIC_TRY(const LogFileText text, LogFileText::Read(*snapshot_->store(), checkpoint[0]));
    ActionKinds kinds = ActionKinds::None();
    kinds.remove = true;
    DELTIC_CHECK(text.Visit(parser_, kinds, [&](Action&& action) -> Result<bool> {
      RemoveFile& remove = std::get<RemoveFile>(action);
      const std::string dv = remove.deletion_vector ? remove.deletion_vector->UniqueId() : std::string();
      DELTIC_TRY(const bool superseded, Superseded(remove.path, dv));
      if (!superseded && Lives(remove.deletion_timestamp)) removes_.push_back(std::move(remove));
      return true;
    }));
    return RemoveViews();
  }

  Result<const std::vector<FileActionView>*> ParquetRemoves() {
    if (!opened_) {
      DELTIC_TRY(parquet_, live_.OpenParquetRemoves());
      opened_ = true;
    }
    while (parquet_ && views_.empty()) {
      DELTIC_TRY(const std::vector<FileActionView>* batch, parquet_->Next());
      if (batch->empty()) {
        parquet_.reset();
        break;
      }
      for (const FileActionView& remove : *batch) {
        if (!Lives(remove.deletion_timestamp)) continue;
        DELTIC_TRY(const bool superseded, Superseded(remove.path, DvId(remove)));
        if (!superseded) views_.push_back(remove);
      }
    }
    return &views_;
  }

  const std::vector<FileActionView>* RemoveViews() {
    for (const RemoveFile& remove : removes_) views_.push_back(ViewOf(remove));
    return &views_;
  }

  bool Lives(const std::optional<int64_t>& deletion_timestamp) const {
    return deletion_timestamp.value_or(0) > request_.tombstones_after_ms;
  }

  Result<bool> Superseded(std::string_view path, std::string_view dv_id) const {
    if (newest_.empty()) return false;
    DELTIC_TRY(std::string key, paths_.Of(path));
    key += '\0';
    key += dv_id;
    return newest_.count(key) > 0;
  }

  const std::shared_ptr<const Snapshot> snapshot_;
  const std::shared_ptr<LogTexts> texts_;
  const StateFilesRequest request_;
  const CanonicalPaths paths_;
  LiveFileStream live_;
  ActionParser parser_;
  ActionKinds kinds_ = ActionKinds::None();
  Stage stage_ = Stage::kJsonAdds;
  std::vector<FileActionView> views_;
  std::vector<AddFile> adds_;
  std::vector<std::optional<std::string>> tags_;
  std::vector<RemoveFile> removes_;
  bool opened_ = false;
  std::unique_ptr<FileActionCursor> parquet_;
  std::vector<LogFile> commits_left_;       // the next is the last
  std::unordered_set<std::string> newest_;  // canonical path, NUL, deletion vector id: files that commits spoke of
  bool json_checkpoint_read_ = false;
};

}  // namespace

Result<std::unique_ptr<FileActionCursor>> Snapshot::StateFiles(const StateFilesRequest& request) const {
  return std::unique_ptr<FileActionCursor>(
      std::make_unique<StateFileStream>(LiveFilesInput{.snapshot = shared_from_this(),
                                                       .texts = parts_->texts,
                                                       .pruner = nullptr,
                                                       .stats = !request.names_only,
                                                       .all_fields = !request.names_only,
                                                       .sidecars = parts_->checkpoint_may_have_sidecars},
                                        request));
}

}  // namespace deltic
