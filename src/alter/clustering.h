// Owns the metadata domain of clustering columns, both ways. Protocol: "Clustered Table".
#pragma once

#include <optional>
#include <vector>

#include "actions/actions.h"
#include "schema/types.h"

namespace deltic {

inline constexpr const char* kClusteringDomain = "delta.clustering";

// The domain for clustering columns by their names in the schema (all there): physical names in it. An empty list is a
// table that was clustered and is not.
DomainMetadata MakeClusteringDomain(const Fields& schema, MappingMode mode, const std::vector<ColumnPath>& columns);

// The table's clustering columns by their names in the schema; empty when it has no such domain. Corrupt for a domain
// that is no list of columns; a column that the schema does not have is an error too.
Result<std::vector<ColumnPath>> ReadClusteringColumns(const std::vector<DomainMetadata>& domains, const Fields& schema,
                                                      MappingMode mode);

}  // namespace deltic
