// Owns Snapshot: the immutable state of a table at one version, and the ways to make one (open, time travel, advance).
// Opening reads one listing, the commits after the checkpoint (or the version checksum) and the narrow columns of the
// checkpoint: never add actions. Live files stream. Does not read data files.
// Protocol: "Delta Table Specification", "Action Reconciliation".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "expr/predicate.h"
#include "features/features.h"
#include "log/checksum.h"
#include "log/file_sums.h"
#include "log/segment.h"
#include "schema/types.h"
#include "storage/object_store.h"

namespace deltic {

struct FileActionView;  // engine/engine.h

struct SnapshotRequest {
  std::optional<int64_t> version;
  std::optional<int64_t> timestamp_ms;  // the newest version at or before it; see OpenOptions in deltic/table.h
};

struct LiveFilesRequest {
  Predicate predicate{.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
  bool stats = true;        // fill AddFile::stats (a predicate on data columns reads them anyway)
  bool all_fields = false;  // tags and clusteringProvider too
  bool prune = true;        // false: every live file, whatever the predicate
};

// How pruning went so far. Thread-safe.
struct PruneCounts {
  std::atomic<int64_t> by_partition{0};
  std::atomic<int64_t> by_statistics{0};
};

class FileActionCursor;  // engine/engine.h

// One thread at a time.
class LiveFileCursor {
 public:
  virtual ~LiveFileCursor() = default;
  // The next live file, or nullopt at the end. Order: newest commit first, then the checkpoint's.
  virtual Result<std::optional<AddFile>> Next() = 0;
  virtual const PruneCounts& counts() const = 0;
};

struct SnapshotTotals {
  int64_t num_files = 0;
  int64_t size_bytes = 0;
  std::optional<int64_t> num_rows;  // live rows; nullopt when a file has no numRecords
  int64_t num_deletion_vectors = 0;
  int64_t num_deleted_rows = 0;
};

struct StateFilesRequest {
  // Removes are kept when their deletionTimestamp is above it; one without a time counts as deleted in 1970.
  int64_t tombstones_after_ms = 0;
  bool names_only = false;  // without statistics, tags and clustering provider: a few times faster
};

struct CommitEntry {
  int64_t version = 0;
  int64_t timestamp_ms = 0;
  std::optional<CommitInfo> commit_info;
};

// Where a data file is. Exactly one of key (relative to the table's store) and absolute (a local path or a URL) is set.
struct FileLocation {
  std::string key;
  std::string absolute;
};
// Decodes an add's or remove's path. Corrupt for a bad escape, an empty path, or one that leaves the table by "..".
Result<FileLocation> LocateFile(std::string_view path);
// The same file has the same key however its path is written (escapes, file:/x, file:///x, /x): for reconciliation.
Result<std::string> CanonicalPath(std::string_view path);

// Immutable, safe to share among threads.
class Snapshot : public std::enable_shared_from_this<Snapshot> {
 public:
  static Result<std::shared_ptr<const Snapshot>> Open(const std::shared_ptr<ObjectStore>& store,
                                                      const SnapshotRequest& request = {});
  // The newest version, made from this one: reads only what is new. Answers this very snapshot when nothing is.
  Result<std::shared_ptr<const Snapshot>> Advance() const;
  // True when this version's commit is there as it was and none follows it: for writers, who would list a long log
  // before each small commit. False when it cannot be told so cheaply.
  bool IsNewest() const;
  // The version after this one, made of a commit that this process has just written: no I/O. `commit` is its log file,
  // `actions` its actions.
  Result<std::shared_ptr<const Snapshot>> After(const LogFile& commit, const std::vector<Action>& actions) const;
  // Version 0 of a new table, likewise.
  static Result<std::shared_ptr<const Snapshot>> First(const std::shared_ptr<ObjectStore>& store, const LogFile& commit,
                                                       const std::vector<Action>& actions);

  int64_t version() const;
  const Protocol& protocol() const;
  const Metadata& metadata() const;
  const Fields& schema() const;  // parsed metadata().schema_string
  const TableConfig& config() const;
  const LogSegment& segment() const;
  const std::shared_ptr<ObjectStore>& store() const;

  // Of this version's commit: in-commit timestamp or file time, made monotonic. May read the commit file.
  Result<int64_t> TimestampMs() const;
  // Latest transaction version an application committed; nullopt when it never did. Reads txn actions on first use.
  Result<std::optional<int64_t>> TransactionVersion(const std::string& app_id) const;
  // The last transaction of every application, by application.
  Result<std::vector<SetTransaction>> Transactions() const;
  Result<std::vector<DomainMetadata>> Domains() const;  // without removed ones
  // Whether Transactions() and Domains() answer without reading anything.
  bool KnowsIdentifiers() const;
  // What the live files add up to, where somebody counted them (LearnSums); null where nobody did. Never read from a
  // checksum of another writer.
  std::shared_ptr<const FileSums> KnownSums() const;
  void LearnSums(const FileSums& sums) const;
  // What this process wrote into the version's checksum, for that of the next version; null when it wrote none. As a
  // checksum itself, it is for the log's upkeep alone.
  std::shared_ptr<const ChecksumSums> KnownChecksum() const;
  void LearnChecksum(ChecksumSums written) const;
  // What was learnt of the version by another snapshot of it.
  void LearnFrom(const Snapshot& same) const;
  // The same version out of another, complete checkpoint of it or of an older version: no I/O. Internal when the
  // checkpoint is newer. What was learnt of the version stays.
  Result<std::shared_ptr<const Snapshot>> WithCheckpoint(const std::vector<LogFile>& checkpoint) const;

  Result<std::unique_ptr<LiveFileCursor>> LiveFiles(const LiveFilesRequest& request = {}) const;
  // Calls `visit` for each file that LiveFiles would give, as a view that lives during the call: a few times faster for
  // large checkpoints. `visit` answers false to stop; its errors are given the file's path.
  Status VisitLiveFiles(const LiveFilesRequest& request,
                        const std::function<Result<bool>(const FileActionView&)>& visit) const;
  // Every file action that a checkpoint of this version holds, in batches: the live files with all their fields, then
  // the removes that no newer action took back and that have not expired. Memory grows with the commits after the
  // checkpoint, not with it.
  Result<std::unique_ptr<FileActionCursor>> StateFiles(const StateFilesRequest& request) const;
  // Streams the live files without materialising them. The version checksum is not asked: it has no row count, so the
  // files would be read anyway, and writers are known whose counts there are not the log's.
  Result<SnapshotTotals> Totals() const;
  // Newest first. Versions whose commit files are gone are not in it.
  Result<std::vector<CommitEntry>> History(std::optional<int64_t> limit) const;

  struct Parts;
  explicit Snapshot(std::shared_ptr<const Parts> parts);
  ~Snapshot();

 private:
  std::shared_ptr<const Parts> parts_;
};

}  // namespace deltic
