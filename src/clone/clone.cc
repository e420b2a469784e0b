// Owns the steps of a CLONE: what it will be, which files it has, the copies, the commit; and that a failure between
// them leaves nothing behind.
#include "clone/clone.h"

#include "alter/alter.h"
#include "alter/operation_text.h"
#include "base/error.h"
#include "clone/clone_files.h"
#include "clone/copy_files.h"
#include "rewrite/replace.h"
#include "snapshot/file_place.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

Operation Describe(const Snapshot& source, const CloneRequest& request, const CloneOutcome& outcome) {
  Operation operation{.name = "CLONE"};
  operation.parameters["source"] = QuotedText("delta.`" + RootName(*source.store()) + "`");
  operation.parameters["sourceVersion"] = std::to_string(source.version());
  operation.parameters["isShallow"] = request.shallow ? "true" : "false";
  operation.metrics = {{"sourceTableSize", std::to_string(outcome.source_size_bytes)},
                       {"sourceNumOfFiles", std::to_string(outcome.source_files)},
                       {"numRemovedFiles", std::to_string(outcome.files_removed)},
                       {"removedFilesSize", std::to_string(outcome.bytes_removed)},
                       {"numCopiedFiles", std::to_string(outcome.files_copied)},
                       {"copiedFilesSize", std::to_string(outcome.bytes_copied)}};
  return operation;
}

class Cloning {
 public:
  Cloning(const std::shared_ptr<const Snapshot>& source, const std::shared_ptr<ObjectStore>& target,
          const std::shared_ptr<const Snapshot>& replaced, const CloneRequest& request, const CloneContext& context)
      : source_(source), target_(target), replaced_(replaced), request_(request), context_(context) {}

  Result<Cloned> Run() {
    DELTIC_TRY(const TableDefinition source, DefinitionOf(*source_));
    if (replaced_) {
      DELTIC_CHECK(CheckWritable(replaced_->protocol()));
      DELTIC_TRY(before_, DefinitionOf(*replaced_));
    }
    DELTIC_TRY(after_,
               PlanClonedDefinition(source, replaced_ ? &before_ : nullptr, request_.properties, context_.commit.env));
    DELTIC_CHECK(CheckWritable(after_.protocol));
    DELTIC_TRY(plan_, PlanClone({.source = source_.get(),
                                 .replaced = replaced_.get(),
                                 .target = target_,
                                 .shallow = request_.shallow,
                                 .env = context_.commit.env,
                                 .cancel = context_.commit.cancel}));
    DELTIC_CHECK(CopyFiles(*target_, plan_.copies,
                           {.parallel = static_cast<size_t>(request_.parallel_copies),
                            .env = context_.commit.env,
                            .cancel = context_.commit.cancel,
                            .progress = plan_.copies.empty() ? ProgressCallback() : request_.progress}));
    Result<Cloned> cloned = CommitClone();
    if (cloned.ok() || cloned.error().code() == Code::kCommitUnknown) return cloned;
    return DiscardCopies(*target_, plan_.copies, std::move(cloned).error());
  }

 private:
  Result<Cloned> CommitClone() {
    Cloned cloned;
    CloneOutcome& outcome = cloned.outcome;
    outcome.source_version = source_->version();
    outcome.source_files = plan_.source_files;
    outcome.source_size_bytes = plan_.source_bytes;
    outcome.files_copied = plan_.data_files_copied;
    outcome.bytes_copied = plan_.data_bytes_copied;
    outcome.files_kept = plan_.kept;
    outcome.files_removed = static_cast<int64_t>(plan_.removed.size());
    for (const AddFile& file : plan_.removed) outcome.bytes_removed += file.size;

    Intent intent{.base = replaced_, .store = target_};
    intent.operation = Describe(*source_, request_, outcome);
    // What others write into the table meanwhile would not be what was replaced.
    intent.read.whole_table = replaced_ != nullptr;
    intent.isolation = IsolationLevel::kSerializable;
    intent.user_metadata = request_.commit.custom_metadata;
    intent.user_metadata_text = request_.commit.user_metadata;
    intent.actions = DefinitionActions(replaced_ ? &before_ : nullptr, after_);
    for (const SetTransaction& transaction : context_.transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      intent.actions.emplace_back(transaction);
    }
    const int64_t now_ms = context_.commit.env.now_ms();
    for (const AddFile& file : plan_.removed) intent.actions.emplace_back(ToRemove(file, now_ms));
    DELTIC_TRY(std::vector<AddFile> adds, FinishAdds(plan_));
    for (AddFile& add : adds) intent.actions.emplace_back(std::move(add));
    DELTIC_TRY(Committed committed, Commit(intent, context_.commit));
    outcome.cloned = true;
    outcome.version = committed.version;
    outcome.retries = committed.retries;
    outcome.warnings = std::move(committed.warnings);
    cloned.snapshot = std::move(committed.snapshot);
    return cloned;
  }

  const std::shared_ptr<const Snapshot>& source_;
  const std::shared_ptr<ObjectStore>& target_;
  const std::shared_ptr<const Snapshot>& replaced_;
  const CloneRequest& request_;
  const CloneContext& context_;
  TableDefinition before_;
  TableDefinition after_;
  ClonePlan plan_;
};

}  // namespace

Result<Cloned> CloneTable(const std::shared_ptr<const Snapshot>& source, const std::shared_ptr<ObjectStore>& target,
                          const std::shared_ptr<const Snapshot>& replaced, const CloneRequest& request,
                          const CloneContext& context) {
  const std::string from = CanonicalRoot(*source->store());
  const std::string to = CanonicalRoot(*target);
  if (from == to) {
    return InvalidArgument("{} cannot be cloned onto itself: to go back to an older version, restore it",
                           target->uri());
  }
  for (const auto& [outer, inner] : {std::pair(&from, &to), std::pair(&to, &from)}) {
    if (!inner->starts_with(*outer)) continue;
    return InvalidArgument("{} lies inside of {}: VACUUM of the outer table would delete the inner one's files", *inner,
                           *outer);
  }
  if (request.parallel_copies < 1) return InvalidArgument("parallel copies must be at least 1");
  if (replaced && request.mode == CloneMode::kErrorIfExists) {
    return AlreadyExists("{}: there is a table (version {}): replace it, or clone to another place", target->uri(),
                         replaced->version());
  }
  if (replaced && request.mode == CloneMode::kIgnore) {
    Cloned cloned{.outcome = {}, .snapshot = replaced};
    cloned.outcome.version = replaced->version();
    cloned.outcome.source_version = source->version();
    return cloned;
  }
  return Cloning(source, target, replaced, request, context).Run();
}

}  // namespace deltic
