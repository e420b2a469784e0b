// Owns the answering of a StatisticsQuestion from a snapshot's live files. Reads the log, never a data file; what is
// exact is decided by expr/exact.h.
#pragma once

#include "engine/statistics_question.h"
#include "snapshot/snapshot.h"

namespace deltic {

// nullopt when there is no answer worth having: more groups than wanted, or, where nothing parts the files into groups,
// a file that does not tell.
Result<std::optional<StatisticsAnswer>> AnswerFromStatistics(const Snapshot& snapshot,
                                                             const StatisticsQuestion& question);

}  // namespace deltic
