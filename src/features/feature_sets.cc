// Owns the computing with sets of features. What Spark 4.2 with Delta 4.4 makes of each set is in feature_sets_test.cc.
#include "features/feature_sets.h"

#include <algorithm>

#include "features/properties.h"

namespace deltic {
namespace {

struct Versions {
  int32_t reader;
  int32_t writer;
};
// The versions that stand for a set each, lowest first. (1,5) is (1,4): without readers there is no column mapping.
constexpr Versions kLegacy[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 5}, {1, 6}, {2, 6}};

void AddFeaturesOfType(const DataType& type, FeatureSet& features);

void AddFeaturesOfFields(const Fields& fields, FeatureSet& features) {
  for (const StructField& field : fields) {
    const auto has = [&](const char* key) { return field.metadata.contains(key); };
    if (has("delta.generationExpression")) features.insert("generatedColumns");
    if (has("delta.identity.start")) features.insert("identityColumns");
    if (has("delta.invariants")) features.insert("invariants");
    if (has("CURRENT_DEFAULT")) features.insert("allowColumnDefaults");
    if (!field.type_changes.empty()) features.insert("typeWidening");
    AddFeaturesOfType(field.type, features);
  }
}

void AddFeaturesOfType(const DataType& type, FeatureSet& features) {
  switch (type.kind()) {
    case TypeKind::kTimestampNtz:
      features.insert("timestampNtz");
      return;
    case TypeKind::kVariant:
      features.insert("variantType");
      return;
    case TypeKind::kStruct:
      return AddFeaturesOfFields(type.fields(), features);
    case TypeKind::kArray:
      return AddFeaturesOfType(type.element(), features);
    case TypeKind::kMap:
      AddFeaturesOfType(type.key(), features);
      return AddFeaturesOfType(type.value(), features);
    default:
      return;
  }
}

// A preview's feature of the same name honours what the final one does; a table has one of them.
void DropWherePreviewIs(const FeatureSet& supported, FeatureSet& needed) {
  for (auto it = needed.begin(); it != needed.end();) {
    it = supported.contains(*it + "-preview") ? needed.erase(it) : std::next(it);
  }
}

// With lists, whatever legacy versions could say. `reader`: the least reader version.
Protocol Listed(const FeatureSet& features, int32_t reader) {
  Protocol protocol{reader, 7, std::nullopt, std::vector<std::string>(features.begin(), features.end())};
  std::vector<std::string> for_readers;
  for (const std::string& name : features) {
    const FeatureRow* row = FindFeature(name);
    if (row == nullptr || !row->reader_writer) continue;
    for_readers.push_back(name);
    protocol.min_reader_version =
        std::max(protocol.min_reader_version, row->legacy_reader > 0 ? row->legacy_reader : 3);
  }
  if (protocol.min_reader_version >= 3) protocol.reader_features = std::move(for_readers);
  return protocol;
}

std::vector<std::string> Sorted(std::optional<std::vector<std::string>> names) {
  if (!names) return {};
  std::sort(names->begin(), names->end());
  return *names;
}

}  // namespace

FeatureSet FeaturesOf(const Protocol& protocol) {
  FeatureSet features;
  if (protocol.min_reader_version >= 3 && protocol.reader_features) {
    features.insert(protocol.reader_features->begin(), protocol.reader_features->end());
  }
  if (protocol.min_writer_version >= 7) {
    if (protocol.writer_features) features.insert(protocol.writer_features->begin(), protocol.writer_features->end());
    return features;
  }
  for (const FeatureRow& row : AllFeatures()) {
    if (row.legacy_writer == 0 || row.legacy_writer > protocol.min_writer_version) continue;
    if (row.legacy_reader > protocol.min_reader_version) continue;
    features.insert(std::string(row.name));
  }
  return features;
}

FeatureSet WithImplied(FeatureSet features) {
  // What is implied implies nothing more today; the loop does not rely on it.
  for (size_t before = 0; before != features.size();) {
    before = features.size();
    for (const std::string& name : FeatureSet(features)) {
      const FeatureRow* row = FindFeature(name);
      if (row == nullptr) continue;
      for (const std::string_view implied : row->implies) {
        if (!implied.empty()) features.insert(std::string(implied));
      }
    }
  }
  return features;
}

FeatureSet FeaturesNeeded(const Fields& schema, const StringMap& configuration) {
  FeatureSet features;
  AddFeaturesOfFields(schema, features);
  for (const auto& [key, value] : configuration) {
    if (const std::string_view feature = FeatureEnabledBy(key, value); !feature.empty()) {
      features.insert(std::string(feature));
    }
  }
  return features;
}

Protocol ProtocolOf(const FeatureSet& features) {
  for (const Versions& versions : kLegacy) {
    Protocol legacy{versions.reader, versions.writer, {}, {}};
    if (FeaturesOf(legacy) == features) return legacy;
  }
  return Listed(features, 1);
}

Protocol WithFeatures(const Protocol& protocol, const FeatureSet& features) {
  FeatureSet all = FeaturesOf(protocol);
  FeatureSet more = WithImplied(features);
  DropWherePreviewIs(all, more);
  const size_t before = all.size();
  all.insert(more.begin(), more.end());
  if (all.size() == before) return protocol;
  // A table with lists keeps them: versions never go down while features are added.
  return protocol.min_writer_version >= 7 ? Listed(all, protocol.min_reader_version) : ProtocolOf(all);
}

bool SameProtocol(const Protocol& a, const Protocol& b) {
  return a.min_reader_version == b.min_reader_version && a.min_writer_version == b.min_writer_version &&
         a.reader_features.has_value() == b.reader_features.has_value() &&
         a.writer_features.has_value() == b.writer_features.has_value() &&
         Sorted(a.reader_features) == Sorted(b.reader_features) &&
         Sorted(a.writer_features) == Sorted(b.writer_features);
}

}  // namespace deltic
