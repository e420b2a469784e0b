// Owns the simulator's store on a real server. Faults, turns and the clock stay simulated: they lie above it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "storage/object_store.h"

namespace deltic::sim {

// The objects lie on the server; their times are those of the simulated clock when they were put. One thread at a time,
// as everything in the simulator.
std::shared_ptr<ObjectStore> MakeServerStore(std::shared_ptr<ObjectStore> server, std::function<int64_t()> now_ms);

}  // namespace deltic::sim
