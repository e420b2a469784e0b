// Owns DuckDB's side of a write: the sink that turns chunks of rows into Parquet files of a store, rotates them by size
// and partition, and gathers their statistics. Which columns and rows those are is data_writer.cc's to say.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/data_writer.h"
#include "engine/duckdb/data_file.h"

namespace deltic {

struct OpenDataFile;

inline constexpr int64_t kRowGroupRows = 122'880;  // DuckDB's: 60 vectors

// One write. The query's columns are those of the files, then those of the partitions (unless all rows are of one),
// then any number of others, which are evaluated and dropped (checks). With partitions, rows must come ordered by them:
// equal ones together.
struct DataFilesJob {
  ~DataFilesJob();

  // Finishes the file that the query left open, in the calling thread, after the query: while a file is made durable
  // inside of it, DuckDB's other threads spin. Throws.
  void FinishLast();

  WriteSpec spec;  // steps and SQL texts are not looked at here
  std::string store_prefix;
  CancelToken cancel;
  bool in_order = false;  // rows go into files one after another, in the query's order
  // The rows come in any order and are sorted here, share by share (row_shares.h): by a UBIGINT column that comes right
  // after those of the files. Not with in_order, nor with more than one partition.
  std::optional<std::vector<uint64_t>> share_bounds;

  std::mutex mutex;
  std::vector<WrittenFile> written;   // finished files, also of a write that fails later
  std::vector<std::string> doubtful;  // keys of files that were to be finished, and may be there all the same
  std::shared_ptr<OpenDataFile> last;
};

// A file that rows still go to.
struct OpenDataFile {
  OpenDataFile(duckdb::ClientContext& context, DataFilesJob& job, const std::shared_ptr<const DataFileLayout>& layout,
               std::vector<Literal> the_partition);
  // Makes it durable and tells the job. Throws.
  void Finish(DataFilesJob& job);

  std::string key;
  std::vector<Literal> partition;
  std::unique_ptr<DataFile> file;
};

// COPY (query) TO 'handle of a DataFilesJob' (FORMAT deltic_data_files).
inline constexpr const char* kDataFilesFormat = "deltic_data_files";
void RegisterDataFiles(duckdb::DatabaseInstance& database);

}  // namespace deltic
