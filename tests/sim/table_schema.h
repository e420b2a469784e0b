// Owns the schema of the simulated table, and in there the mark up to which values of its identity column are given.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace deltic::sim {

inline std::string SchemaWithMark(int64_t mark) {
  return fmt::format(
      R"({{"type":"struct","fields":[{{"name":"x","type":"long","nullable":true,"metadata":{{"delta.identity.start":1,)"
      R"("delta.identity.step":1,"delta.identity.allowExplicitInsert":false,"delta.identity.highWaterMark":{}}}}},)"
      R"({{"name":"p","type":"string","nullable":true,"metadata":{{}}}}]}})",
      mark);
}

inline int64_t MarkOf(const std::string& schema) {
  const std::string key = "\"delta.identity.highWaterMark\":";
  return std::stoll(schema.substr(schema.find(key) + key.size()));
}

}  // namespace deltic::sim
