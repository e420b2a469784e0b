// Owns what goes into a version checksum, and when there is none: a checksum is right or absent, and must not cost an
// append more than it is worth. Sums grow from version to version by the commit's actions alone; they are counted anew
// only for small tables, and by every checkpoint, which sees all files anyway.
// Protocol: "Version Checksum File", "Writer Requirements".
#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "engine/engine.h"
#include "log/checksum.h"
#include "log/timestamps.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

// Counting so many files takes a few milliseconds, once a process. Whether there are more is guessed by the size of the
// log first, so that a large table does not pay for a count that is given up at every commit.
constexpr int64_t kCountAtMost = 20'000;
constexpr int64_t kCheckpointBytesAtMost = 1 << 20;
constexpr int64_t kCommitBytesAtMost = 8 << 20;
// As Spark: a checksum is read at each opening, and should stay small.
constexpr size_t kIdentifiersAtMost = 100;

std::string ChecksumKey(int64_t version) { return std::string(kLogFolder) + VersionName(version) + ".crc"; }

const CommitInfo* FindCommitInfo(const std::vector<Action>& commit) {
  for (const Action& action : commit) {
    if (const CommitInfo* info = std::get_if<CommitInfo>(&action)) return info;
  }
  return nullptr;
}

std::string TxnId(const CommitInfo* info) {
  if (info == nullptr) return {};
  simdjson::dom::parser parser;
  std::string_view id;
  if (parser.parse(simdjson::padded_string(info->json))["txnId"].get(id) != simdjson::SUCCESS) return {};
  return std::string(id);
}

// What deltic's own checksum of the version before says.
std::optional<ChecksumSums> ReadBefore(const Snapshot& snapshot) {
  if (snapshot.version() == 0) {
    return ChecksumSums{
        .sums = {}, .transactions = std::vector<SetTransaction>(), .domains = std::vector<DomainMetadata>()};
  }
  const Result<std::string> text = snapshot.store()->Get(ChecksumKey(snapshot.version() - 1));
  if (!text.ok()) return std::nullopt;
  return ParseOwnChecksum(*text);
}

bool WorthCounting(const LogSegment& segment) {
  int64_t checkpoint_bytes = 0, commit_bytes = 0;
  for (const LogFile& file : segment.checkpoint) checkpoint_bytes += file.size_bytes;
  for (const LogFile& file : segment.deltas) commit_bytes += file.size_bytes;
  return checkpoint_bytes <= kCheckpointBytesAtMost && commit_bytes <= kCommitBytesAtMost;
}

// nullopt when the table has more files than are worth counting.
Result<std::optional<FileSums>> CountFiles(const Snapshot& snapshot) {
  if (!WorthCounting(snapshot.segment())) return std::optional<FileSums>();
  FileSums sums;
  bool all = true;
  DELTIC_CHECK(snapshot.VisitLiveFiles({.stats = false}, [&](const FileActionView& add) -> Result<bool> {
    sums.Add(add);
    all = sums.num_files <= kCountAtMost;
    return all;
  }));
  if (!all || sums.overflow) return std::optional<FileSums>();
  return std::optional<FileSums>(sums);
}

// The newest word of each, of those before and the commit's.
void Merge(const std::vector<Action>& commit, std::vector<SetTransaction>& transactions,
           std::vector<DomainMetadata>& domains) {
  for (const Action& action : commit) {
    if (const SetTransaction* transaction = std::get_if<SetTransaction>(&action)) {
      std::erase_if(transactions, [&](const SetTransaction& have) { return have.app_id == transaction->app_id; });
      transactions.push_back(*transaction);
    } else if (const DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
      std::erase_if(domains, [&](const DomainMetadata& have) { return have.domain == domain->domain; });
      if (!domain->removed) domains.push_back(*domain);
    }
  }
}

Status SetIdentifiers(const Snapshot& snapshot, const std::vector<Action>& commit,
                      const std::optional<ChecksumSums>& before, ChecksumText& text) {
  if (snapshot.KnowsIdentifiers()) {
    DELTIC_TRY(text.transactions, snapshot.Transactions());
    DELTIC_TRY(text.domains, snapshot.Domains());
  } else if (before && before->transactions && before->domains && !commit.empty()) {
    text.transactions = before->transactions;
    text.domains = before->domains;
    Merge(commit, *text.transactions, *text.domains);
  }
  // Which transactions have expired changes with the clock, so that nobody could verify them.
  if (snapshot.config().transaction_retention_ms) text.transactions.reset();
  if (text.transactions && text.transactions->size() > kIdentifiersAtMost) text.transactions.reset();
  if (text.domains && text.domains->size() > kIdentifiersAtMost) text.domains.reset();
  return {};
}

}  // namespace

Status WriteChecksum(const Snapshot& snapshot, const std::vector<Action>& commit, const Snapshot* before) {
  std::shared_ptr<const FileSums> sums = snapshot.KnownSums();
  std::optional<ChecksumSums> read;
  const bool follows = before != nullptr && before->version() + 1 == snapshot.version();
  const std::shared_ptr<const FileSums> known_before = follows ? before->KnownSums() : nullptr;
  if (!sums && !commit.empty() && known_before) {
    if (const auto after = SumsAfter(*known_before, commit)) snapshot.LearnSums(*after);
  }
  if (!commit.empty() && ((!sums && !known_before) || !snapshot.KnowsIdentifiers())) {
    const auto written_before = follows ? before->KnownChecksum() : nullptr;
    read = written_before ? std::optional(*written_before) : ReadBefore(snapshot);
  }
  if (!sums && !known_before && read && !commit.empty()) {
    if (const auto after = SumsAfter(read->sums, commit)) snapshot.LearnSums(*after);
  }
  sums = snapshot.KnownSums();
  if (!sums) {
    DELTIC_TRY(const std::optional<FileSums> counted, CountFiles(snapshot));
    if (!counted) return {};
    snapshot.LearnSums(*counted);
    sums = snapshot.KnownSums();
  }

  const CommitInfo* info = FindCommitInfo(commit);
  ChecksumText text{.txn_id = TxnId(info),
                    .protocol = snapshot.protocol(),
                    .metadata = snapshot.metadata(),
                    .sums = *sums,
                    .deletion_vectors = snapshot.config().deletion_vectors_supported};
  if (snapshot.config().in_commit_timestamps) {
    if (info != nullptr) text.in_commit_timestamp = info->in_commit_timestamp;
    if (!text.in_commit_timestamp) {
      DELTIC_TRY(text.in_commit_timestamp, snapshot.TimestampMs());
    }
  }
  DELTIC_CHECK(SetIdentifiers(snapshot, commit, read, text));
  Result<PutOutcome> put = snapshot.store()->PutIfAbsentRelaxed(ChecksumKey(snapshot.version()), FormatChecksum(text));
  if (!put.ok()) return std::move(put).error().Wrap(fmt::format("checksum of version {}", snapshot.version()));
  if (*put == PutOutcome::kWritten) {
    snapshot.LearnChecksum(
        {.sums = text.sums, .transactions = std::move(text.transactions), .domains = std::move(text.domains)});
  }
  return {};
}

}  // namespace deltic
