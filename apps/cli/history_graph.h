// Owns the picture of a table's life: one line for each commit, with bars for what it added and removed.
// Does not sum commits (deltic/history.h does).
#pragma once

#include <string>
#include <vector>

#include "deltic/history.h"
#include "json_out.h"
#include "output.h"
#include "terminal.h"

namespace deltic::cli {

Json SummaryJson(const CommitSummary& summary);
// `measure` is "rows", "bytes" or "files". Fits the terminal's width; elsewhere 100 columns.
void PrintGraph(const std::vector<CommitSummary>& newest_first, const std::string& measure, const Terminal& terminal,
                Output* out);

}  // namespace deltic::cli
