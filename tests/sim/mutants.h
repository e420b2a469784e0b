// Owns stores that make whoever reads by them blind to one thing: the simulator's way of breaking a rule of real code
// on purpose, without a switch in that code. Judges nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/object_store.h"

namespace deltic::sim {

// The store as it looks to one who does not see
//   vectors   that files have deletion vectors
//   winners   file actions of versions after the one that MutantForgetsAfter names
//   vacuums   that a vacuum has begun
//   ages      how old files are: all look old
// and the store itself for "". Log files keep their lengths.
std::shared_ptr<ObjectStore> MutantOf(const std::shared_ptr<ObjectStore>& store, const std::string& blind_to);
void MutantForgetsAfter(const std::shared_ptr<ObjectStore>& store, int64_t version);

}  // namespace deltic::sim
