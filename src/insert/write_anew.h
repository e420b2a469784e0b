// Owns the writing anew of a table's rows where its files are in the way of a change: mapped columns that lose their
// mapping, widened columns that lose their history, deletion vectors that must go. One commit that changes no row.
// Protocol: "Column Mapping", "Type Widening", "Deletion Vectors", "Row Tracking".
#pragma once

#include <memory>
#include <vector>

#include "alter/alter.h"
#include "alter/definition.h"
#include "commit/commit.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct WriteAnewRequest {
  TableDefinition after;                      // what the files are written for
  bool only_files_with_rows_deleted = false;  // those with deletion vectors; false: every file
  Operation operation;                        // its metrics are filled
  AlterExtras extras;
};
// Answers the snapshot as it is when nothing changes. Rows keep their row ids. Any concurrent change of the table's
// files is a conflict. On every error the table is as before and no file is left, or it is named.
Result<Committed> WriteAnew(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                            const WriteAnewRequest& request, const CommitOptions& options);

// The table without column mapping: its columns are known by their names. `keep_property`: delta.columnMapping.mode
// becomes none, as it was asked for; else it goes. InvalidArgument for a name that only mapping allows. Pure.
Result<TableDefinition> WithoutColumnMapping(const TableDefinition& table, bool keep_property);
// The table without the history of its columns' types. Pure.
TableDefinition WithoutTypeChanges(const TableDefinition& table);
bool HasTypeChanges(const TableDefinition& table);

}  // namespace deltic
