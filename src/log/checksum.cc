// Owns the parsing and the making of N.crc. Protocol: "Version Checksum File Schema".
#include "log/checksum.h"

#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "actions/actions_json.h"
#include "base/error.h"
#include "base/json_text.h"

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

// Marks the checksums whose sums deltic counted or added up itself. Other readers pass over keys they do not know.
constexpr std::string_view kWriterKey = "writer";
constexpr std::string_view kWriter = "deltic";

// {"metaData":{...}} without the name around it.
std::string Unnamed(const Action& action) {
  const std::string line = ToJson(action);
  const size_t colon = line.find(':');
  return line.substr(colon + 1, line.size() - colon - 2);
}

template <size_t kCount>
void AppendNumbers(std::string& out, std::string_view name, std::span<const int64_t, kCount> numbers) {
  fmt::format_to(std::back_inserter(out), "\"{}\":[{}]", name, fmt::join(numbers, ","));
}

template <class T>
void AppendActions(std::string& out, std::string_view name, const std::optional<std::vector<T>>& actions) {
  if (!actions) return;
  out += fmt::format(",\"{}\":[", name);
  for (size_t i = 0; i < actions->size(); ++i) {
    if (i > 0) out += ',';
    out += Unnamed((*actions)[i]);
  }
  out += ']';
}

template <size_t kCount>
bool ReadNumbers(const dom::object& object, const char* name, std::array<int64_t, kCount>& numbers) {
  dom::array array;
  if (object[name].get(array) != simdjson::SUCCESS || array.size() != kCount) return false;
  size_t i = 0;
  for (const dom::element element : array) {
    if (element.get(numbers[i]) != simdjson::SUCCESS || numbers[i] < 0) return false;
    ++i;
  }
  return true;
}

template <class T>
std::optional<std::vector<T>> ReadActions(const dom::object& object, const char* name, const std::string& action_name) {
  dom::array array;
  if (object[name].get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<T> actions;
  ActionParser parser;
  for (const dom::element element : array) {
    Result<std::optional<Action>> action = parser.Parse("{\"" + action_name + "\":" + simdjson::minify(element) + "}");
    if (!action.ok() || !action->has_value()) return std::nullopt;
    actions.push_back(std::get<T>(std::move(**action)));
  }
  return actions;
}

bool ReadCount(const dom::object& object, const char* name, int64_t& value) {
  return object[name].get(value) == simdjson::SUCCESS && value >= 0;
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

std::string FormatChecksum(const ChecksumText& text) {
  const FileSums& sums = text.sums;
  std::string out = "{";
  if (!text.txn_id.empty()) {
    out += "\"txnId\":";
    AppendJsonString(out, text.txn_id);
    out += ',';
  }
  out += fmt::format(R"("tableSizeBytes":{},"numFiles":{},"numMetadata":1,"numProtocol":1)", sums.size_bytes,
                     sums.num_files);
  if (text.deletion_vectors) {
    out += fmt::format(R"(,"numDeletedRecordsOpt":{},"numDeletionVectorsOpt":{})", sums.num_deleted_records,
                       sums.num_deletion_vectors);
  }
  if (text.in_commit_timestamp) out += fmt::format(R"(,"inCommitTimestampOpt":{})", *text.in_commit_timestamp);
  AppendActions(out, "setTransactions", text.transactions);
  AppendActions(out, "domainMetadata", text.domains);
  out += ",\"metadata\":" + Unnamed(text.metadata) + ",\"protocol\":" + Unnamed(text.protocol);
  out += ",\"fileSizeHistogram\":{";
  AppendNumbers(out, "sortedBinBoundaries", FileSizeBins());
  out += ',';
  AppendNumbers(out, "fileCounts", std::span<const int64_t, kFileSizeBins>(sums.file_counts));
  out += ',';
  AppendNumbers(out, "totalBytes", std::span<const int64_t, kFileSizeBins>(sums.total_bytes));
  out += '}';
  if (text.deletion_vectors) {
    out += ",\"deletedRecordCountsHistogramOpt\":{";
    AppendNumbers(out, "deletedRecordCounts", std::span<const int64_t, kDeletedRecordBins>(sums.deleted_record_counts));
    out += '}';
  }
  return out + fmt::format(",\"{}\":\"{}\"}}\n", kWriterKey, kWriter);
}

std::optional<ChecksumSums> ParseOwnChecksum(std::string_view json) {
  dom::parser parser;
  dom::object object, histogram, deleted;
  if (parser.parse(simdjson::padded_string(json)).get(object) != simdjson::SUCCESS) return std::nullopt;
  std::string_view writer;
  if (object[kWriterKey].get(writer) != simdjson::SUCCESS || writer != kWriter) return std::nullopt;
  ChecksumSums found;
  FileSums& sums = found.sums;
  std::array<int64_t, kFileSizeBins> bins{};
  if (!ReadCount(object, "numFiles", sums.num_files) || !ReadCount(object, "tableSizeBytes", sums.size_bytes) ||
      object["fileSizeHistogram"].get(histogram) != simdjson::SUCCESS ||
      !ReadNumbers(histogram, "sortedBinBoundaries", bins) ||
      !std::equal(bins.begin(), bins.end(), FileSizeBins().begin()) ||
      !ReadNumbers(histogram, "fileCounts", sums.file_counts) ||
      !ReadNumbers(histogram, "totalBytes", sums.total_bytes)) {
    return std::nullopt;
  }
  if (object["deletedRecordCountsHistogramOpt"].get(deleted) == simdjson::SUCCESS) {
    if (!ReadNumbers(deleted, "deletedRecordCounts", sums.deleted_record_counts) ||
        !ReadCount(object, "numDeletedRecordsOpt", sums.num_deleted_records) ||
        !ReadCount(object, "numDeletionVectorsOpt", sums.num_deletion_vectors)) {
      return std::nullopt;
    }
  } else {
    sums.deleted_record_counts[0] = sums.num_files;  // told only of tables that can have deletion vectors
  }
  found.transactions = ReadActions<SetTransaction>(object, "setTransactions", "txn");
  found.domains = ReadActions<DomainMetadata>(object, "domainMetadata", "domainMetadata");
  return found;
}

}  // namespace deltic
