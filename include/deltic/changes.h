// Owns the change feed of a table: the rows that were inserted, updated and deleted between two versions. Values in,
// Arrow C streams out. Does not follow a table as it grows: ask again from the version after the last.
//
// Example:
//   deltic::ChangesOptions range;
//   range.from_version = 12;
//   auto changes = deltic::Changes::Open(*table, range);
//   if (!changes.ok()) { std::cerr << changes.error().ToString() << "\n"; return 1; }
//   ArrowArrayStream rows;
//   auto status = changes->Scan({.columns = {"id", "_change_type"}, .where = "_change_type <> 'update_preimage'"},
//   &rows);
//   ... next time from changes->last_version() + 1
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "deltic/table.h"

namespace deltic {

// The range, both ends included: exactly one of the two ways to begin, at most one to end. Without an end it reaches to
// the version that the table is open at. Example: versions 0 to 5 committed at 100, 200, ... 600. From time 250 to time
// 450 are the changes of versions 2 and 3.
struct ChangesOptions {
  std::optional<int64_t> from_version;
  std::optional<int64_t> from_timestamp_ms;  // the first version committed at or after it
  std::optional<int64_t> to_version;
  std::optional<int64_t> to_timestamp_ms;  // the last version committed at or before it
  // The version whose columns the rows have. Without it as Delta Spark chooses: the range's last version when the
  // table's columns are mapped, else the version that the table is open at.
  std::optional<int64_t> schema_version;
};

// The changes of a range. Rows have the table's columns, then
//   _change_type       string: insert, delete, update_preimage, update_postimage
//   _commit_version    long
//   _commit_timestamp  timestamp
// in no order. Immutable, cheap to copy, safe to share among threads.
class DELTIC_EXPORT Changes {
 public:
  struct State;  // deltic's own

  // Reads the range's commits, but no changed rows. InvalidArgument for a range that is none, and when the table did
  // not record changes (delta.enableChangeDataFeed) in one of its versions, which is named. NotFound when versions are
  // not there, or not any more. Unsupported, naming version and column, when columns were dropped, renamed or retyped
  // on the way.
  static Result<Changes> Open(const Table& table, const ChangesOptions& options);

  // The versions that the options meant. Of a range of time without a commit last is first - 1.
  int64_t first_version() const;
  int64_t last_version() const;

  // As the methods of Table; `where` and `columns` may name the three columns too. row_ids is InvalidArgument.
  Status Scan(const ScanOptions& options, ArrowArrayStream* out) const;
  Result<int64_t> Count(const ScanOptions& options = {}) const;
  // Answers rows written; on failure there is no file at `path`.
  Result<int64_t> Export(const ScanOptions& options, ExportFormat format, const std::string& path) const;

  explicit Changes(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const std::shared_ptr<const State>& state() const { return state_; }

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace deltic
