// Owns the stream of live files: commits newest first, then the checkpoint, the last word about each file kept, and
// what cannot match the predicate dropped as it passes. Memory grows with the commits after the checkpoint, not with
// it. Does not read data files and does not choose log files. Protocol: "Action Reconciliation".
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "actions/actions_json.h"
#include "engine/engine.h"
#include "expr/prune.h"
#include "log/commit_reader.h"
#include "log/log_texts.h"
#include "log/segment.h"
#include "snapshot/paths.h"
#include "snapshot/reconcile.h"
#include "snapshot/snapshot.h"

namespace deltic {

// What a stream of live files is made from.
struct LiveFilesInput {
  std::shared_ptr<const Snapshot> snapshot;  // kept alive
  std::shared_ptr<LogTexts> texts;           // the snapshot's
  std::unique_ptr<Pruner> pruner;            // null: nothing is dropped
  bool stats = true;
  bool all_fields = false;
  // Whether the checkpoint may have sidecars; nullopt when its protocol has not been read.
  std::optional<bool> sidecars;
};

// One thread at a time.
class LiveFileStream final : public LiveFileCursor {
 public:
  explicit LiveFileStream(LiveFilesInput input);

  Result<std::optional<AddFile>> Next() override;
  const PruneCounts& counts() const override { return *counts_; }

  // For counting without making AddFiles: the files that JSON holds first (nullopt after the last), then those of
  // Parquet as the engine's batches (null when there are none).
  Result<std::optional<AddFile>> NextFromJson();
  Result<std::unique_ptr<FileActionCursor>> OpenParquet();
  // The removes that the Parquet files of the checkpoint hold, none left out; null when there are no such files.
  Result<std::unique_ptr<FileActionCursor>> OpenParquetRemoves();

 private:
  Result<std::optional<AddFile>> NextFromCommits();
  Status OpenNextCommit();
  Result<bool> IsReconciled(const LogFileText& compaction);
  Result<std::optional<AddFile>> NextFromJsonCheckpoint();
  Result<bool> TakeFromCommit(Action& action);
  Result<bool> LivesInCheckpoint(const AddFile& add);
  Result<bool> Matches(const AddFile& add);
  void DropUnwanted(AddFile& add) const;
  Result<std::vector<std::string>> ParquetKeys();

  LiveFilesInput input_;
  CanonicalPaths paths_;
  std::shared_ptr<PruneCounts> counts_;
  std::shared_ptr<NewerFiles> newer_;
  ActionParser parser_;
  ActionKinds kinds_;

  std::vector<LogFile> commits_left_;  // the next is the last
  std::optional<ReverseActions> commit_;
  bool json_checkpoint_begun_ = false;
  std::unique_ptr<LogFileText> checkpoint_text_;
  std::optional<LogLines> checkpoint_lines_;
  bool parquet_opened_ = false;
  std::unique_ptr<FileActionCursor> parquet_;
  const std::vector<FileActionView>* batch_ = nullptr;
  size_t batch_at_ = 0;
};

}  // namespace deltic
