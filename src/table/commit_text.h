// Owns how the facade turns public commit properties into a commit's options. Not part of the public interface.
#pragma once

#include "base/cancel.h"
#include "commit/commit.h"
#include "deltic/write.h"

namespace deltic {

CommitOptions ToCommitOptions(const CommitProperties& properties, const CancelToken& cancel);
std::vector<SetTransaction> ToTransactions(const CommitProperties& properties);

// Gives the order of an operation what its commit carries, and how it is made.
template <class Order>
void TakeCommit(const CommitProperties& properties, const CancelToken& cancel, Order& order) {
  order.transactions = ToTransactions(properties);
  order.user_metadata = properties.custom_metadata;
  order.user_metadata_text = properties.user_metadata;
  order.commit = ToCommitOptions(properties, cancel);
}

}  // namespace deltic
