// Owns CLONE: a table made of another one's version, by naming its files (shallow) or by copying them (deep), alone or
// in place of a table that is there. Reads no rows. Protocol: "Add File and Remove File" (absolute paths), "Deletion
// Vector Descriptor Schema" (storage type 'p'), "Row Tracking".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "alter/definition.h"
#include "commit/commit.h"
#include "deltic/clone.h"
#include "snapshot/snapshot.h"

namespace deltic {

// What the facade adds to the public request.
struct CloneContext {
  CommitOptions commit;
  std::vector<SetTransaction> transactions;
};
struct Cloned {
  CloneOutcome outcome;
  std::shared_ptr<const Snapshot> snapshot;  // the clone
};

// See deltic/clone.h. `source` is open at the version to clone; `replaced` is the newest version of what is at the
// target, null for nothing.
Result<Cloned> CloneTable(const std::shared_ptr<const Snapshot>& source, const std::shared_ptr<ObjectStore>& target,
                          const std::shared_ptr<const Snapshot>& replaced, const CloneRequest& request,
                          const CloneContext& context);

// What a clone is, apart from its files. Pure. `source` and `replaced` (null for a new table) with all their domains;
// `properties` are set over the source's.
//   id, name, description   those of the table that is replaced; a new id for a new table
//   protocol                the source's, with what the properties need, and what the replaced table has
//   metadata                else the source's; its row id columns have names of their own, since rows get new ids
//   domains                 the source's clustering columns
// InvalidArgument for a property that is none or another column mapping mode than the source's or the replaced table's.
Result<TableDefinition> PlanClonedDefinition(const TableDefinition& source, const TableDefinition* replaced,
                                             const StringMap& properties, const Env& env);

}  // namespace deltic
