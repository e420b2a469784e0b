// Owns the choice of log files for a version: newest complete checkpoint, commits after it, no gaps.
// Pure over a listing; log/listing.h makes the listing. Protocol: "Checkpoints", "Log Compaction Files".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

inline constexpr std::string_view kLogFolder = "_delta_log/";

// One file of _delta_log whose name means something. Keys are relative to the table ("_delta_log/...").
struct LogFile {
  enum class Kind : uint8_t {
    kCommit,
    kCompaction,
    kClassicCheckpoint,
    kMultiPartCheckpoint,
    kUuidCheckpoint,
    kChecksum
  };
  Kind kind = Kind::kCommit;
  int64_t version = 0;       // of a compaction: its last version
  int64_t from_version = 0;  // of a compaction: its first version; else = version
  int32_t part = 0;          // multi-part: 1..parts
  int32_t parts = 0;
  bool json = false;  // a UUID-named checkpoint in JSON
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;
};

// nullopt for a name that is not a log file's (it is ignored: "_last_checkpoint", ".crc" files of Hadoop, staged
// commits...). `name` is within _delta_log: no folder in front.
std::optional<LogFile> ParseLogName(std::string_view name);
// "00000000000000000042": how every name of version 42 begins.
std::string VersionName(int64_t version);

// What makes up one version: a checkpoint (or none) and what follows it. Immutable, safe to share.
struct LogSegment {
  int64_t version = 0;
  std::optional<int64_t> checkpoint_version;
  std::vector<LogFile> checkpoint;  // one file, or every part in order
  // Ascending; together they cover checkpoint_version+1..version (or 0..version) exactly once. Compactions stand for
  // the commits they cover.
  std::vector<LogFile> deltas;
  std::vector<LogFile> commits;     // every plain commit listed from the checkpoint's version on, ascending
  std::optional<LogFile> checksum;  // the newest .crc at or before version and at or after the checkpoint
  int64_t commit_modified_ms = 0;   // of the commit file of `version`; 0 when it is gone

  // The commit file of `version`; null when it is gone (a checkpoint alone can make a version).
  const LogFile* commit() const;
  // The commits that a compaction of `deltas` stands for, ascending; empty when they are not all there.
  std::vector<LogFile> CommitsOf(const LogFile& compaction) const;
};

// NotFound when there is no log at all or the wanted version is beyond it (naming the newest there is) or before what
// is kept (naming the oldest that can be made). Corrupt for a gap between commits, naming the missing version. `files`
// may be in any order and hold files before the best checkpoint. A checkpoint that turned out to be unreadable is left
// out by the caller, who then chooses again.
Result<LogSegment> ChooseSegment(const std::vector<LogFile>& files, std::optional<int64_t> version);

// The versions that can be made of `files`: from a complete checkpoint or commit 0 on. nullopt when none can.
struct VersionRange {
  int64_t oldest = 0;
  int64_t newest = 0;
};
std::optional<VersionRange> MakeableVersions(const std::vector<LogFile>& files);

}  // namespace deltic
