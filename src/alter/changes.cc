// Owns the choice of the function that a change is for, and the check that the table may be changed at all.
#include "alter/changes.h"

namespace deltic {

Result<Altered> ApplyChange(const TableDefinition& table, const Change& change, const Env& env) {
  DELTIC_CHECK(CheckWritable(table.protocol));
  // A property that cannot be understood can be set anew; everything else waits for that.
  if (!std::holds_alternative<SetProperties>(change) && !std::holds_alternative<UnsetProperties>(change)) {
    DELTIC_CHECK(CheckWritableProperties(table.protocol, table.metadata));
  }
  return std::visit([&](const auto& each) { return ApplyTo(table, each, env); }, change);
}

}  // namespace deltic
