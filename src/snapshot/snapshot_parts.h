// Owns what a snapshot is made of, for the files of this folder only.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "log/log_texts.h"
#include "log/timestamps.h"
#include "snapshot/snapshot.h"

namespace deltic {

// Immutable but for what is read on first use, under the mutex.
struct Snapshot::Parts {
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<LogTexts> texts;  // of the store's log
  LogSegment segment;
  Protocol protocol;
  Metadata metadata;
  Fields schema;
  TableConfig config;
  // Whether the checkpoint follows the V2 spec; nullopt when its protocol was not read.
  std::optional<bool> checkpoint_may_have_sidecars;

  // Transactions and domains, reconciled.
  struct Identifiers {
    std::map<std::string, SetTransaction> transactions;  // by application
    std::vector<DomainMetadata> domains;                 // by name, without removed ones

    // What they are after one more commit; `before` itself when the commit says nothing of them.
    static std::shared_ptr<const Identifiers> After(const std::shared_ptr<const Identifiers>& before,
                                                    const std::vector<Action>& commit);
  };
  mutable std::mutex mutex;
  mutable std::shared_ptr<const Identifiers> identifiers;  // null until read
  mutable std::optional<int64_t> timestamp_ms;
  mutable std::shared_ptr<const FileSums> sums;          // null until somebody told them
  mutable std::shared_ptr<const ChecksumSums> checksum;  // likewise
};

}  // namespace deltic
