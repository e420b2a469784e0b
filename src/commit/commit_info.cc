// Owns the making and reading of commitInfo. Members are in Spark's order, so that logs of both read alike; the
// protocol asks only that inCommitTimestamp is there where the table has them.
#include "commit/commit_info.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "commit/commit.h"

namespace deltic {
namespace {

constexpr std::array<std::string_view, 17> kOwnMembers = {"timestamp",
                                                          "inCommitTimestamp",
                                                          "operation",
                                                          "operationParameters",
                                                          "readVersion",
                                                          "isolationLevel",
                                                          "isBlindAppend",
                                                          "operationMetrics",
                                                          "engineInfo",
                                                          "txnId",
                                                          "userMetadata",
                                                          "tags",
                                                          "version",
                                                          "userId",
                                                          "userName",
                                                          "clusterId",
                                                          "job"};

// Appends members with commas between them.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  std::string& Name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    AppendJsonString(out_, name);
    out_ += ':';
    return out_;
  }
  void Text(std::string_view name, std::string_view value) { AppendJsonString(Name(name), value); }
  void Raw(std::string_view name, std::string_view json) { Name(name) += json; }
  void Texts(std::string_view name, const StringMap& values) {
    Members inner(Name(name));
    for (const auto& [key, value] : values) inner.Text(key, value);
    inner.Close();
  }
  void Close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

Status CheckFields(const CommitInfoFields& fields) {
  for (const auto& [name, value] : fields.operation->parameters) {
    if (!nlohmann::json::accept(value)) {
      return InvalidArgument("the operation parameter '{}' is not a JSON text: {}", name, value.substr(0, 100));
    }
  }
  if (!fields.user_metadata) return {};
  for (const auto& [name, value] : *fields.user_metadata) {
    if (std::find(kOwnMembers.begin(), kOwnMembers.end(), name) == kOwnMembers.end()) continue;
    return InvalidArgument("commit metadata may not be called '{}': Delta has a member of that name in commitInfo",
                           name);
  }
  return {};
}

// A commit is one action a line. Within JSON a bare line end is white space (in strings it is escaped).
std::string OneLine(std::string json) {
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

}  // namespace

Result<CommitInfo> MakeCommitInfo(const CommitInfoFields& fields) {
  DELTIC_CHECK(CheckFields(fields));
  CommitInfo info{.timestamp = fields.timestamp_ms,
                  .in_commit_timestamp = fields.in_commit_timestamp,
                  .operation = fields.operation->name};
  Members members(info.json);
  if (fields.in_commit_timestamp) members.Raw("inCommitTimestamp", std::to_string(*fields.in_commit_timestamp));
  members.Raw("timestamp", std::to_string(fields.timestamp_ms));
  members.Text("operation", fields.operation->name);
  {
    Members parameters(members.Name("operationParameters"));
    for (const auto& [name, value] : fields.operation->parameters) parameters.Raw(name, OneLine(value));
    parameters.Close();
  }
  if (fields.read_version) members.Raw("readVersion", std::to_string(*fields.read_version));
  members.Text("isolationLevel", IsolationName(fields.isolation));
  members.Raw("isBlindAppend", fields.blind_append ? "true" : "false");
  members.Texts("operationMetrics", fields.operation->metrics);
  if (fields.user_metadata_text) members.Text("userMetadata", *fields.user_metadata_text);
  if (!fields.tags.empty()) members.Texts("tags", fields.tags);
  members.Text("engineInfo", fields.engine_info);
  members.Text("txnId", fields.txn_id);
  if (fields.user_metadata) {
    for (const auto& [name, value] : *fields.user_metadata) members.Text(name, value);
  }
  members.Close();
  return info;
}

CommitInfoFacts ReadCommitInfoFacts(const CommitInfo& info) {
  CommitInfoFacts facts;
  const nlohmann::json json = nlohmann::json::parse(info.json, nullptr, false);
  if (!json.is_object()) return facts;
  const auto blind = json.find("isBlindAppend");
  facts.blind_append = blind != json.end() && blind->is_boolean() && blind->get<bool>();
  return facts;
}

}  // namespace deltic
