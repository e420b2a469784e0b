// Owns the giving of column ids and physical names to new columns. Which tables map their columns is decided above.
// Protocol: "Writer Requirements for Column Mapping", "Writer Requirements for IcebergCompatV2" (ids of elements, keys
// and values).
#pragma once

#include <cstdint>
#include <functional>

#include "schema/types.h"

namespace deltic {

struct ColumnIdRequest {
  int64_t highest = 0;               // delta.columnMapping.maxColumnId so far; ids in the schema count too
  std::function<uint64_t()> random;  // makes the physical names of new columns
  bool logical_names = false;        // columns are there already, in files: their physical name is their name
  bool nested_ids = false;           // ids for elements, keys and values too
};
struct NumberedColumns {
  Fields fields;
  int64_t highest = 0;
};
// Every field that lacks an id or a physical name gets one, in the schema's order; the others keep theirs.
NumberedColumns AssignColumnIds(const Fields& fields, const ColumnIdRequest& request);

}  // namespace deltic
