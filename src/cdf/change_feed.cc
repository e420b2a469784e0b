// Owns planning: the commits of a range, what each says of settings and schema, and the refusals that follow.
#include "cdf/change_feed.h"

#include <map>
#include <utility>

#include "base/error.h"
#include "cdf/change_files.h"
#include "cdf/range.h"
#include "cdf/schema_change.h"
#include "features/features.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "log/timestamps.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

TableShape ShapeOf(const Snapshot& snapshot) {
  return {.schema = snapshot.schema(),
          .partition_columns = snapshot.metadata().partition_columns,
          .mode = snapshot.config().mapping_mode};
}

Result<SnapshotPtr> OpenAt(const SnapshotPtr& snapshot, int64_t version) {
  if (version == snapshot->version()) return snapshot;
  return Snapshot::Open(snapshot->store(), {.version = version, .timestamp_ms = std::nullopt});
}

// Walks the commits of a range in order and keeps what holds as of the commit it has come to.
class RangeWalk {
 public:
  // A version after the first that has a metaData action, and what it says.
  struct Change {
    int64_t version = 0;
    TableShape shape;
  };

  RangeWalk(const SnapshotPtr& start, VersionSpan span)
      : store_(start->store()),
        span_(span),
        protocol_(start->protocol()),
        metadata_(start->metadata()),
        config_(start->config()) {}

  Status Walk(const std::vector<LogFile>& files) {
    std::map<int64_t, CommitTime> times;
    for (CommitTime& time : FileTimes(files)) times.emplace(time.commit.version, std::move(time));
    DELTIC_CHECK(CheckFeedIsOn(span_.first));
    for (int64_t version = span_.first; version <= span_.last; ++version) {
      const auto found = times.find(version);
      if (found == times.end()) {
        return NotFound(
            "the commit of version {} is not there: its changes cannot be read; it may have been cleaned up", version);
      }
      DELTIC_CHECK(Read(found->second));
    }
    return {};
  }

  std::vector<FeedCommit>&& TakeCommits() { return std::move(commits_); }
  const std::vector<Change>& changes() const { return changes_; }
  const TableConfig& config() const { return config_; }
  // The first version replaced the schema and removed files, which were written under schemas before it.
  bool first_removes_older_rows() const { return first_has_metadata_ && first_has_removes_; }

 private:
  Status Read(const CommitTime& time) {
    const int64_t version = time.commit.version;
    ActionKinds kinds = ActionKinds::None();
    kinds.metadata = kinds.protocol = kinds.commit_info = true;
    kinds.remove = version == span_.first;
    std::optional<CommitInfo> info;
    bool new_head = false;
    DELTIC_TRY(const LogFileText text, LogFileText::Read(*store_, time.commit));
    DELTIC_CHECK(text.Visit(parser_, kinds, [&](Action&& action) -> Result<bool> {
      if (CommitInfo* given = std::get_if<CommitInfo>(&action)) {
        info = std::move(*given);
      } else if (version == span_.first) {
        // The snapshot that the walk began with has what they say.
        if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) first_has_removes_ |= remove->data_change;
        first_has_metadata_ |= std::holds_alternative<Metadata>(action);
      } else if (Protocol* protocol = std::get_if<Protocol>(&action)) {
        DELTIC_CHECK(CheckReadable(*protocol));
        protocol_ = std::move(*protocol);
        new_head = true;
      } else if (Metadata* metadata = std::get_if<Metadata>(&action)) {
        metadata_ = std::move(*metadata);
        changes_.push_back({.version = version, .shape = {}});
        new_head = true;
      }
      return true;
    }));
    if (new_head) DELTIC_CHECK(TakeHead(version));
    FeedCommit commit{.commit = time.commit, .timestamp_ms = time.file_ms};
    if (UsesInCommitTimestamp(config_, version)) {
      if (!info || !info->in_commit_timestamp) {
        return Corrupt("{}: the table has in-commit timestamps, but this commit's commitInfo has no inCommitTimestamp",
                       time.commit.key);
      }
      commit.timestamp_ms = *info->in_commit_timestamp;
    }
    commits_.push_back(std::move(commit));
    return {};
  }

  Status TakeHead(int64_t version) {
    DELTIC_TRY(config_, MakeTableConfig(protocol_, metadata_));
    DELTIC_CHECK(CheckFeedIsOn(version));
    if (changes_.empty() || changes_.back().version != version) return {};
    TableShape& shape = changes_.back().shape;
    auto fields = ParseSchemaJson(metadata_.schema_string);
    if (!fields.ok()) return std::move(fields).error().Wrap(fmt::format("the schema of version {}", version));
    shape = {
        .schema = std::move(*fields), .partition_columns = metadata_.partition_columns, .mode = config_.mapping_mode};
    auto mapped = CheckColumnMapping(shape.schema, shape.mode);
    if (!mapped.ok()) return std::move(mapped).error().Wrap(fmt::format("the schema of version {}", version));
    return {};
  }

  Status CheckFeedIsOn(int64_t version) const {
    if (config_.change_data_feed) return {};
    return InvalidArgument(
        "changes were not recorded in version {}: delta.enableChangeDataFeed was not true there; leave that version "
        "out "
        "of the range {} to {}",
        version, span_.first, span_.last);
  }

  const std::shared_ptr<ObjectStore> store_;
  const VersionSpan span_;
  Protocol protocol_;
  Metadata metadata_;
  TableConfig config_;
  std::vector<FeedCommit> commits_;
  std::vector<Change> changes_;
  ActionParser parser_;
  bool first_has_metadata_ = false;
  bool first_has_removes_ = false;
};

// As Delta Spark: the schema of the range's end for a table whose columns are mapped, the newest one for others.
Result<SnapshotPtr> ChooseSchema(const SnapshotPtr& snapshot, const SnapshotPtr& start, const RangeWalk& walk,
                                 const ChangeRequest& request, int64_t last) {
  if (request.schema_version) {
    if (*request.schema_version < 0 || *request.schema_version > snapshot->version()) {
      return NotFound("version {}, whose schema is asked for, does not exist: the newest is {}",
                      *request.schema_version, snapshot->version());
    }
    return OpenAt(snapshot, *request.schema_version);
  }
  for (const TableConfig* config : {&start->config(), &walk.config(), &snapshot->config()}) {
    if (config->mapping_mode != MappingMode::kNone) return OpenAt(snapshot, last);
  }
  return snapshot;
}

Status CheckShape(const ShapeComparison& comparison, int64_t rows_version, int64_t read_version) {
  const auto conflict = FindConflict(comparison);
  if (!conflict) return {};
  return Unsupported(
      "changes of version {} cannot be read under the schema of version {}: {}; read shorter ranges, or name another "
      "version whose schema to use",
      rows_version, read_version, *conflict);
}

// What the first version of a range removed has the schema of the versions before it, which the range does not show.
Status CheckRemovedRows(const SnapshotPtr& snapshot, int64_t first, const TableShape& read, int64_t read_version) {
  auto before = OpenAt(snapshot, first - 1);
  if (!before.ok()) {
    // Without it the engine still refuses columns of another type, file by file.
    return before.error().code() == Code::kNotFound ? Status() : Status(std::move(before).error());
  }
  const TableShape rows = ShapeOf(**before);
  return CheckShape({.rows = &rows, .read = &read, .types_only = true, .rows_are_newer = first - 1 > read_version},
                    first, read_version);
}

Status CheckColumnNames(const Fields& schema) {
  for (const char* name : {kChangeTypeColumn, kCommitVersionColumn, kCommitTimestampColumn}) {
    if (FindField(schema, name) == nullptr) continue;
    return Unsupported("the table has a column {} of its own, so its changes cannot be told from it: rename it", name);
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const ChangeFeed>> PlanChangeFeed(const SnapshotPtr& snapshot, const ChangeRequest& request) {
  auto feed = std::make_shared<ChangeFeed>();
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*snapshot->store(), {.from = 0, .until = snapshot->version()}));
  DELTIC_TRY(const VersionSpan span, ResolveRange(*snapshot, files, request));
  feed->first_version = span.first;
  feed->last_version = span.last;
  if (span.last < span.first) {
    feed->schema_of = snapshot;
    DELTIC_CHECK(CheckColumnNames(snapshot->schema()));
    return std::shared_ptr<const ChangeFeed>(std::move(feed));
  }
  DELTIC_TRY(const SnapshotPtr start, OpenAt(snapshot, span.first));
  RangeWalk walk(start, span);
  DELTIC_CHECK(walk.Walk(files));
  DELTIC_TRY(feed->schema_of, ChooseSchema(snapshot, start, walk, request, span.last));
  DELTIC_CHECK(CheckColumnNames(feed->schema_of->schema()));
  const TableShape read = ShapeOf(*feed->schema_of);
  const int64_t read_version = feed->schema_of->version();
  for (const RangeWalk::Change& change : walk.changes()) {
    DELTIC_CHECK(CheckShape({.rows = &change.shape, .read = &read, .rows_are_newer = change.version > read_version},
                            change.version, read_version));
  }
  const TableShape first = ShapeOf(*start);
  DELTIC_CHECK(CheckShape({.rows = &first, .read = &read, .rows_are_newer = span.first > read_version}, span.first,
                          read_version));
  if (span.first > 0 && walk.first_removes_older_rows()) {
    DELTIC_CHECK(CheckRemovedRows(snapshot, span.first, read, read_version));
  }
  feed->commits = walk.TakeCommits();
  return std::shared_ptr<const ChangeFeed>(std::move(feed));
}

Result<ReadSpec> MakeChangeReadSpec(const std::shared_ptr<const ChangeFeed>& feed, const ScanRequest& request) {
  if (request.row_ids) return InvalidArgument("changes have no row ids: ask for them on the table itself");
  const Snapshot& table = *feed->schema_of;
  ReadSpec spec;
  spec.scan.store = table.store();
  spec.scan.mode = table.config().mapping_mode;
  spec.scan.schema = table.schema();
  for (const std::string& name : table.metadata().partition_columns) {
    const StructField* field = FindField(table.schema(), name);
    if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", name);
    spec.scan.partition_columns.push_back(field->name);
  }
  for (auto& [name, kind] :
       {std::pair{kChangeTypeColumn, TypeKind::kString}, std::pair{kCommitVersionColumn, TypeKind::kLong},
        std::pair{kCommitTimestampColumn, TypeKind::kTimestamp}}) {
    StructField field;
    field.name = name;
    field.type = DataType(kind);
    spec.scan.schema.push_back(std::move(field));
    spec.scan.partition_columns.emplace_back(name);
  }
  DELTIC_TRY(spec.columns, ChooseColumns(spec.scan.schema, request.columns));
  spec.scan.files = MakeChangeFiles(feed, spec.scan, request.skipping);
  spec.where = request.where;
  spec.limit = request.limit;
  return spec;
}

}  // namespace deltic
