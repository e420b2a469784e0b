// Owns the operations that arrange rows in other files: the table has the same rows before and after.
#pragma once

#include "work.h"

namespace deltic::sim {

// OPTIMIZE: some files become one, no row changes.
void Rearrange(Work& work);
// REORG: a file without the rows that its vector deletes.
void Purge(Work& work);

}  // namespace deltic::sim
