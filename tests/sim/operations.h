// Owns the start of a history: a table made at random, and writers that read, decide and commit as real ones do, each
// an operation after the other, chosen at random. The operations lie in *_operations.h; work.h has what they are made
// of.
#pragma once

#include "history.h"

namespace deltic::sim {

// Makes the table (version 0, without faults) and adds the writers to the world. `history` must outlive World::Run.
void MakeHistory(World& world, History& history);

}  // namespace deltic::sim
