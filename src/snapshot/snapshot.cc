// Owns the making of snapshots: open, time travel, advance; and the checks that come before a table is believed.
// The live files are live_files.cc's, protocol and metadata are found by head.cc, history and transactions by
// snapshot_log.cc. Protocol: "Delta Table Specification", "Reader Version Requirements".
#include "snapshot/snapshot.h"

#include <algorithm>

#include "actions/actions_json.h"
#include "base/error.h"
#include "log/checkpoint.h"
#include "log/listing.h"
#include "log/timestamps.h"
#include "schema/schema_json.h"
#include "snapshot/head.h"
#include "snapshot/snapshot_parts.h"

namespace deltic {
namespace {

using Parts = Snapshot::Parts;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

std::string LookedIn(const LogSegment& segment) {
  std::string text;
  if (segment.checkpoint_version) text = fmt::format("the checkpoint of version {}", *segment.checkpoint_version);
  if (segment.deltas.empty()) return text;
  if (!text.empty()) text += " and ";
  return text + fmt::format("the commits {} to {}", segment.deltas.front().from_version, segment.version);
}

Result<Metadata> ReadMetadataText(const MetadataText& text) {
  ActionParser parser;
  ActionKinds kinds = ActionKinds::None();
  kinds.metadata = true;
  Result<std::optional<Action>> action = parser.Parse(text.line, kinds);
  if (!action.ok()) return std::move(action).error().Wrap(text.where);
  if (!action->has_value()) return Corrupt("{}: the metaData action is null", text.where);
  return std::get<Metadata>(std::move(**action));
}

// Whether this build may read the table, and what its columns are. The protocol is judged before a byte of the metadata
// is interpreted: what an unknown feature does to the rest is not ours to guess.
Status Interpret(TableHead head, Parts& parts) {
  const int64_t version = parts.segment.version;
  if (!head.protocol) {
    return Corrupt("version {} has no protocol action: {} hold none; the log is damaged", version,
                   LookedIn(parts.segment));
  }
  parts.protocol = std::move(*head.protocol);
  DELTIC_CHECK(CheckReadable(parts.protocol));
  if (head.metadata) {
    parts.metadata = std::move(*head.metadata);
  } else if (head.metadata_text) {
    DELTIC_TRY(parts.metadata, ReadMetadataText(*head.metadata_text));
  } else {
    return Corrupt("version {} has no metaData action: {} hold none; the log is damaged", version,
                   LookedIn(parts.segment));
  }
  if (parts.metadata.format.provider != "parquet") {
    return Unsupported("the table's data files are of format '{}': deltic reads parquet only",
                       parts.metadata.format.provider);
  }
  Result<Fields> schema = ParseSchemaJson(parts.metadata.schema_string);
  if (!schema.ok()) return std::move(schema).error().Wrap(fmt::format("the schema of version {}", version));
  parts.schema = std::move(*schema);
  if (SupportsFeature(parts.protocol, "typeWidening") || SupportsFeature(parts.protocol, "typeWidening-preview")) {
    DELTIC_CHECK(CheckTypeChanges(parts.schema));
  }
  for (const std::string& column : parts.metadata.partition_columns) {
    if (!FindField(parts.schema, column)) {
      return Corrupt("version {}: the partition column '{}' is not in the schema", version, column);
    }
  }
  DELTIC_TRY(parts.config, MakeTableConfig(parts.protocol, parts.metadata));
  return CheckColumnMapping(parts.schema, parts.config.mapping_mode);
}

// Where a snapshot's log is, and what of it is in memory.
struct Log {
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<LogTexts> texts;
};

Log OpenLog(const std::shared_ptr<ObjectStore>& store) { return {store, std::make_shared<LogTexts>(store)}; }

Result<std::shared_ptr<Parts>> MakeParts(Log log, LogSegment segment, TableHead head) {
  auto parts = std::make_shared<Parts>();
  parts->store = std::move(log.store);
  parts->texts = std::move(log.texts);
  parts->segment = std::move(segment);
  if (head.checkpoint_protocol) {
    parts->checkpoint_may_have_sidecars = SupportsFeature(*head.checkpoint_protocol, "v2Checkpoint");
  }
  Status status = Interpret(std::move(head), *parts);
  if (!status.ok()) return std::move(status).error().Wrap(parts->store->uri());
  return parts;
}

Result<SnapshotPtr> Build(Log log, LogSegment segment, TableHead head) {
  DELTIC_TRY(std::shared_ptr<Parts> parts, MakeParts(std::move(log), std::move(segment), std::move(head)));
  return SnapshotPtr(std::make_shared<Snapshot>(std::move(parts)));
}

// Another version of which protocol and metadata are the same.
std::shared_ptr<Parts> SameHead(const Parts& parts, LogSegment segment) {
  auto same = std::make_shared<Parts>();
  same->store = parts.store;
  same->texts = parts.texts;
  same->protocol = parts.protocol;
  same->metadata = parts.metadata;
  same->schema = parts.schema;
  same->config = parts.config;
  if (segment.checkpoint_version == parts.segment.checkpoint_version) {
    same->checkpoint_may_have_sidecars = parts.checkpoint_may_have_sidecars;
  }
  same->segment = std::move(segment);
  return same;
}

// What a commit says of protocol and metadata.
TableHead HeadOf(const std::vector<Action>& actions) {
  TableHead head;
  for (const Action& action : actions) {
    if (const Protocol* protocol = std::get_if<Protocol>(&action)) head.protocol = *protocol;
    if (const Metadata* metadata = std::get_if<Metadata>(&action)) head.metadata = *metadata;
  }
  return head;
}

// When the newest commit of `parts` happened, where that can be told without I/O: by its commitInfo, or by its file's
// time made later than that of the version before (`before`, when it is known).
std::optional<int64_t> OwnTime(const Parts& parts, const std::vector<Action>& actions, std::optional<int64_t> before) {
  if (!UsesInCommitTimestamp(parts.config, parts.segment.version)) {
    if (!before) return std::nullopt;
    return std::max(parts.segment.commit_modified_ms, *before + 1);
  }
  for (const Action& action : actions) {
    if (const CommitInfo* info = std::get_if<CommitInfo>(&action)) return info->in_commit_timestamp;
  }
  return std::nullopt;
}

// Lists, chooses and reads. A checkpoint or compaction that cannot be read is left out and the choice made again: older
// ones and plain commits say the same, where they are still there. A commit that was listed and is gone a moment later
// (the log is being cleaned up) is worth one fresh listing.
Result<SnapshotPtr> OpenVersion(const std::shared_ptr<ObjectStore>& store, std::optional<int64_t> version) {
  SegmentRequest request{.version = version};
  const Log log = OpenLog(store);
  std::optional<Error> first_error;
  bool listed_again = false;
  while (true) {
    Result<LogSegment> segment = FindSegment(*store, request);
    if (!segment.ok()) return first_error ? *std::move(first_error) : std::move(segment).error();
    HeadOutcome outcome = ReadHead(store, *log.texts, *segment);
    if (!outcome.error) return Build(log, std::move(*segment), std::move(outcome.head));
    const bool gone = outcome.error->code() == Code::kNotFound;
    if (!first_error) first_error = std::move(*outcome.error).Wrap(store->uri());
    if (outcome.replaceable) {
      request.unreadable.insert(outcome.failed.begin(), outcome.failed.end());
      continue;
    }
    if (gone && !listed_again) {
      listed_again = true;
      continue;
    }
    if (!gone) return *std::move(first_error);
    return Unavailable("{}: {} was listed but is gone: the log is being cleaned up; try again", store->uri(),
                       outcome.failed.empty() ? "a log file" : outcome.failed[0]);
  }
}

Result<SnapshotPtr> OpenAt(const std::shared_ptr<ObjectStore>& store, int64_t timestamp_ms) {
  // The newest version's properties say how commits are dated, and it often is the answer.
  DELTIC_TRY(SnapshotPtr newest, OpenVersion(store, {}));
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*store));
  Result<int64_t> version =
      FindVersionAt(*store, {.files = &files, .config = &newest->config(), .timestamp_ms = timestamp_ms});
  if (!version.ok()) return std::move(version).error().Wrap(store->uri());
  if (*version == newest->version()) return newest;
  return OpenVersion(store, *version);
}

// Whether the log that `listed` shows, from the snapshot's version on, goes on from the snapshot. A table that was
// deleted and made anew, or restored from a backup, does not.
bool GoesOn(const LogSegment& segment, const std::vector<LogFile>& listed) {
  const LogFile* commit = segment.commit();
  const std::string& key = commit ? commit->key : segment.checkpoint[0].key;
  const int64_t size = commit ? commit->size_bytes : segment.checkpoint[0].size_bytes;
  const int64_t modified = commit ? commit->modified_ms : segment.checkpoint[0].modified_ms;
  return std::any_of(listed.begin(), listed.end(), [&](const LogFile& file) {
    return file.key == key && file.size_bytes == size && file.modified_ms == modified;
  });
}

// The snapshot's own files and the newly listed ones.
std::vector<LogFile> Together(const LogSegment& segment, const std::vector<LogFile>& listed) {
  std::vector<LogFile> files = segment.checkpoint;
  files.insert(files.end(), segment.deltas.begin(), segment.deltas.end());
  files.insert(files.end(), segment.commits.begin(), segment.commits.end());
  if (segment.checksum) files.push_back(*segment.checksum);
  files.insert(files.end(), listed.begin(), listed.end());
  return files;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Snapshot::~Snapshot() = default;

int64_t Snapshot::version() const { return parts_->segment.version; }
const Protocol& Snapshot::protocol() const { return parts_->protocol; }
const Metadata& Snapshot::metadata() const { return parts_->metadata; }
const Fields& Snapshot::schema() const { return parts_->schema; }
const TableConfig& Snapshot::config() const { return parts_->config; }
const LogSegment& Snapshot::segment() const { return parts_->segment; }
const std::shared_ptr<ObjectStore>& Snapshot::store() const { return parts_->store; }

Result<SnapshotPtr> Snapshot::Open(const std::shared_ptr<ObjectStore>& store, const SnapshotRequest& request) {
  if (request.version && request.timestamp_ms) {
    return InvalidArgument("a version and a point in time were both given: give one of them");
  }
  if (request.timestamp_ms) return OpenAt(store, *request.timestamp_ms);
  return OpenVersion(store, request.version);
}

Result<SnapshotPtr> Snapshot::Advance() const {
  DELTIC_TRY(const std::vector<LogFile> listed, ListLog(*store(), {.from = version()}));
  if (!GoesOn(segment(), listed)) return OpenVersion(store(), {});
  Result<LogSegment> next = ChooseSegment(Together(segment(), listed), {});
  if (!next.ok()) return OpenVersion(store(), {});  // it may still be whole when listed whole; else the error is right
  const bool same_checkpoint = next->checkpoint_version == segment().checkpoint_version;
  if (next->version == version() && same_checkpoint) return shared_from_this();

  std::vector<LogFile> unread;
  for (const LogFile& file : next->deltas) {
    if (file.version > version()) unread.push_back(file);
  }
  // A new checkpoint can hide commits between this version and itself; they are still there to be read one by one.
  if (next->checkpoint_version && *next->checkpoint_version > version()) {
    std::vector<LogFile> hidden;
    for (const LogFile& file : listed) {
      const bool between = file.version > version() && file.version <= *next->checkpoint_version;
      if (file.kind == LogFile::Kind::kCommit && between) hidden.push_back(file);
    }
    if (static_cast<int64_t>(hidden.size()) != *next->checkpoint_version - version()) return OpenVersion(store(), {});
    unread.insert(unread.begin(), hidden.begin(), hidden.end());
  }
  HeadOutcome outcome = ReadNewHead(*parts_->texts, unread);
  if (outcome.error) return OpenVersion(store(), {});
  if (!outcome.head.protocol && !outcome.head.metadata_text) {
    const std::shared_ptr<Parts> parts = SameHead(*parts_, std::move(*next));
    if (parts->segment.version == version()) {  // only the checkpoint is new: nothing that was learnt is lost
      std::lock_guard lock(parts_->mutex);
      parts->identifiers = parts_->identifiers;
      parts->timestamp_ms = parts_->timestamp_ms;
    }
    return SnapshotPtr(std::make_shared<Snapshot>(parts));
  }
  if (!outcome.head.protocol) outcome.head.protocol = protocol();
  if (!outcome.head.metadata_text) outcome.head.metadata = metadata();
  return Build({store(), parts_->texts}, std::move(*next), std::move(outcome.head));
}

bool Snapshot::IsNewest() const {
  const LogFile* commit = segment().commit();
  if (commit == nullptr) return false;
  if (store()->remote()) {  // one listing of two names rather than two questions one after the other
    const Result<std::vector<LogFile>> listed = ListLog(*store(), {.from = version(), .until = version() + 1});
    return listed.ok() && GoesOn(segment(), *listed) &&
           std::none_of(listed->begin(), listed->end(), [&](const LogFile& file) { return file.version > version(); });
  }
  const Result<ObjectMeta> next = store()->Head(std::string(kLogFolder) + VersionName(version() + 1) + ".json");
  if (next.ok() || next.error().code() != Code::kNotFound) return false;
  const Result<ObjectMeta> own = store()->Head(commit->key);
  return own.ok() && own->size_bytes == commit->size_bytes && own->modified_ms == commit->modified_ms;
}

Result<SnapshotPtr> Snapshot::After(const LogFile& commit, const std::vector<Action>& actions) const {
  if (commit.kind != LogFile::Kind::kCommit || commit.version != version() + 1) {
    return Internal("{} does not follow version {}", commit.key, version());
  }
  LogSegment next = segment();
  next.version = commit.version;
  next.deltas.push_back(commit);
  next.commits.push_back(commit);
  next.commit_modified_ms = commit.modified_ms;

  TableHead head = HeadOf(actions);
  std::shared_ptr<Parts> parts;
  if (head.protocol || head.metadata) {
    if (!head.protocol) head.protocol = protocol();
    if (!head.metadata) head.metadata = metadata();
    DELTIC_TRY(parts, MakeParts({store(), parts_->texts}, std::move(next), std::move(head)));
    parts->checkpoint_may_have_sidecars = parts_->checkpoint_may_have_sidecars;
  } else {
    parts = SameHead(*parts_, std::move(next));
  }
  std::lock_guard lock(parts_->mutex);
  parts->timestamp_ms = OwnTime(*parts, actions, parts_->timestamp_ms);
  if (parts_->identifiers) parts->identifiers = Parts::Identifiers::After(parts_->identifiers, actions);
  return SnapshotPtr(std::make_shared<Snapshot>(std::move(parts)));
}

Result<SnapshotPtr> Snapshot::First(const std::shared_ptr<ObjectStore>& store, const LogFile& commit,
                                    const std::vector<Action>& actions) {
  if (commit.kind != LogFile::Kind::kCommit || commit.version != 0) return Internal("{} is not version 0", commit.key);
  LogSegment segment;
  segment.deltas = segment.commits = {commit};
  segment.commit_modified_ms = commit.modified_ms;
  DELTIC_TRY(const std::shared_ptr<Parts> parts, MakeParts(OpenLog(store), std::move(segment), HeadOf(actions)));
  parts->timestamp_ms = OwnTime(*parts, actions, commit.modified_ms - 1);
  parts->identifiers = Parts::Identifiers::After(std::make_shared<const Parts::Identifiers>(), actions);
  return SnapshotPtr(std::make_shared<Snapshot>(parts));
}

bool Snapshot::KnowsIdentifiers() const {
  std::lock_guard lock(parts_->mutex);
  return parts_->identifiers != nullptr;
}

std::shared_ptr<const FileSums> Snapshot::KnownSums() const {
  std::lock_guard lock(parts_->mutex);
  return parts_->sums;
}

void Snapshot::LearnSums(const FileSums& sums) const {
  if (sums.overflow) return;
  std::lock_guard lock(parts_->mutex);
  parts_->sums = std::make_shared<const FileSums>(sums);
}

std::shared_ptr<const ChecksumSums> Snapshot::KnownChecksum() const {
  std::lock_guard lock(parts_->mutex);
  return parts_->checksum;
}

void Snapshot::LearnChecksum(ChecksumSums written) const {
  auto checksum = std::make_shared<const ChecksumSums>(std::move(written));
  std::lock_guard lock(parts_->mutex);
  parts_->checksum = std::move(checksum);
}

void Snapshot::LearnFrom(const Snapshot& same) const {
  const auto sums = same.KnownSums();
  const auto checksum = same.KnownChecksum();
  std::lock_guard lock(parts_->mutex);
  if (!parts_->sums) parts_->sums = sums;
  if (!parts_->checksum) parts_->checksum = checksum;
}

Result<SnapshotPtr> Snapshot::WithCheckpoint(const std::vector<LogFile>& checkpoint) const {
  if (checkpoint.empty() || checkpoint[0].version > version()) {
    return Internal("a checkpoint after version {} cannot be of it", version());
  }
  LogSegment next = segment();
  const int64_t from = checkpoint[0].version;
  const auto through = [&](const LogFile& file) { return file.version <= from; };
  const bool straddles = std::any_of(next.deltas.begin(), next.deltas.end(), [&](const LogFile& file) {
    return file.from_version <= from && file.version > from;
  });
  if (straddles) next.deltas = next.commits;
  next.checkpoint_version = from;
  next.checkpoint = checkpoint;
  std::erase_if(next.deltas, through);
  std::erase_if(next.commits, [&](const LogFile& file) { return file.version < from; });
  if (next.checksum && next.checksum->version < from) next.checksum.reset();
  std::shared_ptr<Parts> parts = SameHead(*parts_, std::move(next));
  parts->checkpoint_may_have_sidecars.reset();
  std::lock_guard lock(parts_->mutex);
  parts->identifiers = parts_->identifiers;
  parts->timestamp_ms = parts_->timestamp_ms;
  parts->sums = parts_->sums;
  parts->checksum = parts_->checksum;
  return SnapshotPtr(std::make_shared<Snapshot>(std::move(parts)));
}

}  // namespace deltic
