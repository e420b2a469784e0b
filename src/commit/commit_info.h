// Owns commitInfo as writers see it: the JSON that deltic writes, and what the loop needs to know of others'.
// Knows no other action. Protocol: "Commit Provenance Information", "In-Commit Timestamps".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actions/actions.h"
#include "commit/conflict.h"
#include "deltic/result.h"

namespace deltic {

struct Operation;

struct CommitInfoFields {
  int64_t timestamp_ms = 0;
  std::optional<int64_t> in_commit_timestamp;
  const Operation* operation = nullptr;
  std::optional<int64_t> read_version;  // none for a new table
  IsolationLevel isolation = IsolationLevel::kWriteSerializable;
  bool blind_append = false;
  std::string engine_info;
  std::string txn_id;
  const StringMap* user_metadata = nullptr;  // more members
  std::optional<std::string> user_metadata_text;
  StringMap tags;
};

// InvalidArgument, naming it, for an operation parameter that is no JSON text or a member of user_metadata that has the
// name of one of Delta's own.
Result<CommitInfo> MakeCommitInfo(const CommitInfoFields& fields);

struct CommitInfoFacts {
  bool blind_append = false;
};
// Of any writer's; what is not there or has another type counts as not said.
CommitInfoFacts ReadCommitInfoFacts(const CommitInfo& info);

}  // namespace deltic
