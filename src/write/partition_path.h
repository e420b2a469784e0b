// Owns where a data file is put and what its partition values are called: the text of a value, the folders of a
// partition, file names, and the path as the log has it. Writes nothing.
// Protocol: "Partition Value Serialization", "Data Files", "Add File and Remove File" (path).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "expr/literal.h"

namespace deltic {

// nullopt for NULL and the empty string, which are one value to readers. Timestamps are UTC,
// "2024-02-29T12:00:00.000000Z". Unsupported for binary values that are not UTF-8: the log is JSON, and its writers do
// not agree on a form for them.
Result<std::optional<std::string>> PartitionText(const Literal& value);

// "p=a%3Ab": what Hive's escaping (which Spark uses) makes of a column and a value. `name` is the column's physical
// one. For folders timestamps are in local form, "2024-02-29 12:00:00".
Result<std::string> PartitionFolder(const std::string& name, const Literal& value);

// "part-00000-<uuid>-c000.snappy.parquet" of kind "part", "cdc-00000-<uuid>.c000.snappy.parquet" of kind "cdc".
// `compression` as in ParquetOptions.
std::string DataFileName(const std::string& kind, const std::string& compression,
                         const std::function<uint64_t()>& random);

// A key as a path of the log: percent-encoded.
std::string LogPath(const std::string& key);

}  // namespace deltic
