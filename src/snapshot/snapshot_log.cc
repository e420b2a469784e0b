// Owns what a snapshot says of its commits: their times, their history, application transactions and domains.
// Protocol: "Commit Provenance Information", "Transaction Identifiers", "Domain Metadata", "In-Commit Timestamps".
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "log/checkpoint.h"
#include "log/checksum.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "snapshot/snapshot_parts.h"

namespace deltic {
namespace {

using Identifiers = Snapshot::Parts::Identifiers;

// Newest first: the first word about an application or a domain is the last that was said.
class IdentifierSearch {
 public:
  void Take(Action&& action) {
    if (SetTransaction* transaction = std::get_if<SetTransaction>(&action)) {
      const std::string app_id = transaction->app_id;
      found_.transactions.emplace(app_id, std::move(*transaction));
    } else if (DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
      const std::string name = domain->domain;
      domains_.emplace(name, std::move(*domain));
    }
  }
  Identifiers Finish() && {
    for (auto& [name, domain] : domains_) {
      if (!domain.removed) found_.domains.push_back(std::move(domain));
    }
    return std::move(found_);
  }

 private:
  Identifiers found_;
  std::map<std::string, DomainMetadata> domains_;
};

Result<Identifiers> ReadIdentifiers(const Snapshot::Parts& parts) {
  const LogSegment& segment = parts.segment;
  ActionKinds kinds = ActionKinds::None();
  kinds.txn = kinds.domain = true;
  ActionParser parser;
  IdentifierSearch search;
  // Commits rather than compactions, where they are there: they surely say which word is the last.
  std::vector<LogFile> files;
  for (const LogFile& delta : segment.deltas) {
    std::vector<LogFile> commits;
    if (delta.kind == LogFile::Kind::kCompaction) commits = segment.CommitsOf(delta);
    if (commits.empty()) commits = {delta};
    files.insert(files.end(), commits.begin(), commits.end());
  }
  parts.texts->Expect({files.rbegin(), files.rend()});
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    DELTIC_TRY(LogFileText text, parts.texts->Read(*file));
    DELTIC_TRY(ReverseActions actions, ReverseActions::Make(std::move(text)));
    while (true) {
      DELTIC_TRY(std::optional<Action> action, actions.Next(parser, kinds));
      if (!action) break;
      search.Take(std::move(*action));
    }
  }
  if (segment.checkpoint_version) {
    DELTIC_TRY(std::vector<Action> actions, ReadCheckpointActions(parts.store, segment.checkpoint));
    for (Action& action : actions) search.Take(std::move(action));
  }
  return std::move(search).Finish();
}

// The commitInfo of each commit, newest first. Behind a network many are read side by side, as far as they will be
// asked for. One thread at a time.
class CommitInfos {
 public:
  CommitInfos(ObjectStore& store, const std::vector<CommitTime>& times, std::optional<int64_t> limit)
      : store_(store), times_(times), wanted_(times.size()) {
    if (limit) wanted_ = std::min(wanted_, static_cast<size_t>(*limit));
  }
  Result<std::optional<CommitInfo>> Next() {
    if (at_ == begin_ + batch_.size()) ReadBatch();
    return *std::move(batch_[at_++ - begin_]);
  }

 private:
  static constexpr size_t kThreads = 32, kBatch = 256;

  void ReadBatch() {
    begin_ = at_;
    const size_t left = times_.size() - at_;
    // Those whose files are gone are passed over: when the limit is reached with them, the next ones come one by one.
    const size_t expected = wanted_ > at_ ? wanted_ - at_ : 1;
    batch_.clear();
    batch_.resize(store_.remote() ? std::min({left, expected, kBatch}) : 1);
    (void)ForEachParallel(batch_.size(), kThreads, [&](size_t i) -> Status {
      batch_[i] = ReadCommitInfo(store_, times_[times_.size() - 1 - begin_ - i].commit);
      return {};
    });
  }

  ObjectStore& store_;
  const std::vector<CommitTime>& times_;
  size_t wanted_;
  size_t at_ = 0, begin_ = 0;
  std::vector<std::optional<Result<std::optional<CommitInfo>>>> batch_;
};

Result<std::shared_ptr<const Identifiers>> GetIdentifiers(const Snapshot::Parts& parts) {
  std::lock_guard lock(parts.mutex);
  if (!parts.identifiers) {
    DELTIC_TRY(Identifiers found, ReadIdentifiers(parts));
    parts.identifiers = std::make_shared<const Identifiers>(std::move(found));
  }
  return parts.identifiers;
}

// Of a version whose commit file is gone: its checksum's in-commit timestamp, else the time its checkpoint was written,
// which is the nearest there is.
int64_t TimeWithoutCommit(ObjectStore& store, const LogSegment& segment) {
  if (segment.checksum && segment.checksum->version == segment.version) {
    const Result<std::string> text = store.Get(segment.checksum->key);
    if (text.ok()) {
      const Result<VersionChecksum> checksum = ParseChecksum(*text);
      if (checksum.ok() && checksum->in_commit_timestamp) return *checksum->in_commit_timestamp;
    }
  }
  return segment.checkpoint.empty() ? 0 : segment.checkpoint[0].modified_ms;
}

Result<int64_t> ReadTimestamp(const Snapshot::Parts& parts) {
  const LogSegment& segment = parts.segment;
  if (!segment.commit()) return TimeWithoutCommit(*parts.store, segment);
  if (UsesInCommitTimestamp(parts.config, segment.version)) {
    return ReadCommitTime(*parts.store, parts.config, {.commit = *segment.commit()});
  }
  // File times are made increasing over the whole log, so that this time is the one history shows.
  std::vector<LogFile> files = segment.commits;
  if (segment.checkpoint_version.value_or(0) > 0) {
    DELTIC_TRY(files, ListLog(*parts.store, {.until = segment.version}));
  }
  for (const CommitTime& time : FileTimes(files)) {
    if (time.commit.version == segment.version) return time.file_ms;
  }
  return segment.commit_modified_ms;
}

}  // namespace

std::shared_ptr<const Identifiers> Identifiers::After(const std::shared_ptr<const Identifiers>& before,
                                                      const std::vector<Action>& commit) {
  std::shared_ptr<Identifiers> after;
  for (const Action& action : commit) {
    const SetTransaction* transaction = std::get_if<SetTransaction>(&action);
    const DomainMetadata* domain = std::get_if<DomainMetadata>(&action);
    if (!transaction && !domain) continue;
    if (!after) after = std::make_shared<Identifiers>(*before);
    if (transaction) {
      after->transactions[transaction->app_id] = *transaction;
      continue;
    }
    const auto place =
        std::lower_bound(after->domains.begin(), after->domains.end(), domain->domain,
                         [](const DomainMetadata& have, const std::string& name) { return have.domain < name; });
    const bool known = place != after->domains.end() && place->domain == domain->domain;
    if (domain->removed) {
      if (known) after->domains.erase(place);
    } else if (known) {
      *place = *domain;
    } else {
      after->domains.insert(place, *domain);
    }
  }
  return after ? after : before;
}

Result<int64_t> Snapshot::TimestampMs() const {
  std::lock_guard lock(parts_->mutex);
  if (!parts_->timestamp_ms) {
    DELTIC_TRY(parts_->timestamp_ms, ReadTimestamp(*parts_));
  }
  return *parts_->timestamp_ms;
}

Result<std::optional<int64_t>> Snapshot::TransactionVersion(const std::string& app_id) const {
  DELTIC_TRY(const std::shared_ptr<const Identifiers> identifiers, GetIdentifiers(*parts_));
  const auto found = identifiers->transactions.find(app_id);
  if (found == identifiers->transactions.end()) return std::optional<int64_t>();
  return std::optional<int64_t>(found->second.version);
}

Result<std::vector<SetTransaction>> Snapshot::Transactions() const {
  DELTIC_TRY(const std::shared_ptr<const Identifiers> identifiers, GetIdentifiers(*parts_));
  std::vector<SetTransaction> transactions;
  for (const auto& [app_id, transaction] : identifiers->transactions) transactions.push_back(transaction);
  return transactions;
}

Result<std::vector<DomainMetadata>> Snapshot::Domains() const {
  DELTIC_TRY(const std::shared_ptr<const Identifiers> identifiers, GetIdentifiers(*parts_));
  return identifiers->domains;
}

Result<std::vector<CommitEntry>> Snapshot::History(std::optional<int64_t> limit) const {
  if (limit && *limit < 0) return InvalidArgument("the history limit {} is negative", *limit);
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*store(), {.until = version()}));
  const std::vector<CommitTime> times = FileTimes(files);
  std::vector<CommitEntry> entries;
  CommitInfos infos(*store(), times, limit);
  for (auto time = times.rbegin(); time != times.rend(); ++time) {
    if (limit && static_cast<int64_t>(entries.size()) >= *limit) break;
    CommitEntry entry{.version = time->commit.version, .timestamp_ms = time->file_ms};
    Result<std::optional<CommitInfo>> info = infos.Next();
    if (!info.ok() && info.error().code() == Code::kNotFound) continue;  // cleaned up since the listing
    if (!info.ok()) return std::move(info).error();
    entry.commit_info = std::move(*info);
    if (UsesInCommitTimestamp(config(), entry.version)) {
      if (!entry.commit_info || !entry.commit_info->in_commit_timestamp) {
        return Corrupt("{}: the table has in-commit timestamps, but this commit's commitInfo has no inCommitTimestamp",
                       time->commit.key);
      }
      entry.timestamp_ms = *entry.commit_info->in_commit_timestamp;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace deltic
