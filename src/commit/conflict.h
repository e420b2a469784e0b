// Owns the rules by which a concurrent winner is in the way of an operation, as a pure function over the two.
// Does no I/O. The rules are those of Delta Spark's conflict checker ("Concurrency control" in Delta's manual), made
// precise where Spark is coarse: predicates are held against statistics too, not against partitions only.
//
// clang-format off
//   the winner ...                           conflicts with an operation that ...                       kind
//   takes a feature away, or adds one that   does anything                                              ProtocolChanged
//     its files may not obey
//   changes the protocol at all              changes protocol or metadata                               ProtocolChanged
//   changes the metadata                     does anything; but where only marks of identity columns    MetadataChanged
//                                            moved or nothing differs: changes the metadata itself
//   writes a metadata domain                 writes or read that domain (row tracking's is merged)      ConcurrentTransaction
//   commits an application's transaction     commits or read that application's                         ConcurrentTransaction
//   adds a file, not as a blind append       read rows that the file may hold; not under kSnapshot      ConcurrentAppend
//   adds a file as a blind append            the same, under kSerializable, or when it changes the      ConcurrentAppend
//                                            metadata
//   adds a file                              found that very file lost                                  ConcurrentAppend
//   removes a file, or rows of it, of a      would have read rows of that append, and got past it as     ConcurrentAppend
//     blind append after the base; not         ordered before it
//     where it only rearranges files
//   removes a file                           read that file; or the table, or rows the file may hold,   ConcurrentDeleteRead
//                                            unless it says that only touched files matter (only_touched)
//   removes a file                           removes it too                                             ConcurrentDeleteDelete
//   begins a vacuum                          brings removed files back                                  ConcurrentDeleteRead
//   deletes rows of a file by its vector     (only_touched) deletes some of the same rows by a vector   ConcurrentDeleteDelete
//   (removes and adds the path again)        (not only_touched) as removing and adding the file
//   revives rows of a file by its vector     as removing and adding the file                            as there
// clang-format on
// Blind appends meet none of those about files. An operation with only_touched that is past a winner found exactly the
// rows that it would have found after it, for those that the winner deleted are none of its own: the order of versions
// is a serial order, under kSerializable as well.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"

namespace deltic {

struct Intent;

// kSerializable: the history's order is a serial order. kWriteSerializable: blind appends may be ordered before
// operations that read (their rows are not seen by them). kSnapshot: only removes conflict, of files read or removed.
enum class IsolationLevel : uint8_t { kSerializable, kWriteSerializable, kSnapshot };

// As commitInfo and delta.isolationLevel write it: "Serializable", "WriteSerializable", "SnapshotIsolation".
std::string_view IsolationName(IsolationLevel level);

// The level an operation commits at: what it asks for; kSnapshot when it does nothing but rearrange files (no file
// action changes data); else the table's delta.isolationLevel; else kWriteSerializable. A property that names no level
// is taken for the strictest.
IsolationLevel LevelOf(const Intent& intent);

// What a winner's remove and add of one path, with another vector or the same, means to an operation.
enum class RowEffect : uint8_t {
  kApart,    // it deleted rows, none of them the operation's
  kMeets,    // some of them are the operation's too
  kRevives,  // rows that were deleted live again
  kUnknown,  // it cannot be told
};

// One version that others committed after the intent's base.
struct Winner {
  int64_t version = 0;
  std::vector<Action> actions;
  bool blind_append = false;  // by its commitInfo
  bool data_change = false;   // some file action says so
  std::string operation;      // by its commitInfo; "" when it does not say
  // By canonical path, of files that matter (commit/rebase_rows.h); any other is judged as removed and added.
  std::map<std::string, RowEffect> row_effects;
};
// Of a commit's actions.
Winner MakeWinner(int64_t version, std::vector<Action> actions);

// What an operation may be in conflict about, prepared once and asked winner by winner. One thread at a time.
class ConflictCheck {
 public:
  // `intent` must have a base and outlive this. Corrupt for a path of its own that is none.
  static Result<ConflictCheck> Make(const Intent& intent, IsolationLevel level);
  ConflictCheck(ConflictCheck&&) noexcept;
  ConflictCheck& operator=(ConflictCheck&&) noexcept;
  ~ConflictCheck();
  // Ok, or Conflict naming the rule, the winner's version and the file. Corrupt when a winner's file cannot be judged.
  Status Check(const Winner& winner);
  // Its two halves: the table itself, and its files.
  Status CheckTable(const Winner& winner);
  Status CheckFiles(const Winner& winner);
  // Whether the operation would have read rows of the file, by its predicates.
  Result<bool> ReadsFile(const AddFile& file);

 private:
  struct Parts;
  explicit ConflictCheck(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// For one winner.
Status CheckConflict(const Intent& intent, IsolationLevel level, const Winner& winner);

}  // namespace deltic
