// Owns the merging of the columns of incoming rows into a table's schema. Pure; casts nothing and enables nothing.
// Protocol: "Type Widening", Type Change Metadata.
#pragma once

#include <functional>
#include <vector>

#include "schema/types.h"

namespace deltic {

// The columns of `incoming`, at every depth, that `table` does not have; of a new struct only the struct itself.
// Letter case does not count.
std::vector<ColumnPath> ColumnsBeyond(const Fields& table, const Fields& incoming);

// Whether a primitive type of the table may become the incoming one; the merge leaves it as it is otherwise.
using WideningRule = std::function<bool(const ColumnPath&, const DataType& from, const DataType& to)>;

// The table's columns in their order, each struct with its new fields at its end: nullable, with the incoming metadata
// but for what Delta itself keeps there (ids, physical names, type changes, generation, identity, defaults). A column
// that the table has keeps its name, nullability and metadata; its type becomes the incoming one where `may_widen`
// (recorded in delta.typeChanges), or where the table's is void. InvalidArgument naming the column when one side is a
// struct, array or map and the other is not the same.
Result<Fields> MergeSchemas(const Fields& table, const Fields& incoming, const WideningRule& may_widen);

}  // namespace deltic
