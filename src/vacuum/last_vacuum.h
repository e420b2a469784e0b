// Owns _delta_log/_last_vacuum_info, by which Delta Spark's VACUUM LITE knows where the last one ended: the newest
// commit that was outside of the retention then. A hint: who cannot read it reads more of the log.
#pragma once

#include <cstdint>
#include <optional>

#include "deltic/result.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"

namespace deltic {

// nullopt when there is none, or none that can be understood.
std::optional<int64_t> ReadLastVacuum(ObjectStore& store);
Status WriteLastVacuum(ObjectStore& store, int64_t version);

// The newest version that was committed at or before the time; nullopt when the log knows none.
Result<std::optional<int64_t>> LastVersionAt(const Snapshot& table, int64_t time_ms);

}  // namespace deltic
