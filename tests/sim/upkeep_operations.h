// Owns the operations that are deltic's own from end to end: upkeep of the log, RESTORE, VACUUM. By a mutant's rule
// they are given a store that hides something.
#pragma once

#include "work.h"

namespace deltic::sim {

// A checkpoint, and the log's cleanup, often a day later: then every other writer's base may be cleaned up.
void Upkeep(Work& work);
// It reads the table itself; what it must have seen is all that lived in its base.
void Restore(Work& work);
// Its two commits change nothing; what it deletes is the judge's to look at.
void Vacuum(Work& work);

}  // namespace deltic::sim
