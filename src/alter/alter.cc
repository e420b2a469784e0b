// Owns the order of an ALTER: apply, prove, commit.
#include "alter/alter.h"

#include <fmt/format.h>

#include "base/error.h"
#include "engine/engine.h"
#include "features/feature_sets.h"
#include "scan/table_files.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

// A commit that names more files than this is better made in parts, by OPTIMIZE or by Spark's backfill.
constexpr size_t kMostBackfill = 1'000'000;

Status ProveRows(const std::shared_ptr<const Snapshot>& snapshot, const std::vector<RowProof>& proofs,
                 const CancelToken& cancel) {
  if (proofs.empty()) return {};
  DELTIC_TRY(const auto files, snapshot->LiveFiles({.stats = false, .prune = false}));
  DELTIC_TRY(const std::optional<AddFile> any, files->Next());
  if (!any) return {};
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  for (const RowProof& proof : proofs) {
    ScanRequest request;
    request.where = proof.violation;
    DELTIC_TRY(const ReadSpec spec, MakeReadSpec(snapshot, request));
    DELTIC_TRY(const int64_t rows, engine->Count(spec, cancel));
    if (rows > 0) return ConstraintViolation("{}", fmt::format(fmt::runtime(proof.failure), rows));
  }
  return {};
}

Status CheckFiles(const Snapshot& snapshot, const Altered& altered) {
  if (altered.needs_no_files.empty() && altered.needs_no_deletion_vectors.empty()) return {};
  DELTIC_TRY(const auto files, snapshot.LiveFiles({.stats = false, .prune = false}));
  while (true) {
    DELTIC_TRY(const std::optional<AddFile> file, files->Next());
    if (!file) return {};
    if (!altered.needs_no_files.empty()) return Unsupported("{} (there is {})", altered.needs_no_files, file->path);
    if (file->deletion_vector) return InvalidArgument("{} ({} has one)", altered.needs_no_deletion_vectors, file->path);
  }
}

// Files without row ids, as they are: the commit loop gives them some.
Status AddBackfill(const Snapshot& snapshot, const CancelToken& cancel, std::vector<Action>& actions) {
  DELTIC_TRY(const auto files, snapshot.LiveFiles({.stats = true, .all_fields = true, .prune = false}));
  size_t count = 0;
  while (true) {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(std::optional<AddFile> file, files->Next());
    if (!file) return {};
    if (file->base_row_id) continue;
    if (++count > kMostBackfill) {
      return Unsupported(
          "row tracking cannot be turned on here: more than {} files have no row ids, which is too much "
          "for one commit: turn it on with Spark",
          kMostBackfill);
    }
    file->data_change = false;
    actions.emplace_back(std::move(*file));
  }
}

Intent MakeIntent(const std::shared_ptr<const Snapshot>& snapshot, const Altered& altered) {
  Intent intent;
  intent.base = snapshot;
  intent.operation = altered.operation;
  intent.may_drop_features = altered.drops_feature;
  const bool reads_rows =
      !altered.proofs.empty() || altered.backfill_row_ids || altered.drops_feature || !altered.needs_no_files.empty();
  if (!reads_rows) return intent;
  intent.read.whole_table = true;
  intent.isolation = IsolationLevel::kSerializable;
  return intent;
}

// One change, one commit.
Result<Committed> CommitChange(const std::shared_ptr<const Snapshot>& snapshot, const TableDefinition& before,
                               const Altered& altered, const CommitOptions& options, const AlterExtras& extras) {
  if (!altered.Changes(before)) return Committed{.version = snapshot->version(), .snapshot = snapshot};
  Intent intent = MakeIntent(snapshot, altered);
  intent.actions = DefinitionActions(&before, altered.table);
  if (altered.backfill_row_ids) DELTIC_CHECK(AddBackfill(*snapshot, options.cancel, intent.actions));
  intent.user_metadata = extras.user_metadata;
  intent.user_metadata_text = extras.user_metadata_text;
  for (const SetTransaction& transaction : extras.transactions) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(transaction);
  }
  return Commit(intent, options);
}

// A reader's feature: first what turns it off, then a checkpoint that knows nothing of it, then the protocol without it
// and a checkpoint of that. Clients without the feature read from there on and need nothing older.
Result<Committed> DropReaderFeature(std::shared_ptr<const Snapshot> snapshot, const DropFeature& change,
                                    const Altered& first, const CommitOptions& options, const AlterExtras& extras) {
  if (first.first_set || first.first_unset) {
    const Change off = first.first_set ? Change(*first.first_set) : Change(*first.first_unset);
    DELTIC_TRY(const Committed done, AlterTable(snapshot, off, options));
    snapshot = done.snapshot;
  }
  DELTIC_TRY(const TableDefinition before, DefinitionOf(*snapshot));
  DELTIC_TRY(Altered altered, ApplyChange(before, change, options.env));
  DELTIC_CHECK(CheckFiles(*snapshot, altered));
  const Result<CheckpointDone> checkpoint = WriteCheckpoint(*snapshot, options.env, options.cancel);
  if (!checkpoint.ok()) {
    return Error(checkpoint.error())
        .Wrap("the feature " + change.name + " needs a checkpoint before it can be dropped");
  }
  altered.table.metadata.configuration["delta.requireCheckpointProtectionBeforeVersion"] =
      std::to_string(snapshot->version() + 1);
  CommitOptions once = options;
  once.max_retries = 0;  // the version is in the metadata: another writer's success makes it wrong
  once.upkeep = false;
  DELTIC_TRY(Committed done, CommitChange(snapshot, before, altered, once, extras));
  const Result<CheckpointDone> after = WriteCheckpoint(*done.snapshot, options.env, options.cancel);
  if (!after.ok()) done.warnings.push_back("no checkpoint was written: " + after.error().message());
  return done;
}

}  // namespace

Result<TableDefinition> DefinitionOf(const Snapshot& snapshot) {
  TableDefinition definition{
      .protocol = snapshot.protocol(), .metadata = snapshot.metadata(), .schema = snapshot.schema(), .domains = {}};
  if (SupportsFeature(snapshot.protocol(), "domainMetadata")) {
    DELTIC_TRY(definition.domains, snapshot.Domains());
  }
  return definition;
}

Result<Committed> AlterTable(const std::shared_ptr<const Snapshot>& snapshot, const Change& change,
                             const CommitOptions& options, const AlterExtras& extras) {
  CommitOptions full = options;
  const Env real = RealEnv();
  if (!full.env.now_ms) full.env.now_ms = real.now_ms;
  if (!full.env.random) full.env.random = real.random;
  DELTIC_TRY(const TableDefinition before, DefinitionOf(*snapshot));
  DELTIC_TRY(const Altered altered, ApplyChange(before, change, full.env));
  DELTIC_CHECK(CheckFiles(*snapshot, altered));
  if (altered.protect_checkpoints) {
    return DropReaderFeature(snapshot, std::get<DropFeature>(change), altered, full, extras);
  }
  DELTIC_CHECK(ProveRows(snapshot, altered.proofs, full.cancel));
  return CommitChange(snapshot, before, altered, full, extras);
}

}  // namespace deltic
