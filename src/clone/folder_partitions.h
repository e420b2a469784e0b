// Owns partition values as the names of folders say them: "year=2026/city=New%20York/". Pure; lists nothing.
// The names are Hive's: special characters as %XX, NULL as __HIVE_DEFAULT_PARTITION__.
// Protocol: "Partition Value Serialization".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "schema/types.h"

namespace deltic {

using FolderValues = std::vector<std::pair<std::string, std::optional<std::string>>>;

// Of the folders right above the file, outermost first, up to the first that is no name=value.
// Example: "x/a=1/b=%20/f.parquet" gives {{"a", "1"}, {"b", " "}}.
FolderValues ReadFolderValues(std::string_view key);

// Whether a file or folder is not looked at: a name that begins with _ or . in the path, but for a folder that is
// a partition ("_p=1").
bool IsHidden(std::string_view key);

// As the log has them. InvalidArgument, naming the file, when the folders are not exactly these columns in this order
// (letter case does not count), or a value is not one of its column's type.
Result<PartitionValues> PartitionValuesOf(std::string_view key, const Fields& columns);

// The columns that the folders of all these files have, each of the narrowest type that holds all their values: bigint
// (int where that is enough), double, date, timestamp, else string. InvalidArgument when files do not agree on the
// columns.
Result<Fields> InferPartitions(const std::vector<std::string>& keys);

}  // namespace deltic
