// Owns deltic_scan: DuckDB's Parquet scan with the file list, column mapping, partition values, deletion masks and file
// skipping of a ScanSpec. Parquet decoding, filters, projection and parallelism stay DuckDB's.
// Does not know the Delta log: files come from a FileSource.
#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/operator/logical_get.hpp>

#include "engine/duckdb/store_files.h"
#include "engine/engine.h"

namespace deltic {

// Columns that deltic_scan adds after the table's own: the first four when ScanTable::row_ids is set, kFileNumberColumn
// (engine/work_session.h) when ScanTable::places is. kRowNumberColumn can be selected always: it is no column of its
// star, and, unlike DuckDB's file_row_number, no table has one of that name.
inline constexpr const char* kBaseRowIdColumn = "__deltic_base_row_id";
inline constexpr const char* kDefaultCommitVersionColumn = "__deltic_default_row_commit_version";
inline constexpr const char* kStoredRowIdColumn = "__deltic_stored_row_id";
inline constexpr const char* kStoredCommitVersionColumn = "__deltic_stored_row_commit_version";

inline constexpr const char* kTableScanName = "deltic_scan";

// What a handle of deltic_scan stands for. Immutable once registered, but for what planning keeps.
struct ScanTable {
  ScanSpec spec;
  bool row_ids = false;
  bool places = false;
  // Set by planning: the predicate that the last pushdown gave (for Engine::BindPredicate).
  std::mutex mutex;
  Predicate pushed{.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
  // What the log answered last (statistics_plan.cc): a statement is planned twice, to describe it and to run it.
  std::string asked;
  std::optional<StatisticsAnswer> answer;
  // Where files without a local path are found (see store_files.h).
  std::string store_prefix;
  std::shared_ptr<StoreFiles> store_files;
};

// Parquet files by name, for deltic_files: no glob, no Delta.
struct FileNames {
  duckdb::vector<duckdb::OpenFileInfo> files;
  // Judges each file by its own columns before a row of it is read; an error ends the scan. May be empty.
  using Columns = std::vector<std::pair<std::string, duckdb::LogicalType>>;
  std::function<Status(const std::string& file, const Columns& columns)> check;
};

// The SQL by which _row_id and _row_commit_version are selected from such a scan, "" for other names. Protocol, "Reader
// Requirements for Row Tracking": the stored value where there is one, else the default.
std::string RowIdExpression(const std::string& name);

// The table that a plan's deltic_scan reads, and what its file skipping understood of the filters; nullopt when the
// operator is another scan.
struct BoundScan {
  std::shared_ptr<ScanTable> table;
  Predicate predicate;
};
std::optional<BoundScan> FindScan(const duckdb::LogicalGet& get);

// Makes deltic_scan(handle) and deltic_files(handle) known to the database.
void RegisterScans(duckdb::DatabaseInstance& database);

}  // namespace deltic
