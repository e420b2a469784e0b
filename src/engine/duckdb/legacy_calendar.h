// Owns the dates and timestamps of files that Spark wrote in the hybrid Julian calendar: how a file tells, and the
// expression that gives its values the names they were written under. DuckDB reads such files as if they were
// Gregorian. The rule is Spark's (DataSourceUtils.datetimeRebaseSpec and int96RebaseSpec); the protocol does not speak
// of it.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/base_file_reader.hpp>
#include <optional>
#include <string>

namespace deltic {

struct LegacyCalendar {
  bool dates = false;       // DATE columns
  bool timestamps = false;  // timestamp columns
  std::string zone;         // of the writer; "" when the file does not say
};

// What the file's footer says; nullopt for a file whose values need nothing, as nearly all.
std::optional<LegacyCalendar> FindLegacyCalendar(duckdb::BaseFileReader& parquet_reader);

// Wraps an expression whose type holds dates or timestamps, at any depth; others are left as they are. When run,
// Unsupported for a timestamp before 1900 of a writer whose zone is not UTC: its offset then is not known to us.
void RebaseLegacy(duckdb::unique_ptr<duckdb::Expression>& expression, const LegacyCalendar& calendar,
                  const std::string& file);

}  // namespace deltic
