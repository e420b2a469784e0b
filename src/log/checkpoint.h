// Owns what a checkpoint is to its readers: its non-file actions, its sidecars, and the JSON form of V2 checkpoints.
// The Parquet inside is the engine's; file actions stream there (Engine::ReadCheckpointFiles), not through here.
// Protocol: "Checkpoints", "Sidecar Files", "V2 Spec".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

// The table's protocol and metadata as a checkpoint has them. A part that is not there is nullopt; metadata is kept as
// its JSON line, because nothing of it may be read before the protocol has been looked at.
struct CheckpointHead {
  std::optional<Protocol> protocol;
  std::optional<std::string> metadata_line;
};
Result<CheckpointHead> ReadCheckpointHead(const std::shared_ptr<ObjectStore>& store,
                                          const std::vector<LogFile>& checkpoint);

// Every action that is not a file's (protocol, metadata, txn, domain metadata, sidecars, checkpoint metadata).
Result<std::vector<Action>> ReadCheckpointActions(const std::shared_ptr<ObjectStore>& store,
                                                  const std::vector<LogFile>& checkpoint);

// Whether the checkpoint is one JSON file.
bool IsJson(const std::vector<LogFile>& checkpoint);

// Where a sidecar action's file is: always in this table's _delta_log/_sidecars, whatever folder its path names.
// Corrupt when the path names no file.
Result<std::string> SidecarKey(const Sidecar& sidecar);

// The keys of the sidecars among `actions`, each looked for in the store: Corrupt, naming it, when one is not there.
Result<std::vector<std::string>> FindSidecars(ObjectStore& store, const std::vector<LogFile>& checkpoint,
                                              const std::vector<Action>& actions);

std::vector<std::string> Keys(const std::vector<LogFile>& files);

}  // namespace deltic
