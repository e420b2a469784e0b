// Owns the JSON of the domain: {"clusteringColumns":[["a"],["s","x"]],"domainName":"delta.clustering"}, as Spark's.
#include "alter/clustering.h"

#include <simdjson.h>

#include "base/error.h"
#include "base/json_text.h"

namespace deltic {
namespace {

// The field of this physical name.
const StructField* FindPhysical(const Fields& fields, std::string_view name, MappingMode mode) {
  for (const StructField& field : fields) {
    if (PhysicalName(field, mode) == name) return &field;
  }
  return nullptr;
}

Result<ColumnPath> ToLogical(const ColumnPath& physical, const Fields& schema, MappingMode mode) {
  ColumnPath logical;
  Fields level = schema;
  for (const std::string& name : physical) {
    const StructField* field = FindPhysical(level, name, mode);
    if (field == nullptr) {
      return Corrupt("the domain {} names the column {}, which the schema does not have", kClusteringDomain,
                     ToString(physical));
    }
    logical.push_back(field->name);
    const Fields next = field->type.kind() == TypeKind::kStruct ? field->type.fields() : Fields();
    level = next;
  }
  return logical;
}

}  // namespace

DomainMetadata MakeClusteringDomain(const Fields& schema, MappingMode mode, const std::vector<ColumnPath>& columns) {
  std::string json = R"({"clusteringColumns":[)";
  for (const ColumnPath& path : columns) {
    if (&path != &columns.front()) json += ',';
    json += '[';
    Fields level = schema;
    for (size_t step = 0; step < path.size(); ++step) {
      if (step > 0) json += ',';
      const StructField* field = FindField(level, path[step]);
      AppendJsonString(json, field == nullptr ? path[step] : PhysicalName(*field, mode));
      const Fields next = field != nullptr && field->type.kind() == TypeKind::kStruct ? field->type.fields() : Fields();
      level = next;
    }
    json += ']';
  }
  return {kClusteringDomain, json + R"(],"domainName":"delta.clustering"})", false};
}

Result<std::vector<ColumnPath>> ReadClusteringColumns(const std::vector<DomainMetadata>& domains, const Fields& schema,
                                                      MappingMode mode) {
  std::vector<ColumnPath> columns;
  for (const DomainMetadata& domain : domains) {
    if (domain.domain != kClusteringDomain || domain.removed) continue;
    simdjson::dom::parser parser;
    simdjson::dom::array paths;
    if (parser.parse(simdjson::padded_string(domain.configuration))["clusteringColumns"].get_array().get(paths) !=
        simdjson::SUCCESS) {
      return Corrupt("the domain {} has no list clusteringColumns: {}", kClusteringDomain, domain.configuration);
    }
    for (const auto element : paths) {
      simdjson::dom::array steps;
      ColumnPath physical;
      if (element.get_array().get(steps) != simdjson::SUCCESS) {
        return Corrupt("the domain {} holds what is no column: {}", kClusteringDomain, domain.configuration);
      }
      for (const auto step : steps) {
        std::string_view name;
        if (step.get_string().get(name) != simdjson::SUCCESS) {
          return Corrupt("the domain {} holds what is no column: {}", kClusteringDomain, domain.configuration);
        }
        physical.emplace_back(name);
      }
      DELTIC_TRY(ColumnPath logical, ToLogical(physical, schema, mode));
      columns.push_back(std::move(logical));
    }
  }
  return columns;
}

}  // namespace deltic
