// Owns the table of features and the answers to "may this build read (write) such a table?". Properties are in
// table_config.cc and properties.cc.
//
// A reader must honour what readerFeatures lists and what its legacy reader version implies, nothing else: a name that
// is only in writerFeatures, known or not, never stops a read. Names come from the protocol's appendix, from the
// proposals beside it and from what published writers put into tables.
#include "features/features.h"

#include <algorithm>

#include "base/error.h"

namespace deltic {
namespace {

constexpr int32_t kLastReaderVersion = 3;
constexpr int32_t kLastWriterVersion = 7;
constexpr int32_t kFeaturesReaderVersion = 3;
constexpr int32_t kFeaturesWriterVersion = 7;

constexpr std::string_view kCatalog =
    "a catalog keeps this table's commits, so that opening it by its path alone could miss versions or show some that "
    "never happened: open it through its catalog, which this build cannot do yet";
constexpr std::string_view kRedirect =
    "the table has moved and its log names the new place: open the table there, this build does not follow redirects";
constexpr std::string_view kCollations =
    "its strings compare by collations, which this build does not know: read it with a client that does";
constexpr std::string_view kNoType = "this build has no reader for its column type: read it with a client that does";

constexpr std::string_view kCoordinator =
    "a commit coordinator decides which commits of this table count, which this build cannot ask: write it with the "
    "client that made it, or drop the feature there";
constexpr std::string_view kIcebergWriter =
    "its rules for Iceberg's readers are beyond this build (IcebergCompatV1 and V2 it keeps): write it with a client "
    "that supports it";

using Implied = std::array<std::string_view, 2>;

constexpr FeatureRow ReaderWriter(std::string_view name, Implied implies = {}) {
  return {name, true, 0, 0, true, {}, true, {}, implies};
}
constexpr FeatureRow Refused(std::string_view name, std::string_view why) {
  return {name, true, 0, 0, false, why, false, why, {}};
}
constexpr FeatureRow WriterOnly(std::string_view name, int32_t legacy_writer = 0) {
  return {name, false, 0, legacy_writer, true, {}, true, {}, {}};
}
constexpr FeatureRow Implying(std::string_view name, Implied implies) {
  return {name, false, 0, 0, true, {}, true, {}, implies};
}
constexpr FeatureRow WriteRefused(std::string_view name, std::string_view why) {
  return {name, false, 0, 0, true, {}, false, why, {}};
}

constexpr FeatureRow kFeatures[] = {
    // Readers and writers.
    {"columnMapping", true, 2, 5, true, {}, true, {}, {}},
    ReaderWriter("deletionVectors"),
    ReaderWriter("timestampNtz"),
    ReaderWriter("v2Checkpoint"),
    ReaderWriter("vacuumProtocolCheck"),
    ReaderWriter("typeWidening"),
    ReaderWriter("typeWidening-preview"),
    ReaderWriter("variantType"),
    ReaderWriter("variantType-preview"),
    ReaderWriter("variantShredding", {"variantType"}),
    ReaderWriter("variantShredding-preview"),
    Refused("catalogManaged", kCatalog),
    Refused("catalogOwned", kCatalog),
    Refused("catalogOwned-preview", kCatalog),
    Refused("redirectReaderWriter", kRedirect),
    Refused("redirectReaderWriter-preview", kRedirect),
    Refused("geospatial", kNoType),
    Refused("timestampNanos", kNoType),
    // Writers only.
    WriterOnly("appendOnly", 2),
    WriterOnly("invariants", 2),
    WriterOnly("checkConstraints", 3),
    WriterOnly("changeDataFeed", 4),
    WriterOnly("generatedColumns", 4),
    WriterOnly("identityColumns", 6),
    WriterOnly("allowColumnDefaults"),
    Implying("rowTracking", {"domainMetadata"}),
    WriterOnly("domainMetadata"),
    Implying("clustering", {"domainMetadata"}),
    WriterOnly("inCommitTimestamp"),
    WriterOnly("inCommitTimestamp-preview"),
    Implying("icebergCompatV1", {"columnMapping"}),
    Implying("icebergCompatV2", {"columnMapping"}),
    WriteRefused("icebergCompatV3", kIcebergWriter),
    WriteRefused("icebergWriterCompatV1", kIcebergWriter),
    WriteRefused("icebergWriterCompatV3", kIcebergWriter),
    WriterOnly("checkpointProtection"),
    WriterOnly("materializePartitionColumns"),
    WriteRefused("coordinatedCommits-preview", kCoordinator),
    WriteRefused("managedCommits-dev", kCoordinator),
    WriteRefused("redirectWriterOnly", kRedirect),
    WriteRefused("redirectWriterOnly-preview", kRedirect),
    // Seen only among writerFeatures. Were a table to demand them of readers, string comparison would not be ours.
    {"collations", false, 0, 0, false, kCollations, false, kCollations, {}},
    {"collations-preview", false, 0, 0, false, kCollations, false, kCollations, {}},
};

bool Lists(const std::optional<std::vector<std::string>>& features, std::string_view name) {
  return features && std::find(features->begin(), features->end(), name) != features->end();
}

// Obstacles by name, those that share a reason told together: "a, b (why); c (why)".
class Obstacles {
 public:
  void Add(const std::string& name, const std::string& reason) {
    if (reason.empty()) return;
    ++count_;
    const auto same = std::find_if(rows_.begin(), rows_.end(), [&](const auto& row) { return row.second == reason; });
    if (same == rows_.end()) {
      rows_.emplace_back(name, reason);
    } else {
      same->first += ", " + name;
    }
  }
  bool empty() const { return rows_.empty(); }
  // "feature x (why)", "features x (why); y (why)".
  std::string ToString() const {
    std::string text;
    for (const auto& [names, reason] : rows_) {
      text += (text.empty() ? "" : "; ") + names + " (" + reason + ")";
    }
    return (count_ == 1 ? "feature " : "features ") + text;
  }

 private:
  size_t count_ = 0;
  std::vector<std::pair<std::string, std::string>> rows_;  // names, reason
};

// Whether the two versions and the lists fit together; an illegal combination leaves open what it demands.
Status CheckShape(const Protocol& protocol) {
  if (protocol.min_reader_version < 1 || protocol.min_writer_version < 1) {
    return Corrupt("the table's protocol has minReaderVersion {} and minWriterVersion {}; both begin at 1",
                   protocol.min_reader_version, protocol.min_writer_version);
  }
  if (protocol.min_reader_version < kFeaturesReaderVersion) return {};
  if (protocol.min_writer_version < kFeaturesWriterVersion) {
    return Corrupt(
        "the table's protocol has minReaderVersion {} with minWriterVersion {}: table features for readers "
        "without those for writers (version 7) are illegal",
        protocol.min_reader_version, protocol.min_writer_version);
  }
  if (!protocol.reader_features) {
    return Corrupt("the table's protocol has minReaderVersion {} but no readerFeatures, which that version must list",
                   protocol.min_reader_version);
  }
  return {};
}

// Why this build cannot read a feature of readerFeatures; empty when it can. A writer-only feature there changes
// nothing for a reader.
std::string Obstacle(std::string_view name) {
  const FeatureRow* row = FindFeature(name);
  if (row == nullptr) {
    return "this build does not know it: read it with a newer deltic, or with a client that supports it";
  }
  return row->can_read ? "" : std::string(row->refusal);
}

std::string WriteObstacle(std::string_view name) {
  const FeatureRow* row = FindFeature(name);
  if (row == nullptr) {
    return "this build does not know it: write with a newer deltic, or with a client that supports it";
  }
  return row->can_write ? "" : std::string(row->write_refusal);
}

}  // namespace

std::span<const FeatureRow> AllFeatures() { return kFeatures; }

const FeatureRow* FindFeature(std::string_view name) {
  for (const FeatureRow& row : kFeatures) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Status CheckReadable(const Protocol& protocol) {
  if (protocol.min_reader_version > kLastReaderVersion) {
    return Unsupported("the table needs reader version {}; this build reads versions 1 to {}: use a newer one",
                       protocol.min_reader_version, kLastReaderVersion);
  }
  DELTIC_CHECK(CheckShape(protocol));
  // Below reader version 3 a list should not be there; when it is, what it demands is honoured all the same.
  if (!protocol.reader_features) return {};
  Obstacles obstacles;
  for (const std::string& name : *protocol.reader_features) obstacles.Add(name, Obstacle(name));
  if (obstacles.empty()) return {};
  return Unsupported("the table needs the reader {}", obstacles.ToString());
}

Status CheckWritable(const Protocol& protocol) {
  DELTIC_CHECK(CheckReadable(protocol));
  if (protocol.min_writer_version > kLastWriterVersion) {
    return Unsupported("the table needs writer version {}; this build writes versions 1 to {}: use a newer one",
                       protocol.min_writer_version, kLastWriterVersion);
  }
  if (protocol.min_writer_version == kFeaturesWriterVersion && !protocol.writer_features) {
    return Corrupt("the table's protocol has minWriterVersion 7 but no writerFeatures, which that version must list");
  }
  Obstacles obstacles;
  if (protocol.writer_features) {
    for (const std::string& name : *protocol.writer_features) obstacles.Add(name, WriteObstacle(name));
  }
  if (!obstacles.empty()) return Unsupported("writing to the table needs the {}", obstacles.ToString());
  // Protocol: "It is not allowed to list a feature only in readerFeatures but not in writerFeatures."
  if (protocol.reader_features) {
    for (const std::string& name : *protocol.reader_features) {
      if (!Lists(protocol.writer_features, name)) {
        return Corrupt("the table's protocol lists {} in readerFeatures but not in writerFeatures", name);
      }
    }
  }
  return {};
}

bool SupportsFeature(const Protocol& protocol, std::string_view name) {
  const FeatureRow* row = FindFeature(name);
  const bool for_readers = row != nullptr ? row->reader_writer : Lists(protocol.reader_features, name);
  if (for_readers) {
    if (protocol.min_reader_version >= kFeaturesReaderVersion) return Lists(protocol.reader_features, name);
    return row != nullptr && row->legacy_reader > 0 && protocol.min_reader_version >= row->legacy_reader;
  }
  if (protocol.min_writer_version >= kFeaturesWriterVersion) return Lists(protocol.writer_features, name);
  return row != nullptr && row->legacy_writer > 0 && protocol.min_writer_version >= row->legacy_writer;
}

}  // namespace deltic
