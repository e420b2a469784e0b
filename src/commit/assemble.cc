// Owns the order of a commit's actions and what each retry makes anew. Protocol: "Delta Log Entries", "Actions".
#include "commit/assemble.h"

#include <algorithm>
#include <limits>

#include "actions/actions_json.h"
#include "base/error.h"
#include "commit/commit_checks.h"
#include "commit/commit_info.h"
#include "commit/identity_marks.h"
#include "commit/row_ids.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

template <class T>
T* Find(std::vector<Action>& actions) {
  for (Action& action : actions) {
    if (T* found = std::get_if<T>(&action)) return found;
  }
  return nullptr;
}
template <class T>
const T* Find(const std::vector<Action>& actions) {
  return Find<T>(const_cast<std::vector<Action>&>(actions));
}

// The table as it will be after the commit.
Result<CommitContext> ContextOf(const Intent& intent, const Snapshot* before) {
  CommitContext context;
  context.before = before;
  context.store = before ? before->store().get() : intent.store.get();
  context.may_drop_features = intent.may_drop_features;
  const Protocol* protocol = Find<Protocol>(intent.actions);
  const Metadata* metadata = Find<Metadata>(intent.actions);
  if (!before && (!protocol || !metadata)) return Internal("version 0 needs a protocol and a metaData action");
  context.protocol = protocol ? *protocol : before->protocol();
  context.metadata = metadata ? *metadata : before->metadata();
  if (metadata) {
    DELTIC_TRY(context.schema, ParseSchemaJson(metadata->schema_string));
  } else {
    context.schema = before->schema();
  }
  DELTIC_TRY(context.config, MakeTableConfig(context.protocol, context.metadata));
  return context;
}

int Place(const Action& action) {
  if (std::holds_alternative<CommitInfo>(action)) return 0;
  if (std::holds_alternative<Protocol>(action)) return 1;
  if (std::holds_alternative<Metadata>(action)) return 2;
  if (std::holds_alternative<SetTransaction>(action)) return 3;
  if (std::holds_alternative<DomainMetadata>(action)) return 4;
  return 5;
}

// "In-Commit Timestamps": a table whose history began without them says from which version and time on they count.
void TellEnablement(const Snapshot* before, const Assembled& commit, Metadata& metadata) {
  constexpr const char* kVersion = "delta.inCommitTimestampEnablementVersion";
  constexpr const char* kTimestamp = "delta.inCommitTimestampEnablementTimestamp";
  if (!before) {
    metadata.configuration.erase(kVersion);
    metadata.configuration.erase(kTimestamp);
    return;
  }
  if (!before->config().in_commit_timestamps) {
    metadata.configuration[kVersion] = std::to_string(commit.version);
    metadata.configuration[kTimestamp] = std::to_string(*commit.in_commit_timestamp);
    return;
  }
  for (const char* property : {kVersion, kTimestamp}) {  // they hold for as long as the timestamps do
    const auto had = before->metadata().configuration.find(property);
    if (had != before->metadata().configuration.end()) {
      metadata.configuration[property] = had->second;
    } else {
      metadata.configuration.erase(property);
    }
  }
}

// "Checkpoint Protection": the version that drops a feature is the first that those who do not know it can read. The
// operation could only guess it.
void TellProtectedVersion(const Attempt& attempt, int64_t version, Metadata& metadata) {
  constexpr const char* kProperty = "delta.requireCheckpointProtectionBeforeVersion";
  if (!attempt.intent->may_drop_features || !attempt.before) return;
  const auto wanted = metadata.configuration.find(kProperty);
  if (wanted == metadata.configuration.end()) return;
  const StringMap& had = attempt.intent->base->metadata().configuration;
  const auto before = had.find(kProperty);
  if (before == had.end() || before->second != wanted->second) wanted->second = std::to_string(version);
}

// "Add File and Remove File": whoever reads the log should learn from the remove alone what is gone.
void CompleteRemoves(int64_t now_ms, std::vector<Action>& actions) {
  for (Action& action : actions) {
    RemoveFile* remove = std::get_if<RemoveFile>(&action);
    if (!remove) continue;
    if (!remove->deletion_timestamp) remove->deletion_timestamp = now_ms;
    if (!remove->extended_file_metadata) remove->extended_file_metadata = remove->size.has_value();
  }
}

Status CheckBlindAppend(const Intent& intent) {
  if (!intent.blind_append) return {};
  const ReadSet& read = intent.read;
  bool reads = read.whole_table || !read.predicates.empty() || !read.files.empty();
  for (const Action& action : intent.actions) reads = reads || std::holds_alternative<RemoveFile>(action);
  if (reads) return Internal("a blind append may neither read nor remove files of the table");
  return {};
}

// Operations that move rows from file to file, as Spark names them: all of them write the rows' ids down.
bool KeepsRowIds(const Operation& operation) {
  constexpr std::string_view kNames[] = {"DELETE", "UPDATE", "MERGE", "OPTIMIZE", "REORG"};
  return std::find(std::begin(kNames), std::end(kNames), operation.name) != std::end(kNames);
}

}  // namespace

Result<AttemptNeeds> NeedsOf(const Intent& intent, const Snapshot* before) {
  DELTIC_TRY(const CommitContext context, ContextOf(intent, before));
  AttemptNeeds needs;
  needs.time = before && context.config.in_commit_timestamps;
  needs.row_ids = before && NumbersRows(context.protocol, context.metadata);
  return needs;
}

Result<Assembled> Assemble(const Attempt& attempt) {
  const Intent& intent = *attempt.intent;
  if (attempt.before && attempt.before->version() == std::numeric_limits<int64_t>::max()) {
    return Unsupported("the table is at the last version there can be");
  }
  DELTIC_CHECK(CheckBlindAppend(intent));
  DELTIC_TRY(CommitContext context, ContextOf(intent, attempt.before));
  DELTIC_CHECK(CheckActions(context, intent.actions));

  Assembled commit{.version = attempt.before ? attempt.before->version() + 1 : 0, .timestamp_ms = attempt.now_ms};
  if (context.config.in_commit_timestamps) {
    commit.in_commit_timestamp = attempt.before ? std::max(attempt.now_ms, attempt.before_ms + 1) : attempt.now_ms;
    commit.timestamp_ms = *commit.in_commit_timestamp;
  }
  commit.actions.reserve(intent.actions.size() + 2);
  commit.actions = intent.actions;
  CompleteRemoves(attempt.now_ms, commit.actions);
  if (NumbersRows(context.protocol, context.metadata)) {
    if (!SupportsFeature(context.protocol, "domainMetadata")) {
      return Corrupt("the table supports row tracking but not the feature domainMetadata, which row tracking needs");
    }
    DELTIC_CHECK(NumberRows({.version = commit.version, .high_water = attempt.row_id_mark}, commit.actions));
  }

  CommitInfoFields info{.timestamp_ms = commit.timestamp_ms,
                        .in_commit_timestamp = commit.in_commit_timestamp,
                        .operation = &intent.operation,
                        .isolation = attempt.isolation,
                        .blind_append = intent.blind_append,
                        .engine_info = attempt.engine_info,
                        .txn_id = attempt.txn_id,
                        .user_metadata = &intent.user_metadata,
                        .user_metadata_text = intent.user_metadata_text};
  if (intent.base) info.read_version = intent.base->version();
  if (Metadata* metadata = Find<Metadata>(commit.actions)) {
    if (commit.in_commit_timestamp) TellEnablement(attempt.before, commit, *metadata);
    TellProtectedVersion(attempt, commit.version, *metadata);
    // Spark lets others go on past such a commit when it is told so by this tag.
    const bool marks_only = attempt.before && SameButIdentityMarks(attempt.before->metadata(), *metadata);
    if (marks_only) info.tags["delta.identity.schemaUpdate"] = "true";
  }
  if (attempt.before && attempt.before->config().row_tracking_enabled && KeepsRowIds(intent.operation)) {
    info.tags["delta.rowTracking.preserved"] = "true";
  }
  DELTIC_TRY(CommitInfo commit_info, MakeCommitInfo(info));
  commit.actions.insert(commit.actions.begin(), std::move(commit_info));
  std::stable_sort(commit.actions.begin(), commit.actions.end(),
                   [](const Action& a, const Action& b) { return Place(a) < Place(b); });
  return commit;
}

std::string CommitText(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) {
    text += ToJson(action);
    text += '\n';
  }
  return text;
}

}  // namespace deltic
