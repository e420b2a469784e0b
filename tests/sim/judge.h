// Owns the verdict on a simulated history: the log as it was written is replayed version by version, and every
// operation is held against the table as it was just before it.
//
// clang-format off
//   versions    are gapless; what the table shows at the end is what the replay says
//   operations  acknowledged ones are in the log once, at their version; refused ones never; those in doubt at most once
//   files       are removed while they live, added while they do not
//   rows        live once, each followed by its number; rearranging changes none; a merge's key is never there twice; a
//               restore shows exactly the version's files. Those marked by deletion vectors leave their files, and no
//               others, once; every vector of a version can be read
//   reads       are still true at the operation's place: exactly under Serializable; under WriteSerializable but for
//               files of blind appends that nobody has changed yet, unless the operation changes the metadata
//   metadata    and protocol, domains and transactions: as the operation saw them
//   row ids     are unique and keep to their files; the high water mark counts them; identity values are unique
//   vacuums     see file_lives.h
//   timestamps  in commits strictly increase
// clang-format on
#pragma once

#include <string>

#include "history.h"
#include "world.h"

namespace deltic::sim {

// The first thing that is wrong, or "".
std::string Judge(World& world, const History& history);

}  // namespace deltic::sim
