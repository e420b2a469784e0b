// Owns CONVERT: a folder of Parquet files becomes a Delta table where it is. The files are listed, their footers read
// (engine/parquet_summary.h), their schemas put together, their folders' names read as partition values, and all of
// them committed as version 0. Writes no data file.
// Protocol: "Data Files", "Partition Value Serialization", "Per-file Statistics".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "commit/commit.h"
#include "deltic/clone.h"
#include "engine/engine.h"
#include "storage/object_store.h"

namespace deltic {

// What the facade adds to the public request.
struct ConvertContext {
  CommitOptions commit;
  std::vector<SetTransaction> transactions;
};

// See deltic/clone.h. There must be no table yet: AlreadyExists when one appears.
Result<ConvertOutcome> ConvertToTable(Engine& engine, const std::shared_ptr<ObjectStore>& store,
                                      const ConvertRequest& request, const ConvertContext& context);

}  // namespace deltic
