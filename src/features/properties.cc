// Owns the rows of the table of properties and the reading of their values. Names, defaults and what is refused are
// those of Delta 4.4 on Spark; beside them stand properties that other writers know and that the protocol or Delta's
// documentation names (delta.targetFileSize, delta.parquet.compression.codec, the weaker isolation levels).
#include "features/properties.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/ascii.h"
#include "base/error.h"
#include "base/number_text.h"
#include "features/features.h"
#include "features/interval.h"

namespace deltic {
namespace {

using K = PropertyKind;
using U = PropertyUse;

constexpr std::string_view kWriterKeeps = "writers keep it themselves: leave it out";
constexpr std::string_view kIctKeeps = "it is written when delta.enableInCommitTimestamps is set: leave it out";
constexpr std::string_view kNoForeignMetadata =
    "this build writes no metadata of other table formats, so that their readers would see an old table: set it with "
    "Spark";
constexpr std::string_view kNoCoordinator = "this build commits to file systems, not through a commit coordinator";
constexpr std::string_view kNoRedirect = "this build does not redirect tables";

constexpr PropertyRow kProperties[] = {
    {"delta.appendOnly", K::kFlag, "false", "appendOnly"},
    {"delta.enableChangeDataFeed", K::kFlag, "false", "changeDataFeed"},
    {"delta.enableDeletionVectors", K::kFlag, "false", "deletionVectors"},
    {"delta.enableTypeWidening", K::kFlag, "false", "typeWidening"},
    {"delta.enableRowTracking", K::kFlag, "false", "rowTracking"},
    {"delta.rowTrackingSuspended", K::kFlag, "false", ""},
    {"delta.enableInCommitTimestamps", K::kFlag, "false", "inCommitTimestamp"},
    {"delta.enableIcebergCompatV1", K::kFlag, "false", "icebergCompatV1"},
    {"delta.enableIcebergCompatV2", K::kFlag, "false", "icebergCompatV2"},
    {"delta.enableIcebergCompatV3", K::kFlag, "false", "icebergCompatV3"},
    {"delta.enableVariantShredding", K::kFlag, "false", "variantShredding-preview"},
    {"delta.enableMaterializePartitionColumnsFeature", K::kFlag, "false", "materializePartitionColumns"},
    {"delta.writePartitionColumnsToParquet", K::kFlag, "false", ""},
    {"delta.columnMapping.mode", K::kMappingMode, "none", "columnMapping"},
    {"delta.columnMapping.maxColumnId", K::kNatural, "0", "", U::kKept, kWriterKeeps},
    {"delta.checkpointPolicy", K::kCheckpointPolicy, "classic", "v2Checkpoint"},
    {"delta.checkpointInterval", K::kPositive, "10", ""},
    {"delta.checkpoint.writeStatsAsJson", K::kFlag, "true", ""},
    {"delta.checkpoint.writeStatsAsStruct", K::kFlag, "true", ""},
    {"delta.enableExpiredLogCleanup", K::kFlag, "true", ""},
    {"delta.enableFullRetentionRollback", K::kFlag, "true", ""},
    {"delta.logRetentionDuration", K::kInterval, "interval 30 days", ""},
    {"delta.checkpointRetentionDuration", K::kInterval, "interval 2 days", ""},
    {"delta.deletedFileRetentionDuration", K::kInterval, "interval 1 week", ""},
    {"delta.sampleRetentionDuration", K::kInterval, "interval 7 days", ""},
    {"delta.setTransactionRetentionDuration", K::kInterval, "", ""},
    {"delta.dropFeatureTruncateHistory.retentionDuration", K::kInterval, "interval 24 hours", ""},
    {"delta.dataSkippingNumIndexedCols", K::kIndexedColumns, "32", ""},
    {"delta.dataSkippingStatsColumns", K::kColumns, "", ""},
    {"delta.dataSkippingStringPrefixLength", K::kNatural, "", ""},
    {"delta.isolationLevel", K::kIsolation, "", ""},
    {"delta.randomizeFilePrefixes", K::kFlag, "false", ""},
    {"delta.randomPrefixLength", K::kPositive, "2", ""},
    {"delta.targetFileSize", K::kBytes, "", ""},
    {"delta.tuneFileSizesForRewrites", K::kFlag, "false", ""},
    {"delta.parquet.compression.codec", K::kCodec, "", ""},
    {"delta.parquet.format.version", K::kParquetVersion, "1.0.0", ""},
    {"delta.autoOptimize", K::kFlag, "", ""},
    {"delta.autoOptimize.autoCompact", K::kText, "", ""},
    {"delta.autoOptimize.optimizeWrite", K::kFlag, "", ""},
    {"delta.enableChangeDataCapture", K::kFlag, "false", ""},
    {"delta.castIcebergTimeType", K::kFlag, "false", ""},
    {"delta.ignoreIcebergBucketPartition", K::kFlag, "false", ""},
    {"delta.universalFormat.iceberg.atomicConversion.supported", K::kFlag, "false", ""},
    {"delta.rowTracking.materializedRowIdColumnName", K::kText, "", "", U::kKept, kWriterKeeps},
    {"delta.rowTracking.materializedRowCommitVersionColumnName", K::kText, "", "", U::kKept, kWriterKeeps},
    {"delta.inCommitTimestampEnablementVersion", K::kNatural, "", "", U::kKept, kIctKeeps},
    {"delta.inCommitTimestampEnablementTimestamp", K::kNatural, "", "", U::kKept, kIctKeeps},
    {"delta.requireCheckpointProtectionBeforeVersion", K::kNatural, "0", "", U::kKept,
     "it is written when a feature is dropped: leave it out"},
    {"delta.universalFormat.enabledFormats", K::kText, "", "", U::kRefused, kNoForeignMetadata},
    {"delta.compatibility.symlinkFormatManifest.enabled", K::kFlag, "false", ""},
    {"delta.coordinatedCommits.commitCoordinator-preview", K::kText, "", "", U::kRefused, kNoCoordinator},
    {"delta.coordinatedCommits.commitCoordinatorConf-preview", K::kText, "", "", U::kRefused, kNoCoordinator},
    {"delta.coordinatedCommits.tableConf-preview", K::kText, "", "", U::kRefused, kNoCoordinator},
    {"delta.redirectReaderWriter-preview", K::kText, "", "", U::kRefused, kNoRedirect},
    {"delta.redirectWriterOnly-preview", K::kText, "", "", U::kRefused, kNoRedirect},
};

constexpr std::string_view kIsolationLevels[] = {"serializable", "writeserializable", "snapshotisolation"};
constexpr std::string_view kCodecs[] = {"snappy", "zstd", "gzip", "lz4", "lz4_raw", "brotli", "uncompressed", "none"};

template <size_t N>
bool IsOneOf(const std::string& text, const std::string_view (&choices)[N]) {
  return std::find(std::begin(choices), std::end(choices), text) != std::end(choices);
}

bool IsWholeFrom(const std::string& text, int64_t least, int64_t most) {
  const std::optional<int64_t> number = ParseInt64(text);
  return number && *number >= least && *number <= most;
}

// What a value must be; "" when `value` is that.
std::string Complaint(PropertyKind kind, const std::string& value) {
  const std::string lower = AsciiLower(value);
  constexpr int64_t kMost32 = 2'147'483'647;
  switch (kind) {
    case K::kFlag:
      return lower == "true" || lower == "false" ? "" : "it must be true or false";
    case K::kPositive:
      return IsWholeFrom(value, 1, kMost32) ? "" : "it must be a whole number from 1";
    case K::kNatural:
      return IsWholeFrom(value, 0, INT64_MAX) ? "" : "it must be a whole number from 0";
    case K::kIndexedColumns:
      return IsWholeFrom(value, -1, kMost32) ? "" : "it must be a whole number from 0, or -1 for all columns";
    case K::kInterval: {
      const Result<int64_t> length = ParseIntervalMs(value);
      return length.ok() ? "" : length.error().message();
    }
    case K::kBytes:
      return ParseBytes(value) ? "" : "it must be a size such as 134217728, 128mb or 1gb";
    case K::kIsolation:
      return IsOneOf(lower, kIsolationLevels) ? "" : "it must be Serializable, WriteSerializable or SnapshotIsolation";
    case K::kCheckpointPolicy:
      return lower == "classic" || lower == "v2" ? "" : "it must be classic or v2";
    case K::kMappingMode:
      return lower == "none" || lower == "name" || lower == "id" ? "" : "it must be none, name or id";
    case K::kCodec:
      return IsOneOf(lower, kCodecs) ? "" : "it must be one of snappy, zstd, gzip, lz4, lz4_raw, brotli, uncompressed";
    case K::kParquetVersion:
      return value == "1.0.0" || value == "2.12.0" ? "" : "it must be 1.0.0 or 2.12.0";
    case K::kColumns:
      return ParseColumnList(value) ? "" : "it must be column names with commas between, `quoted` where need be";
    case K::kText:
      return "";
  }
  return "";
}

// How many letters must be changed, put in, left out or swapped to make one name of the other.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string Suggestion(std::string_view name) {
  std::vector<std::string_view> names;
  for (const PropertyRow& row : kProperties) {
    if (row.use == U::kSettable) names.push_back(row.name);
  }
  const std::string nearest = Nearest(name, names);
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace

std::string Nearest(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string lower = AsciiLower(name);
  std::string_view nearest;
  size_t best = std::max<size_t>(3, name.size() / 4 + 1);
  for (const std::string_view candidate : names) {
    const size_t distance = Distance(lower, AsciiLower(candidate));
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

std::span<const PropertyRow> AllProperties() { return kProperties; }

const PropertyRow* FindProperty(std::string_view name) {
  const std::string lower = AsciiLower(name);
  for (const PropertyRow& row : kProperties) {
    if (AsciiLower(row.name) == lower) return &row;
  }
  return nullptr;
}

Status CheckPropertyValue(const PropertyRow& row, const std::string& value) {
  const std::string complaint = Complaint(row.kind, value);
  if (complaint.empty()) return {};
  return InvalidArgument("table property {} is '{}': {}", row.name, value, complaint);
}

Result<std::pair<std::string, std::string>> CheckProperty(const std::string& name, const std::string& value) {
  const std::string lower = AsciiLower(name);
  if (!lower.starts_with("delta.")) return std::pair(name, value);
  constexpr std::string_view kConstraints = "delta.constraints.";
  if (lower.starts_with(kConstraints)) {
    if (lower.size() == kConstraints.size()) return InvalidArgument("table property {} names no constraint", name);
    return std::pair(std::string(kConstraints) + name.substr(kConstraints.size()), value);
  }
  // Spark's settings of its own for readers of other formats; free text.
  if (lower.starts_with("delta.universalformat.config.")) return std::pair(name, value);
  const PropertyRow* row = FindProperty(name);
  if (row == nullptr) return InvalidArgument("there is no table property {}{}", name, Suggestion(name));
  if (row->use == U::kKept) return InvalidArgument("table property {} cannot be set: {}", row->name, row->why);
  if (row->use == U::kRefused && AsciiLower(value) != "false") {
    return Unsupported("table property {} cannot be set: {}", row->name, row->why);
  }
  DELTIC_CHECK(CheckPropertyValue(*row, value));
  return std::pair(std::string(row->name), value);
}

std::string_view FeatureEnabledBy(std::string_view name, std::string_view value) {
  const std::string lower_name = AsciiLower(name);
  if (lower_name.starts_with("delta.constraints.")) return "checkConstraints";
  const PropertyRow* row = FindProperty(name);
  if (row == nullptr || row->feature.empty()) return "";
  const std::string lower = AsciiLower(value);
  switch (row->kind) {
    case K::kCheckpointPolicy:
      return lower == "v2" ? row->feature : "";
    case K::kMappingMode:
      return lower == "name" || lower == "id" ? row->feature : "";
    default:
      return lower == "true" ? row->feature : "";
  }
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  struct Suffix {
    std::string_view name;
    int64_t bytes;
  };
  constexpr int64_t kKilo = 1024;
  constexpr Suffix kSuffixes[] = {{"", 1},
                                  {"b", 1},
                                  {"k", kKilo},
                                  {"kb", kKilo},
                                  {"kib", kKilo},
                                  {"m", kKilo * kKilo},
                                  {"mb", kKilo * kKilo},
                                  {"mib", kKilo * kKilo},
                                  {"g", kKilo * kKilo * kKilo},
                                  {"gb", kKilo * kKilo * kKilo},
                                  {"gib", kKilo * kKilo * kKilo}};
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  std::string_view suffix(end, text.data() + text.size() - end);
  while (!suffix.empty() && suffix.front() == ' ') suffix.remove_prefix(1);
  for (const Suffix& known : kSuffixes) {
    int64_t bytes = 0;
    if (AsciiLower(suffix) != known.name) continue;
    if (__builtin_mul_overflow(number, known.bytes, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

std::optional<std::vector<ColumnPath>> ParseColumnList(std::string_view text) {
  std::vector<ColumnPath> columns;
  ColumnPath path;
  const auto skip_spaces = [&] {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  };
  skip_spaces();
  if (text.empty()) return columns;
  while (true) {
    skip_spaces();
    std::string name;
    if (!text.empty() && text.front() == '`') {
      text.remove_prefix(1);
      while (true) {
        const size_t quote = text.find('`');
        if (quote == std::string_view::npos) return std::nullopt;
        name += text.substr(0, quote);
        text.remove_prefix(quote + 1);
        if (text.empty() || text.front() != '`') break;
        name += '`';
        text.remove_prefix(1);
      }
    } else {
      const size_t end = std::min(text.find_first_of(",.`"), text.size());
      name = text.substr(0, end);
      while (!name.empty() && name.back() == ' ') name.pop_back();
      text.remove_prefix(end);
    }
    if (name.empty()) return std::nullopt;
    path.push_back(std::move(name));
    skip_spaces();
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      continue;
    }
    columns.push_back(std::exchange(path, {}));
    if (text.empty()) return columns;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
}

std::string FormatColumnList(const std::vector<ColumnPath>& columns) {
  std::string text;
  for (const ColumnPath& path : columns) {
    if (!text.empty()) text += ',';
    for (const std::string& name : path) {
      if (&name != &path.front()) text += '.';
      const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
      if (plain) {
        text += name;
        continue;
      }
      text += '`';
      for (const char c : name) text += c == '`' ? std::string("``") : std::string(1, c);
      text += '`';
    }
  }
  return text;
}

}  // namespace deltic
