// Owns the answering of aggregates from the log's statistics: count(*), count, min and max over a table, also by
// partition columns and with a filter on them, become rows that are known when the query is planned. Whether statistics
// are exact is the FileSource's to say (expr/exact.h).
#pragma once

#include <duckdb.hpp>

namespace deltic {

// Makes every plan of the database go through it, after DuckDB's own optimizers. EXPLAIN then shows DELTIC_STATISTICS
// in the place of the scan. `SET disabled_optimizers = 'extension'` turns it off.
void RegisterStatisticsPlan(duckdb::DatabaseInstance& database);

}  // namespace deltic
