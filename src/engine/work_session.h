// Owns the seam for operations that take several steps over the same rows (delete, update, merge, optimize): scans and
// kept results under names, queries over them, and where rows are. Implemented in engine/duckdb/; no DuckDB type.
// Does not know tables: scans come as ScanSpec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "engine/data_writer.h"
#include "schema/types.h"

namespace deltic {

struct ScanSpec;  // engine/engine.h
class TextRows;   // engine/engine.h

// Where a row is: ScanFile::number, and the row's position in the data file, counted from 0 with deleted rows.
struct RowPlace {
  int64_t file = 0;
  int64_t row = 0;
  friend bool operator==(const RowPlace&, const RowPlace&) = default;
};

inline constexpr const char* kFileNumberColumn = "__deltic_file";  // BIGINT
inline constexpr const char* kRowNumberColumn = "__deltic_row";    // BIGINT

// Columns that a scan has after the table's own.
struct ScanExtras {
  bool places = false;   // __deltic_file, __deltic_row
  bool row_ids = false;  // _row_id, _row_commit_version (see ScanSpec)
};

// Several steps over the same rows as one piece of work. Kept results spill to disk beyond the engine's memory limit
// and go with the session. SQL text may use all of the engine's, delta_scan() too, and times are UTC. Names in it are
// found among the session's first. One thread at a time. Variants: a session that has a resolver can read those of
// every writer; another one only when its first scan, or the first rows kept in it, have a variant column.
class WorkSession {
 public:
  virtual ~WorkSession() = default;

  // Makes a scan known by a name: the table's columns, then those of the extras. Filters of a query over it choose
  // files and row groups. A second one of the name takes its place.
  virtual Status AddScan(const std::string& name, const ScanSpec& scan, const ScanExtras& extras) = 0;
  // Reads an input to its end and keeps its rows under a name; answers how many. `number_column` ("" for none): a
  // BIGINT column that numbers them from 0, in the input's order.
  virtual Result<int64_t> Keep(const std::string& name, std::unique_ptr<RowInput> rows,
                               const std::string& number_column, const CancelToken& cancel) = 0;
  // Keeps the rows of one SELECT over the session's names; answers how many.
  virtual Result<int64_t> KeepQuery(const std::string& name, const std::string& sql, const CancelToken& cancel) = 0;
  // Forgets a scan or kept rows. NotFound when there is none of the name.
  virtual Status Drop(const std::string& name) = 0;

  // The rows of one SELECT as the input of a write (Engine::WriteFiles) or of Keep; the session must not be used until
  // that is done.
  virtual Result<std::unique_ptr<RowInput>> Input(const std::string& sql) = 0;
  // The same with the columns' Delta types known: each column is cast to its type. InvalidArgument when their number is
  // not the query's.
  virtual Result<std::unique_ptr<RowInput>> Input(const std::string& sql, const Fields& columns) = 0;

  // Names and types of a SELECT's columns. InvalidArgument with the engine's words when it does not bind.
  virtual Result<Fields> Describe(const std::string& sql) = 0;
  // The type of one expression over the columns of a FROM clause's text: "target AS t". InvalidArgument unless it is
  // one expression and binds.
  virtual Result<DataType> TypeOf(const std::string& expression, const std::string& from) = 0;
  // For small answers. Rows must be read or released before the session is used again.
  virtual Result<std::unique_ptr<TextRows>> ReadText(const std::string& sql, const CancelToken& cancel) = 0;
  // Rows of exactly two BIGINT columns (file, row), in batches, in no order; `visit` is called by one thread at a time,
  // not always the caller's. A NULL is Internal.
  virtual Status VisitPlaces(const std::string& sql,
                             const std::function<Status(const RowPlace* rows, size_t count)>& visit,
                             const CancelToken& cancel) = 0;
};

}  // namespace deltic
