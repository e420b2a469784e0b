// Owns the numbering of rows. Protocol: "Row Tracking".
#include "commit/row_ids.h"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "expr/prune.h"

namespace deltic {
namespace {

Result<int64_t> MarkOf(const DomainMetadata& domain) {
  const nlohmann::json json = nlohmann::json::parse(domain.configuration, nullptr, false);
  if (json.is_object()) {
    const auto mark = json.find("rowIdHighWaterMark");
    if (mark != json.end() && mark->is_number_integer() && mark->get<int64_t>() >= -1) return mark->get<int64_t>();
  }
  return Corrupt("the metadata domain {} has no rowIdHighWaterMark: {}", kRowTrackingDomain,
                 domain.configuration.substr(0, 200));
}

}  // namespace

bool NumbersRows(const Protocol& protocol, const Metadata& metadata) {
  if (!SupportsFeature(protocol, "rowTracking")) return false;
  const auto suspended = metadata.configuration.find("delta.rowTrackingSuspended");
  return suspended == metadata.configuration.end() || (suspended->second != "true" && suspended->second != "TRUE");
}

Result<int64_t> RowIdMark(const std::vector<DomainMetadata>& domains) {
  for (const DomainMetadata& domain : domains) {
    if (domain.domain == kRowTrackingDomain && !domain.removed) return MarkOf(domain);
  }
  return -1;
}

Status NumberRows(const RowNumbering& numbering, std::vector<Action>& actions) {
  int64_t mark = numbering.high_water;
  for (const Action& action : actions) {
    const DomainMetadata* domain = std::get_if<DomainMetadata>(&action);
    if (!domain || domain->domain != kRowTrackingDomain || domain->removed) continue;
    DELTIC_TRY(const int64_t brought, MarkOf(*domain));
    mark = std::max(mark, brought);
  }
  const int64_t given = mark;
  for (Action& action : actions) {
    AddFile* add = std::get_if<AddFile>(&action);
    if (!add) continue;
    if (!add->default_row_commit_version) add->default_row_commit_version = numbering.version;
    if (add->base_row_id) {
      if (*add->base_row_id <= given) continue;
      return Internal("{} has base row id {}, but the table has numbered its rows up to {} only", add->path,
                      *add->base_row_id, given);
    }
    const std::optional<int64_t> rows = NumRecords(add->stats ? std::string_view(*add->stats) : std::string_view());
    if (!rows || *rows < 0) {
      return InvalidArgument("{} has no numRecords in its statistics, which a table with row tracking needs",
                             add->path);
    }
    if (*rows > std::numeric_limits<int64_t>::max() - 1 - mark) {
      return Corrupt("the table's row ids end: {} rows more than {} cannot be numbered", *rows, mark);
    }
    add->base_row_id = mark + 1;
    mark += *rows;
  }
  const auto is_mark = [](const Action& action) {
    const DomainMetadata* domain = std::get_if<DomainMetadata>(&action);
    return domain && domain->domain == kRowTrackingDomain;
  };
  const auto first = std::find_if(actions.begin(), actions.end(), is_mark);
  if (mark == numbering.high_water && first == actions.end()) return {};
  const DomainMetadata domain{.domain = kRowTrackingDomain,
                              .configuration = fmt::format(R"({{"rowIdHighWaterMark":{}}})", mark)};
  if (first != actions.end()) {
    *first = domain;
  } else {
    actions.insert(actions.begin(), domain);
  }
  return {};
}

}  // namespace deltic
