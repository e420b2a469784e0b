// Owns the parsing and the making of _last_checkpoint, and the canonical text under its checksum.
// Does not read storage (log/listing.cc does). Protocol: "Last Checkpoint File Schema", "JSON checksum".
//
//   canonical = pair *("," pair), sorted by path as bytes
//   pair      = path "=" value
//   path      = segment *("+" segment)
//   segment   = DQUOTE percent-encoded-name DQUOTE | array-position
//   value     = number as written | true | false | null | DQUOTE percent-encoded-text DQUOTE
#include "log/last_checkpoint.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "base/md5.h"
#include "base/url.h"

namespace deltic {
namespace {

namespace od = simdjson::ondemand;

constexpr int kMaxDepth = 200;

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::string Quoted(std::string_view text) { return "\"" + PercentEncode(text, "") + "\""; }

simdjson::error_code Flatten(od::value value, const std::string& path, int depth, Pairs& out);

simdjson::error_code FlattenObject(od::object object, const std::string& path, int depth, Pairs& out) {
  for (auto field : object) {
    std::string_view key;
    if (auto error = field.unescaped_key().get(key)) return error;
    if (depth == 0 && key == "checksum") continue;
    const std::string here = path.empty() ? Quoted(key) : path + "+" + Quoted(key);
    od::value value;
    if (auto error = field.value().get(value)) return error;
    if (auto error = Flatten(value, here, depth + 1, out)) return error;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code Flatten(od::value value, const std::string& path, int depth, Pairs& out) {
  if (depth > kMaxDepth) return simdjson::DEPTH_ERROR;
  od::json_type type;
  if (auto error = value.type().get(type)) return error;
  switch (type) {
    case od::json_type::object: {
      od::object object;
      if (auto error = value.get_object().get(object)) return error;
      return FlattenObject(object, path, depth, out);
    }
    case od::json_type::array: {
      od::array array;
      if (auto error = value.get_array().get(array)) return error;
      int64_t position = 0;
      for (auto element : array) {
        od::value inner;
        if (auto error = element.get(inner)) return error;
        if (auto error = Flatten(inner, path + "+" + std::to_string(position++), depth + 1, out)) return error;
      }
      return simdjson::SUCCESS;
    }
    case od::json_type::string: {
      std::string_view text;
      if (auto error = value.get_string().get(text)) return error;
      out.emplace_back(path, Quoted(text));
      return simdjson::SUCCESS;
    }
    case od::json_type::number:
    case od::json_type::boolean:
    case od::json_type::null:
      out.emplace_back(path, std::string(Trim(value.raw_json_token())));
      return simdjson::SUCCESS;
  }
  return simdjson::TAPE_ERROR;
}

Error Broken(const char* why) { return Corrupt("_last_checkpoint is not valid: {}", why); }

}  // namespace

Result<std::string> CanonicalizeForChecksum(std::string_view json) {
  const simdjson::padded_string padded(json);
  // The on-demand parser keeps the numbers' own text but trusts its input: let the strict one look first.
  simdjson::dom::parser strict;
  if (auto error = strict.parse(padded).error()) return Broken(simdjson::error_message(error));
  od::parser parser;
  od::document document;
  if (auto error = parser.iterate(padded).get(document)) return Broken(simdjson::error_message(error));
  od::object object;
  if (auto error = document.get_object().get(object)) return Broken(simdjson::error_message(error));
  Pairs pairs;
  if (auto error = FlattenObject(object, "", 0, pairs)) return Broken(simdjson::error_message(error));
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0 && pairs[i].first == pairs[i - 1].first) return Broken("a key occurs twice");
    if (i > 0) text += ',';
    text += pairs[i].first + "=" + pairs[i].second;
  }
  return text;
}

Result<LastCheckpointHint> ParseLastCheckpoint(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (auto error = parser.parse(simdjson::padded_string(json)).get(object)) {
    return Broken(simdjson::error_message(error));
  }
  LastCheckpointHint hint;
  if (object["version"].get(hint.version) != simdjson::SUCCESS || hint.version < 0) {
    return Broken("there is no version of 0 or more in it");
  }
  int64_t number = 0;
  if (object["size"].get(number) == simdjson::SUCCESS) hint.size = number;
  if (object["parts"].get(number) == simdjson::SUCCESS) hint.parts = number;
  std::string_view checksum;
  if (object["checksum"].get(checksum) != simdjson::SUCCESS) return hint;
  DELTIC_TRY(const std::string canonical, CanonicalizeForChecksum(json));
  const Result<std::string> digest = Md5Hex(canonical);
  if (!digest.ok()) return hint;  // a machine that forbids MD5: the checksum is optional to check
  if (*digest != checksum) return Broken("its checksum is not that of its text");
  return hint;
}

Result<std::string> FormatLastCheckpoint(const LastCheckpointText& text) {
  std::string json = fmt::format(R"({{"version":{},"size":{},"sizeInBytes":{},"numOfAddFiles":{})", text.version,
                                 text.size, text.size_in_bytes, text.num_of_add_files);
  if (text.v2) {
    json += R"(,"v2Checkpoint":{"path":)";
    AppendJsonString(json, text.v2->path);
    json +=
        fmt::format(R"(,"sizeInBytes":{},"modificationTime":{}}})", text.v2->size_in_bytes, text.v2->modification_time);
  }
  DELTIC_TRY(const std::string canonical, CanonicalizeForChecksum(json + "}"));
  const Result<std::string> digest = Md5Hex(canonical);
  if (digest.ok()) json += R"(,"checksum":")" + *digest + "\"";
  return json + "}";
}

}  // namespace deltic
