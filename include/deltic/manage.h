// Owns the public door for changing what a table is (Alter) and for its log's upkeep. Rows are written by
// deltic/write.h.
//
// Example:
//   deltic::Alter alter(*table);
//   auto added = alter.AddColumns({{.definition = "city string comment 'where'", .after = "name"}});
//   if (!added.ok()) { std::cerr << added.error().ToString() << "\n"; return 1; }
//   auto set = alter.SetProperties({{"delta.enableChangeDataFeed", "true"}});
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

// Where a column is: "a", "s.a" for a field of a struct, "`odd.name`.b"; "l.element", "m.key" and "m.value" inside
// lists and maps. A column whose whole name has a dot may be written as it is.
struct ColumnToAdd {
  std::string definition;  // "city string comment 'where'" or a field of the protocol's schema JSON ({"name":...})
  std::string parent;      // the struct it goes into; "" for the table itself
  bool first = false;
  std::string after;  // a column of the same struct; with neither it goes to the end
};

struct ChangeOutcome {
  bool changed = false;  // false when the table was so already: no version was made
  int64_t version = 0;
  std::vector<std::string> warnings;
};

// Changes of one table, each a commit of its own; the table is at the new version afterwards. Errors name column,
// property, constraint or feature: InvalidArgument for what may not be, NotFound and AlreadyExists, ConstraintViolation
// when rows that are there break a new rule, Unsupported for what this build cannot do, Conflict as for writes. One
// thread at a time; `table` must outlive it.
class DELTIC_EXPORT Alter {
 public:
  explicit Alter(Table& table, CommitProperties commit = {}) : table_(&table), commit_(std::move(commit)) {}

  Result<ChangeOutcome> AddColumns(const std::vector<ColumnToAdd>& columns);
  // Renaming and dropping need column mapping (delta.columnMapping.mode = name): only the table's description changes.
  Result<ChangeOutcome> RenameColumn(const std::string& column, const std::string& to);
  Result<ChangeOutcome> DropColumns(const std::vector<std::string>& columns, bool if_exists = false);
  // To a wider type, as "bigint"; needs delta.enableTypeWidening.
  Result<ChangeOutcome> ChangeColumnType(const std::string& column, const std::string& type);
  // false is refused when a row has NULL there.
  Result<ChangeOutcome> SetColumnNullable(const std::string& column, bool nullable);
  Result<ChangeOutcome> SetColumnComment(const std::string& column, const std::optional<std::string>& comment);
  Result<ChangeOutcome> MoveColumn(const std::string& column, bool first, const std::string& after);
  // Spark's SQL; nullopt drops the default.
  Result<ChangeOutcome> SetColumnDefault(const std::string& column, const std::optional<std::string>& expression);
  // Free metadata of a column, values as JSON; an empty value takes the key away.
  Result<ChangeOutcome> SetColumnMetadata(const std::string& column,
                                          const std::map<std::string, std::string>& metadata);

  // delta.feature.X = supported is a property too.
  Result<ChangeOutcome> SetProperties(const std::map<std::string, std::string>& properties);
  Result<ChangeOutcome> UnsetProperties(const std::vector<std::string>& names, bool if_exists = false);
  // Names to Spark's SQL. Rows that are there are checked.
  Result<ChangeOutcome> AddConstraints(const std::map<std::string, std::string>& constraints);
  Result<ChangeOutcome> DropConstraint(const std::string& name, bool if_exists = false);
  Result<ChangeOutcome> AddFeatures(const std::vector<std::string>& names);
  Result<ChangeOutcome> DropFeature(const std::string& name);
  Result<ChangeOutcome> SetName(const std::optional<std::string>& name);
  Result<ChangeOutcome> SetDescription(const std::optional<std::string>& description);
  // No columns: the table is no longer clustered.
  Result<ChangeOutcome> ClusterBy(const std::vector<std::string>& columns);

 private:
  Table* table_;
  CommitProperties commit_;
};

struct CheckpointOutcome {
  int64_t version = 0;
  bool existed = false;  // there was one already
  int64_t size_bytes = 0;
  int64_t actions = 0;
  int64_t sidecars = 0;
};
// Writes the checkpoint of the version that the table is open at.
DELTIC_EXPORT Result<CheckpointOutcome> Checkpoint(const Table& table);

struct LogCleanupOutcome {
  std::vector<std::string> deleted;  // names relative to the table
  std::vector<std::string> failed;   // "name: why"
  int64_t oldest_version = 0;        // that can still be opened
};
// Deletes log files older than delta.logRetentionDuration (or `retention_ms`) that no version kept needs. With
// `dry_run` it only tells which.
DELTIC_EXPORT Result<LogCleanupOutcome> CleanLog(const Table& table, bool dry_run = false,
                                                 std::optional<int64_t> retention_ms = {});
// One file that stands for the commits first..last. InvalidArgument for fewer than two, or versions that are not there.
DELTIC_EXPORT Status CompactLog(const Table& table, int64_t first, int64_t last);

}  // namespace deltic
