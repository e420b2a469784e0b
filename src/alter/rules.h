// Owns what must be true of a table as a whole: its columns, partition and clustering columns, properties and
// expressions together. Each rule is refused by name. Pure. Makes no definition (definition.h) and changes none.
// Protocol: "Column Mapping", "Add CDC File", "Generated Columns", "Identity Columns", "CHECK Constraints",
// "Writer Requirements for IcebergCompatV1", "... V2", "Clustered Table".
#pragma once

#include <string>
#include <vector>

#include "alter/definition.h"

namespace deltic {

// InvalidArgument, naming column or property and rule, when such a table may not be. `clustering`: its clustering
// columns by their names, empty for none. `before`: the table that is changed: expressions that it has already are not
// checked anew, since another writer may have put them there that this build cannot say.
Status CheckDefinition(const TableDefinition& table, const std::vector<ColumnPath>& clustering,
                       const TableDefinition* before = nullptr);

// Whether a writer may change a column of this type so: the protocol's list, narrower where the table is kept readable
// for Iceberg (`iceberg_compat` 1 or 2). What Spark's preview allowed beside it is only read.
bool MayChangeType(const DataType& from, const DataType& to, int iceberg_compat);

// InvalidArgument when the text is no boolean Spark expression over the table's columns that always says the same of a
// row; Unsupported when this build cannot say it.
Status CheckConstraintExpression(const Fields& schema, const std::string& name, const std::string& expression);
// The same for a column's DEFAULT: no columns in it, and of a type that the column takes.
Status CheckDefaultExpression(const StructField& column, const std::string& expression);

// InvalidArgument for a clustering column that is none: not there, nested in an array or map, of a type without
// statistics that skip.
Result<std::vector<ColumnPath>> CheckClusteringColumns(const Fields& schema, const std::vector<ColumnPath>& columns);

}  // namespace deltic
