// Owns the health of a table as people and programs read it: the page of `deltic info --health`, and its JSON.
// Does not measure (Table::Health does).
#pragma once

#include "deltic/health.h"
#include "json_out.h"
#include "output.h"
#include "terminal.h"

namespace deltic::cli {

Json HealthJson(const TableHealth& health);
// File sizes as bars, partitions, the log, and each finding with what would help, within the terminal's width.
void PrintHealth(const TableHealth& health, const Terminal& terminal, Output* out);

}  // namespace deltic::cli
