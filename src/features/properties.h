// Owns the table of table properties: each one's name, what its value must be, its default, who may set it, and the
// feature that it turns on. Parses values; TableConfig (features.h) is what a table's properties mean together.
// Protocol: "Table Properties", and the sections of the features.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actions/actions.h"
#include "schema/types.h"

namespace deltic {

enum class PropertyKind : uint8_t {
  kFlag,              // true, false
  kPositive,          // a whole number from 1
  kNatural,           // a whole number from 0
  kIndexedColumns,    // a whole number from -1
  kInterval,          // "interval 30 days"
  kBytes,             // "134217728", "128mb"
  kIsolation,         // Serializable, WriteSerializable, SnapshotIsolation
  kCheckpointPolicy,  // classic, v2
  kMappingMode,       // none, name, id
  kCodec,             // snappy, zstd, gzip, lz4, lz4_raw, brotli, uncompressed, none
  kParquetVersion,    // 1.0.0, 2.12.0
  kColumns,           // names with commas between, `quoted` where need be
  kText,
};

enum class PropertyUse : uint8_t {
  kSettable,
  kKept,     // written by writers, never by people
  kRefused,  // what it asks for is done by no part of this build
};

struct PropertyRow {
  std::string_view name;
  PropertyKind kind = PropertyKind::kText;
  std::string_view fallback;  // "" where there is none
  std::string_view feature;   // that it turns on, by "true", "v2", "name" or "id"
  PropertyUse use = PropertyUse::kSettable;
  std::string_view why = {};  // kKept and kRefused: what to do instead
};
std::span<const PropertyRow> AllProperties();
const PropertyRow* FindProperty(std::string_view name);  // letter case does not count

// The property as it is stored, its name in its own spelling. InvalidArgument, saying what the value must be, for a
// value that is none, a name below "delta." that nobody knows (with the nearest one that is known), and one that people
// may not set; Unsupported for one whose work this build does not do. Names outside "delta." pass as they are.
// delta.constraints.NAME passes; delta.feature.* and the protocol versions are not for this (alter/ takes them).
Result<std::pair<std::string, std::string>> CheckProperty(const std::string& name, const std::string& value);

// Ok when `value` is one of the row's kind; else InvalidArgument saying what it must be.
Status CheckPropertyValue(const PropertyRow& row, const std::string& value);

// The feature that a property of this value turns on; "" for none.
std::string_view FeatureEnabledBy(std::string_view name, std::string_view value);

// "134217728", "128mb", "1 GiB", "104857600b". nullopt for another text, and for 0.
std::optional<int64_t> ParseBytes(std::string_view text);

// "a,s.x,`odd,name`": paths. nullopt for a text that is none.
std::optional<std::vector<ColumnPath>> ParseColumnList(std::string_view text);
std::string FormatColumnList(const std::vector<ColumnPath>& columns);

// The one of `names` that `name` was probably meant to be; "" when none is near.
std::string Nearest(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace deltic
