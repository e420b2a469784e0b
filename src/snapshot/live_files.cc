// Owns the order and the filters of the live file stream. Protocol: "Action Reconciliation", "V2 Spec".
#include "snapshot/live_files.h"

#include <simdjson.h>

#include <set>
#include <utility>

#include "base/error.h"
#include "log/checkpoint.h"

namespace deltic {
namespace {

std::string DvId(const std::optional<DeletionVectorDescriptor>& dv) { return dv ? dv->UniqueId() : std::string(); }

void Count(PruneCounts& counts, PruneReason reason) {
  if (reason == PruneReason::kPartition) counts.by_partition.fetch_add(1, std::memory_order_relaxed);
  if (reason == PruneReason::kStatistics) counts.by_statistics.fetch_add(1, std::memory_order_relaxed);
}

// Decides about a checkpoint's adds inside the engine's threads: first whether a newer commit had the last word, which
// is no pruning and counts nowhere, then the predicate. One thread at a time; Clone gives each its own.
class CheckpointFilter final : public FileActionFilter {
 public:
  struct Parts {
    CanonicalPaths paths;
    std::shared_ptr<const NewerFiles> newer;
    std::shared_ptr<PruneCounts> counts;
  };
  CheckpointFilter(Parts parts, std::unique_ptr<Pruner> pruner)
      : parts_(std::move(parts)), pruner_(std::move(pruner)) {}

  std::unique_ptr<FileActionFilter> Clone() const override {
    return std::make_unique<CheckpointFilter>(parts_, pruner_ ? pruner_->Clone() : nullptr);
  }

  Result<bool> Keep(const FileActionView& add, std::string_view dv_id) override {
    if (!parts_.newer->empty()) {
      DELTIC_TRY(const bool superseded, Superseded(add.path, dv_id));
      if (superseded) return false;
    }
    if (!pruner_) return true;
    SetPartitionValues(add);
    Result<PruneReason> reason = pruner_->Check({.partition_values = &partition_values_,
                                                 .stats_json = add.stats.value_or(std::string_view()),
                                                 .has_deletion_vector = add.has_deletion_vector});
    if (!reason.ok()) return std::move(reason).error().Wrap(add.path);
    Count(*parts_.counts, *reason);
    return *reason == PruneReason::kKept;
  }

 private:
  Result<bool> Superseded(std::string_view path, std::string_view dv_id) const {
    if (CanonicalPaths::IsPlain(path)) return parts_.newer->Superseded(path, dv_id);
    DELTIC_TRY(const std::string canonical, parts_.paths.Of(path));
    return parts_.newer->Superseded(canonical, dv_id);
  }

  // The columns are the same from file to file, so the map and its strings are used again.
  void SetPartitionValues(const FileActionView& add) {
    bool same = slots_.size() == add.partition_values.size();
    for (size_t i = 0; same && i < slots_.size(); ++i) same = slots_[i]->first == add.partition_values[i].first;
    if (!same) {
      partition_values_.clear();
      slots_.clear();
      for (const auto& [name, value] : add.partition_values) {
        slots_.push_back(partition_values_.emplace(std::string(name), std::nullopt).first);
      }
    }
    for (size_t i = 0; i < slots_.size(); ++i) {
      const std::optional<std::string_view>& value = add.partition_values[i].second;
      if (!value) {
        slots_[i]->second.reset();
      } else if (slots_[i]->second) {
        slots_[i]->second->assign(*value);
      } else {
        slots_[i]->second.emplace(*value);
      }
    }
  }

  Parts parts_;
  std::unique_ptr<Pruner> pruner_;
  PartitionValues partition_values_;
  std::vector<PartitionValues::iterator> slots_;  // into partition_values_, in the file's order
};

// {"name":"value",...}; null values are left out, as they say nothing.
Result<StringMap> ParseTags(std::string_view json) {
  StringMap tags;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(json)).get(object) != simdjson::SUCCESS) {
    return Corrupt("tags are not a JSON object: {}", json);
  }
  for (const auto field : object) {
    std::string_view value;
    if (field.value.get(value) == simdjson::SUCCESS) tags.emplace(field.key, value);
  }
  return tags;
}

Result<AddFile> MakeAddFile(const FileActionView& view) {
  AddFile add;
  add.path = view.path;
  for (const auto& [name, value] : view.partition_values) {
    add.partition_values.emplace(std::string(name), value ? std::optional<std::string>(*value) : std::nullopt);
  }
  add.size = view.size;
  add.modification_time = view.modification_time;
  add.data_change = false;  // what a checkpoint holds is no change
  if (view.stats) add.stats = std::string(*view.stats);
  if (view.has_deletion_vector) {
    add.deletion_vector = DeletionVectorDescriptor{.storage_type = view.dv_storage_type,
                                                   .path_or_inline_dv = std::string(view.dv_path_or_inline),
                                                   .offset = view.dv_offset,
                                                   .size_in_bytes = view.dv_size_in_bytes,
                                                   .cardinality = view.dv_cardinality};
  }
  add.base_row_id = view.base_row_id;
  add.default_row_commit_version = view.default_row_commit_version;
  if (view.tags_json) {
    DELTIC_TRY(add.tags, ParseTags(*view.tags_json));
  }
  if (view.clustering_provider) add.clustering_provider = std::string(*view.clustering_provider);
  return add;
}

}  // namespace

LiveFileStream::LiveFileStream(LiveFilesInput input)
    : input_(std::move(input)),
      paths_(*input_.snapshot->store()),
      counts_(std::make_shared<PruneCounts>()),
      newer_(std::make_shared<NewerFiles>()),
      kinds_(ActionKinds::None()),
      commits_left_(input_.snapshot->segment().deltas) {
  kinds_.add = kinds_.remove = true;
  input_.texts->Expect({commits_left_.rbegin(), commits_left_.rend()});
}

Result<std::optional<AddFile>> LiveFileStream::Next() {
  DELTIC_TRY(std::optional<AddFile> from_json, NextFromJson());
  if (from_json) return from_json;
  if (!parquet_opened_) {
    DELTIC_TRY(parquet_, OpenParquet());
  }
  if (!parquet_) return std::optional<AddFile>();
  while (!batch_ || batch_at_ == batch_->size()) {
    DELTIC_TRY(batch_, parquet_->Next());
    batch_at_ = 0;
    if (batch_->empty()) {
      parquet_.reset();
      return std::optional<AddFile>();
    }
  }
  DELTIC_TRY(AddFile add, MakeAddFile((*batch_)[batch_at_++]));
  DropUnwanted(add);
  return std::optional<AddFile>(std::move(add));
}

Result<std::optional<AddFile>> LiveFileStream::NextFromJson() {
  DELTIC_TRY(std::optional<AddFile> from_commits, NextFromCommits());
  if (from_commits) return from_commits;
  return NextFromJsonCheckpoint();
}

Result<std::optional<AddFile>> LiveFileStream::NextFromCommits() {
  while (true) {
    if (!commit_) {
      if (commits_left_.empty()) return std::optional<AddFile>();
      DELTIC_CHECK(OpenNextCommit());
      continue;
    }
    DELTIC_TRY(std::optional<Action> action, commit_->Next(parser_, kinds_));
    if (!action) {
      commit_.reset();
      continue;
    }
    const Result<bool> lives = TakeFromCommit(*action);
    if (!lives.ok()) return commit_->AtLast(lives.error());
    if (*lives) return std::optional<AddFile>(std::get<AddFile>(std::move(*action)));
  }
}

// A compaction that some writer made by putting commits together, without reconciling them, does not tell which word
// was the last (one is known that has them newest first, and lines oldest first within each). The commits themselves
// do.
Status LiveFileStream::OpenNextCommit() {
  const LogFile file = std::move(commits_left_.back());
  commits_left_.pop_back();
  Result<LogFileText> text = input_.texts->Read(file);
  if (!text.ok() && text.error().code() == Code::kNotFound) {
    return Unavailable("{} has been deleted since version {} was opened (the log was cleaned up): open the table again",
                       file.key, input_.snapshot->version());
  }
  if (!text.ok()) return std::move(text).error();
  if (file.kind == LogFile::Kind::kCompaction) {
    DELTIC_TRY(const bool reconciled, IsReconciled(*text));
    if (!reconciled) {
      const std::vector<LogFile> commits = input_.snapshot->segment().CommitsOf(file);
      if (commits.empty()) {
        return Corrupt(
            "{}: the compaction has several actions for one file, and the commits it stands for are gone, so "
            "the last word about that file cannot be told",
            file.key);
      }
      commits_left_.insert(commits_left_.end(), commits.begin(), commits.end());
      input_.texts->Expect({commits_left_.rbegin(), commits_left_.rend()});
      return {};
    }
  }
  DELTIC_TRY(commit_, ReverseActions::Make(std::move(*text)));
  return {};
}

Result<bool> LiveFileStream::IsReconciled(const LogFileText& compaction) {
  std::set<std::pair<std::string, std::string>> files;  // logical files that have had a word
  std::set<std::string> added;
  bool reconciled = true;
  DELTIC_CHECK(compaction.Visit(parser_, kinds_, [&](Action&& action) -> Result<bool> {
    const AddFile* add = std::get_if<AddFile>(&action);
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    DELTIC_TRY(const std::string path, paths_.Of(add ? add->path : remove->path));
    if (add) reconciled = added.insert(path).second;
    reconciled = reconciled && files.emplace(path, DvId(add ? add->deletion_vector : remove->deletion_vector)).second;
    return reconciled;
  }));
  return reconciled;
}

// Whether the action is an add that lives and may match.
Result<bool> LiveFileStream::TakeFromCommit(Action& action) {
  if (RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
    DELTIC_TRY(std::string path, paths_.Of(remove->path));
    newer_->TakeRemove(std::move(path), DvId(remove->deletion_vector));
    return false;
  }
  AddFile& add = std::get<AddFile>(action);
  DELTIC_TRY(std::string path, paths_.Of(add.path));
  if (!newer_->TakeAdd(std::move(path), DvId(add.deletion_vector))) return false;
  DELTIC_TRY(const bool matches, Matches(add));
  if (matches) DropUnwanted(add);
  return matches;
}

Result<std::optional<AddFile>> LiveFileStream::NextFromJsonCheckpoint() {
  const LogSegment& segment = input_.snapshot->segment();
  if (!IsJson(segment.checkpoint)) return std::optional<AddFile>();
  if (!json_checkpoint_begun_) {
    json_checkpoint_begun_ = true;
    DELTIC_TRY(LogFileText text, input_.texts->Read(segment.checkpoint[0]));
    checkpoint_text_ = std::make_unique<LogFileText>(std::move(text));
    checkpoint_lines_.emplace(checkpoint_text_->text());
  }
  while (checkpoint_lines_) {
    Result<LogLine> line = checkpoint_lines_->Next();
    if (!line.ok()) return std::move(line).error().Wrap(checkpoint_text_->key());
    if (line->text.empty()) {
      checkpoint_lines_.reset();
      checkpoint_text_.reset();
      break;
    }
    ActionKinds adds = ActionKinds::None();
    adds.add = true;
    Result<std::optional<Action>> action = parser_.Parse(line->text, adds);
    if (!action.ok()) {
      return std::move(action).error().Wrap(fmt::format("{} line {}", checkpoint_text_->key(), line->number));
    }
    if (!action->has_value()) continue;
    AddFile add = std::get<AddFile>(std::move(**action));
    Result<bool> lives = LivesInCheckpoint(add);
    if (!lives.ok()) {
      return std::move(lives).error().Wrap(fmt::format("{} line {}", checkpoint_text_->key(), line->number));
    }
    if (!*lives) continue;
    DropUnwanted(add);
    return std::optional<AddFile>(std::move(add));
  }
  return std::optional<AddFile>();
}

// Whether no newer commit had the last word about the add, and it may match.
Result<bool> LiveFileStream::LivesInCheckpoint(const AddFile& add) {
  DELTIC_TRY(const std::string path, paths_.Of(add.path));
  if (newer_->Superseded(path, DvId(add.deletion_vector))) return false;
  return Matches(add);
}

Result<bool> LiveFileStream::Matches(const AddFile& add) {
  if (!input_.pruner) return true;
  Result<PruneReason> reason =
      input_.pruner->Check({.partition_values = &add.partition_values,
                            .stats_json = add.stats ? std::string_view(*add.stats) : std::string_view(),
                            .has_deletion_vector = add.deletion_vector.has_value()});
  if (!reason.ok()) return std::move(reason).error().Wrap(add.path);
  Count(*counts_, *reason);
  return *reason == PruneReason::kKept;
}

void LiveFileStream::DropUnwanted(AddFile& add) const {
  if (!input_.stats) add.stats.reset();
  if (input_.all_fields) return;
  add.tags.clear();
  add.clustering_provider.reset();
}

// The Parquet files that hold the checkpoint's file actions. A checkpoint's own rows and its sidecars are both read:
// the protocol allows only one of them to hold file actions, and reading both is right either way.
Result<std::vector<std::string>> LiveFileStream::ParquetKeys() {
  const Snapshot& snapshot = *input_.snapshot;
  const std::vector<LogFile>& checkpoint = snapshot.segment().checkpoint;
  std::vector<std::string> keys;
  if (checkpoint.empty()) return keys;
  if (!IsJson(checkpoint)) keys = Keys(checkpoint);
  bool sidecars = checkpoint[0].kind == LogFile::Kind::kUuidCheckpoint;
  if (checkpoint[0].kind == LogFile::Kind::kClassicCheckpoint) {
    sidecars = SupportsFeature(snapshot.protocol(), "v2Checkpoint");
    if (!sidecars && input_.sidecars) sidecars = *input_.sidecars;
    if (!sidecars && !input_.sidecars) {
      // The feature may have been dropped since the checkpoint was written: ask the checkpoint itself.
      DELTIC_TRY(const CheckpointHead head, ReadCheckpointHead(snapshot.store(), checkpoint));
      sidecars = head.protocol && SupportsFeature(*head.protocol, "v2Checkpoint");
    }
  }
  if (!sidecars) return keys;
  DELTIC_TRY(const std::vector<Action> actions, ReadCheckpointActions(snapshot.store(), checkpoint));
  DELTIC_TRY(const std::vector<std::string> found, FindSidecars(*snapshot.store(), checkpoint, actions));
  keys.insert(keys.end(), found.begin(), found.end());
  return keys;
}

Result<std::unique_ptr<FileActionCursor>> LiveFileStream::OpenParquetRemoves() {
  CheckpointRead read{.store = input_.snapshot->store(), .keys = {}, .removes = true, .filter = nullptr};
  DELTIC_TRY(read.keys, ParquetKeys());
  if (read.keys.empty()) return std::unique_ptr<FileActionCursor>();
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  return engine->ReadCheckpointFiles(read);
}

Result<std::unique_ptr<FileActionCursor>> LiveFileStream::OpenParquet() {
  parquet_opened_ = true;
  CheckpointRead read;
  DELTIC_TRY(read.keys, ParquetKeys());
  if (read.keys.empty()) return std::unique_ptr<FileActionCursor>();
  read.store = input_.snapshot->store();
  read.stats = input_.stats || (input_.pruner && input_.pruner->uses_statistics());
  read.all_fields = input_.all_fields;
  if (input_.pruner || !newer_->empty()) {
    read.filter = std::make_shared<CheckpointFilter>(
        CheckpointFilter::Parts{.paths = paths_, .newer = newer_, .counts = counts_}, std::move(input_.pruner));
  }
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  return engine->ReadCheckpointFiles(read);
}

}  // namespace deltic
