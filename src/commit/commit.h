// Owns the one loop that makes versions: an operation's Intent in, a committed version out, or the conflict that stood
// in its way. Knows no operation: each hands over what it read and the actions it wants.
// Protocol: "Creation of New Log Entries", "Delta Log Entries"; DESIGN section 4.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "base/env.h"
#include "commit/conflict.h"
#include "dv/row_set.h"
#include "expr/predicate.h"
#include "snapshot/snapshot.h"

namespace deltic {

// How an operation names itself in commitInfo, as Spark does. Values are JSON texts: "\"Append\"", "\"[]\"", "true".
struct Operation {
  std::string name;  // "WRITE", "CREATE TABLE", "DELETE", ...
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> metrics;  // plain texts: {"numFiles", "3"}
};

// What the operation's outcome depends on, beside the table's metadata and protocol (always).
struct ReadSet {
  bool whole_table = false;           // every live file
  std::vector<Predicate> predicates;  // the files that may hold a row for which one of these is true
  std::set<std::string> files;        // these very files, by canonical path: rows of theirs were read or replaced
  // Files that it found lost, by canonical path: a winner's new word about one of them may say that it is there again.
  std::set<std::string> lost;
  // Whether it brings files back that are in no newest version any more: a vacuum that begins meanwhile may take them.
  bool deleted_files = false;
  std::set<std::string> app_ids;  // transaction identifiers it looked up
  std::set<std::string> domains;  // metadata domains it read
  // True when no rows had a say in the outcome but those of Intent::marks, each for itself, and those of `files` and of
  // the files that the actions remove: a DELETE or UPDATE, which looks at more files and finds nothing there. Then
  // winners may take away other rows. False for whatever counts, joins or looks rows up: a MERGE that inserts what it
  // did not find depends on the rows that it did find, also where it leaves them as they are.
  bool only_touched = false;
};

// The rows that an operation deletes from a file that goes on living, by a deletion vector.
struct RowMarks {
  std::string path;                    // of the file, as its add action in `base` has it
  std::shared_ptr<const RowSet> rows;  // that this operation deletes: none of them is deleted in `base`
};

struct Intent {
  std::shared_ptr<const Snapshot> base;  // what the operation read; null makes version 0 of a new table in `store`
  std::shared_ptr<ObjectStore> store;    // of a new table only
  Operation operation;
  ReadSet read;
  // All but commitInfo. Adds without base row ids get theirs in the loop; an add for a file that `base` has already
  // (a new deletion vector, new statistics) keeps the file's. Removes carry the file's metadata.
  std::vector<Action> actions;
  // For each file of which `actions` hold a remove with the vector it has in `base` and an add with a new one: what is
  // new. With them, and with read.only_touched, the commit gets past winners that deleted other rows of the file: it
  // writes the union of both vectors and adds that (commit/rebase_rows.h). Else such a winner is a conflict. The new
  // vectors' files are the operation's own: one that the rebase leaves without use is deleted.
  std::vector<RowMarks> marks;
  // WriteSerializable when the table does not say (delta.isolationLevel). An operation that changes no data
  // (OPTIMIZE) asks for kSnapshot.
  std::optional<IsolationLevel> isolation;
  StringMap user_metadata;                        // more members of commitInfo, texts
  std::optional<std::string> user_metadata_text;  // commitInfo.userMetadata
  // True when it commits nothing but new files and its outcome does not depend on what the table holds.
  bool blind_append = false;
  // True for DROP FEATURE: else a protocol that lacks a feature of the table's is refused.
  bool may_drop_features = false;
};

struct CommitOptions {
  // How often it may lose the race for a version. Each loss is another writer's success: under eight writers that
  // commit without a pause, one in eight would give up at 15 (delta-rs) and none in a lifetime does at 100.
  int32_t max_retries = 100;
  Env env;                                // clock, jitter
  std::function<void(int64_t)> sleep_ms;  // how it waits; empty: the thread sleeps
  CancelToken cancel;                     // looked at before each try, never after a write that may have succeeded
  bool upkeep = true;                     // checkpoint, checksum, cleanup after it
  std::string engine_info;                // commitInfo.engineInfo; "" is deltic's own
};

struct Committed {
  int64_t version = 0;
  std::shared_ptr<const Snapshot> snapshot;  // of that version
  int32_t retries = 0;
  int64_t timestamp_ms = 0;
  std::vector<std::string> warnings;  // what upkeep could not do: the commit stands
};

// Conflict (with Error::conflict()) when a winner is in the way, or without a kind when the log was cleaned up or made
// anew since `base` was opened; CommitUnknown when an answer was lost and could not be read back; Unavailable after
// max_retries; AlreadyExists when a table is there where one should be made; Corrupt when a version is missing from the
// log. On every error but CommitUnknown the table is as before, and the caller deletes the files it wrote.
Result<Committed> Commit(const Intent& intent, const CommitOptions& options);

}  // namespace deltic
