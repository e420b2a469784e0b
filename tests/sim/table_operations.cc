// Owns the table's operations; see the header.
#include "table_operations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deltic::sim {
namespace {

constexpr const char* kDomain = "sim.counter";

}  // namespace

void ChangeProperty(Work& work) {
  Intent intent = work.Start("change property");
  Metadata metadata = work.snapshot()->metadata();
  metadata.configuration["sim.property"] = std::to_string(work.NextNumber());
  intent.actions.emplace_back(std::move(metadata));
  work.Finish(std::move(intent));
}

void Constrain(Work& work) {
  Intent intent = work.Start("constrain");
  std::vector<AddFile> files;
  if (!work.Read(std::nullopt, files, intent)) return;
  Metadata metadata = work.snapshot()->metadata();
  metadata.configuration["sim.constraint"] = std::to_string(work.NextNumber());
  intent.actions.emplace_back(std::move(metadata));
  work.Finish(std::move(intent));
}

void AddFeature(Work& work) {
  Intent intent = work.Start("add feature");
  Protocol protocol = work.snapshot()->protocol();
  const std::string name = work.dice().Happens(0.5) ? "vacuumProtocolCheck" : "checkConstraints";
  auto& writer = *protocol.writer_features;
  if (std::find(writer.begin(), writer.end(), name) != writer.end()) return;
  writer.push_back(name);
  if (name == "vacuumProtocolCheck") protocol.reader_features->push_back(name);
  intent.actions.emplace_back(std::move(protocol));
  work.Finish(std::move(intent));
}

void AddToDomain(Work& work) {
  const Result<std::vector<DomainMetadata>> domains = work.snapshot()->Domains();
  if (!domains.ok()) return;
  Intent intent = work.Start("add to domain");
  work.deed().domain_saw = "0";
  for (const DomainMetadata& domain : *domains) {
    if (domain.domain == kDomain) work.deed().domain_saw = domain.configuration;
  }
  intent.actions.emplace_back(
      DomainMetadata{.domain = kDomain, .configuration = std::to_string(std::stoll(*work.deed().domain_saw) + 1)});
  work.Finish(std::move(intent));
}

}  // namespace deltic::sim
