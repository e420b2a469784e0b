// Owns the finding of a version's protocol and metadata with as few reads as can be: newest commits first, the version
// checksum, then the checkpoint's narrow columns. Does not judge them (snapshot/snapshot.cc).
// Protocol: "Action Reconciliation" (the latest protocol and metaData win), "Version Checksum File".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "log/log_texts.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

// A metaData action kept unread until the protocol has been found readable.
struct MetadataText {
  std::string line;
  std::string where;  // the file, for messages
};

struct TableHead {
  std::optional<Protocol> protocol;
  std::optional<MetadataText> metadata_text;  // one of these two, or none
  std::optional<Metadata> metadata;           // from a checksum
  // The checkpoint's own protocol, when the checkpoint was read: says whether it may have sidecars.
  std::optional<Protocol> checkpoint_protocol;
};

struct HeadOutcome {
  TableHead head;
  std::optional<Error> error;
  std::vector<std::string> failed;  // keys that could not be read, when there is an error
  bool replaceable = false;         // the failed file is a checkpoint or a compaction: others may do instead
};

HeadOutcome ReadHead(const std::shared_ptr<ObjectStore>& store, LogTexts& texts, const LogSegment& segment);

// Only what the given log files say, newest first: for moving a snapshot forward.
HeadOutcome ReadNewHead(LogTexts& texts, const std::vector<LogFile>& deltas);

}  // namespace deltic
