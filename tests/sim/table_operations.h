// Owns the operations that change the table's metadata, protocol and domains, and no row.
#pragma once

#include "work.h"

namespace deltic::sim {

void ChangeProperty(Work& work);
// ADD CONSTRAINT: every row was looked at, and none may come in meanwhile.
void Constrain(Work& work);
void AddFeature(Work& work);
// A counter that is read and written: no addition may be lost.
void AddToDomain(Work& work);

}  // namespace deltic::sim
