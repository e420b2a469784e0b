// Owns the statistics of converted files as the log has them: from footers, or from rows where footers say too little.
// Their form is write/statistics.h's. Protocol: "Per-file Statistics".
#pragma once

#include <memory>
#include <set>
#include <string>

#include "actions/actions.h"
#include "alter/definition.h"
#include "base/cancel.h"
#include "engine/engine.h"
#include "engine/parquet_summary.h"
#include "features/features.h"

namespace deltic {

// For files of one table. One thread at a time.
class FileStatistics {
 public:
  // The references must outlive it.
  FileStatistics(Engine& engine, const std::shared_ptr<ObjectStore>& store, const TableDefinition& table,
                 const TableConfig& config);

  // A column of the table that the file lacks is NULL in all its rows.
  std::string OfFooter(const ParquetSummary& file) const;
  // Reads the rows of those columns that the footer says nothing of.
  Result<std::string> OfRows(const ParquetSummary& file, const AddFile& add, const CancelToken& cancel) const;

 private:
  struct Leaf {
    ColumnPath path;  // as the table spells it
    DataType type;
  };
  void FindLeaves(const Fields& fields, const ColumnPath& above);
  std::vector<LeafStatistics> Known(const ParquetSummary& file) const;
  std::string ToJson(const ParquetSummary& file, std::vector<LeafStatistics> statistics) const;

  Engine& engine_;
  const std::shared_ptr<ObjectStore>& store_;
  const TableDefinition& table_;
  const TableConfig& config_;
  std::set<ColumnPath> columns_;  // that have statistics
  std::vector<Leaf> leaves_;      // of them, those that are no lists, maps or variants
};

}  // namespace deltic
