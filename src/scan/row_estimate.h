// Owns a guess at how many rows a snapshot has, made of the statistics of its first files: for the order of joins.
// Reads the log, never a data file. Says nothing exact (statistics_answer.h does).
#pragma once

#include <cstdint>
#include <memory>

#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

// The count of live rows when the table has few files that all tell theirs; else what the first files let expect.
// Nothing that is wrong with the log is told here: whoever reads it next will.
int64_t EstimateRows(const Snapshot& snapshot);

// The same files, with EstimatedRows answered by EstimateRows (asked once, when a plan wants it first). A plan that
// reads one table alone has no use for it and goes without.
std::shared_ptr<FileSource> WithRowEstimate(std::shared_ptr<FileSource> files,
                                            std::shared_ptr<const Snapshot> snapshot);

}  // namespace deltic
