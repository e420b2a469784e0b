// Owns how the facade turns public commit properties into a commit's options. Not part of the public interface.
#pragma once

#include "base/cancel.h"
#include "commit/commit.h"
#include "deltic/write.h"

namespace deltic {

CommitOptions ToCommitOptions(const CommitProperties& properties, const CancelToken& cancel);
std::vector<SetTransaction> ToTransactions(const CommitProperties& properties);

}  // namespace deltic
