// Owns the operations that add, change and delete rows, and those that read some and add others. Each is tried once.
#pragma once

#include "work.h"

namespace deltic::sim {

void Append(Work& work);
// A producer that may run twice: (application, version) is written once.
void AppendOnce(Work& work);
// Identity values are given before the commit, from the mark in the schema.
void AppendWithIdentity(Work& work);
// DELETE or UPDATE of a partition: what was read is removed and written anew.
void Rewrite(Work& work);
// The same with the whole table.
void Overwrite(Work& work);
// DELETE or UPDATE of some rows by deletion vectors: reads a partition, marks rows of some of its files; an update
// adds a file.
void MarkRows(Work& work);
// MERGE ... WHEN MATCHED UPDATE WHEN NOT MATCHED INSERT, of one key: it depends on not finding it, too.
void Merge(Work& work);
// RESTORE of one file: as it was when it had fewer rows deleted.
void Revive(Work& work);
// INSERT ... SELECT count(*) FROM the table itself: removes nothing, depends on everything.
void Count(Work& work);
// Depends on the rows of one file only, and removes nothing.
void Copy(Work& work);

}  // namespace deltic::sim
