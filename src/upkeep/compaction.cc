// Owns log compactions: the commits of a range reconciled into one file. Removes stay, expired or not: they take back
// files of versions before the range. Protocol: "Log Compaction Files", "Action Reconciliation".
#include <map>
#include <set>

#include "actions/actions_json.h"
#include "base/error.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "snapshot/paths.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

// Fed newest first: the first word about anything is the last that was said.
class Reconciliation {
 public:
  explicit Reconciliation(const ObjectStore& store) : paths_(store) {}

  Status Take(Action&& action) {
    if (std::holds_alternative<Protocol>(action)) {
      if (!protocol_) protocol_ = std::move(action);
    } else if (std::holds_alternative<Metadata>(action)) {
      if (!metadata_) metadata_ = std::move(action);
    } else if (const SetTransaction* transaction = std::get_if<SetTransaction>(&action)) {
      const std::string app_id = transaction->app_id;
      transactions_.emplace(app_id, std::move(action));
    } else if (const DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
      const std::string name = domain->domain;
      domains_.emplace(name, std::move(action));
    } else if (AddFile* add = std::get_if<AddFile>(&action)) {
      DELTIC_TRY(const std::string path, paths_.Of(add->path));
      // A version has one file a path: an older add of it is gone even where nobody removed it.
      const bool newest_of_path = added_.insert(path).second;
      if (!NewestOf(path, add->deletion_vector) || !newest_of_path) return {};
      add->data_change = false;
      files_.push_back(std::move(action));
    } else if (RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
      DELTIC_TRY(const std::string path, paths_.Of(remove->path));
      if (!NewestOf(path, remove->deletion_vector)) return {};
      remove->data_change = false;
      files_.push_back(std::move(action));
    }
    return {};
  }

  std::string Text() && {
    std::string text;
    const auto append = [&](const Action& action) { text += ToJson(action) + "\n"; };
    if (protocol_) append(*protocol_);
    if (metadata_) append(*metadata_);
    for (const auto& [name, action] : domains_) append(action);
    for (const auto& [app_id, action] : transactions_) append(action);
    for (auto action = files_.rbegin(); action != files_.rend(); ++action) append(*action);
    return text;
  }

 private:
  bool NewestOf(const std::string& path, const std::optional<DeletionVectorDescriptor>& dv) {
    return files_seen_.emplace(path, dv ? dv->UniqueId() : std::string()).second;
  }

  const CanonicalPaths paths_;
  std::optional<Action> protocol_, metadata_;
  std::map<std::string, Action> transactions_, domains_;
  std::set<std::pair<std::string, std::string>> files_seen_;
  std::set<std::string> added_;
  std::vector<Action> files_;  // newest first
};

Result<std::vector<LogFile>> CommitsOfRange(const Snapshot& snapshot, int64_t from, int64_t to) {
  if (from < 0 || to <= from) {
    return InvalidArgument("a compaction needs two versions or more, the first not after the last: not {} to {}", from,
                           to);
  }
  if (to > snapshot.version()) {
    return InvalidArgument("versions {} to {} cannot be compacted: the newest version is {}", from, to,
                           snapshot.version());
  }
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*snapshot.store(), {.from = from, .until = to}));
  std::vector<LogFile> commits;
  for (const LogFile& file : files) {
    if (file.kind == LogFile::Kind::kCommit && file.version <= to) commits.push_back(file);
  }
  for (int64_t version = from; version <= to; ++version) {
    const size_t at = static_cast<size_t>(version - from);
    if (at >= commits.size() || commits[at].version != version) {
      return InvalidArgument("versions {} to {} cannot be compacted: the commit of version {} is not in the log", from,
                             to, version);
    }
  }
  return commits;
}

}  // namespace

Status WriteCompaction(const Snapshot& snapshot, int64_t from, int64_t to) {
  DELTIC_TRY(const std::vector<LogFile> commits, CommitsOfRange(snapshot, from, to));
  ActionKinds kinds;
  kinds.cdc = kinds.commit_info = kinds.sidecar = kinds.checkpoint_metadata = false;
  ActionParser parser;
  Reconciliation reconciliation(*snapshot.store());
  for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
    DELTIC_TRY(LogFileText text, LogFileText::Read(*snapshot.store(), *commit));
    DELTIC_TRY(ReverseActions actions, ReverseActions::Make(std::move(text)));
    while (true) {
      DELTIC_TRY(std::optional<Action> action, actions.Next(parser, kinds));
      if (!action) break;
      const Status status = reconciliation.Take(std::move(*action));
      if (!status.ok()) return actions.AtLast(status.error());
    }
  }
  std::string text = std::move(reconciliation).Text();
  // A range of commits that say nothing about the table's state has nothing to compact, and an empty file is no log
  // file.
  if (text.empty()) {
    return InvalidArgument("versions {} to {} change nothing: there is nothing to compact", from, to);
  }
  const std::string key = std::string(kLogFolder) + VersionName(from) + "." + VersionName(to) + ".compacted.json";
  Result<PutOutcome> put = snapshot.store()->PutIfAbsent(key, text);
  if (!put.ok()) return std::move(put).error().Wrap(fmt::format("compacting versions {} to {}", from, to));
  return {};
}

}  // namespace deltic
