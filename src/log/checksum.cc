// Owns the parsing of N.crc. Protocol: "Version Checksum File Schema".
#include "log/checksum.h"

#include <simdjson.h>

#include <string>

#include "actions/actions_json.h"
#include "base/error.h"

namespace deltic {
namespace {

namespace dom = simdjson::dom;

Result<std::optional<int64_t>> Count(const dom::object& object, const char* name) {
  dom::element element;
  if (object[name].get(element) != simdjson::SUCCESS || element.is_null()) return std::optional<int64_t>();
  int64_t value = 0;
  if (element.get(value) != simdjson::SUCCESS || value < 0) return Corrupt("{} is not a count", name);
  return std::optional<int64_t>(value);
}

// The action under `name`, through the one codec that actions have.
Result<std::optional<Action>> Inner(const dom::object& object, const char* name, const char* action_name) {
  dom::element element;
  if (object[name].get(element) != simdjson::SUCCESS || element.is_null()) return std::optional<Action>();
  ActionParser parser;
  return parser.Parse("{\"" + std::string(action_name) + "\":" + simdjson::minify(element) + "}");
}

}  // namespace

Result<VersionChecksum> ParseChecksum(std::string_view json) {
  dom::parser parser;
  dom::object object;
  if (auto error = parser.parse(simdjson::padded_string(json)).get(object)) {
    return Corrupt("the version checksum is not a JSON object: {}", simdjson::error_message(error));
  }
  VersionChecksum checksum;
  DELTIC_TRY(std::optional<Action> protocol, Inner(object, "protocol", "protocol"));
  DELTIC_TRY(std::optional<Action> metadata, Inner(object, "metadata", "metaData"));
  if (protocol && std::holds_alternative<Protocol>(*protocol)) checksum.protocol = std::get<Protocol>(*protocol);
  if (metadata && std::holds_alternative<Metadata>(*metadata)) checksum.metadata = std::get<Metadata>(*metadata);
  DELTIC_TRY(checksum.num_files, Count(object, "numFiles"));
  DELTIC_TRY(checksum.table_size_bytes, Count(object, "tableSizeBytes"));
  DELTIC_TRY(checksum.num_deletion_vectors, Count(object, "numDeletionVectorsOpt"));
  DELTIC_TRY(checksum.num_deleted_records, Count(object, "numDeletedRecordsOpt"));
  DELTIC_TRY(checksum.in_commit_timestamp, Count(object, "inCommitTimestampOpt"));
  return checksum;
}

}  // namespace deltic
