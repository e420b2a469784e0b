// Feeds bytes, line by line, to one ActionParser: once wanting every action, once wanting only protocol and metaData.
// An action that parses must come back from its own JSON with the same JSON; the narrow parser must not find what the
// wide one did not. Seeds: lines of any table's commits.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "actions/actions_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  ActionParser parser;
  ActionKinds narrow = ActionKinds::None();
  narrow.protocol = narrow.metadata = true;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto few = parser.Parse(line, narrow);
    const auto action = parser.Parse(line);
    if (few.ok() && few->has_value() && !(action.ok() && action->has_value())) std::abort();
    if (!action.ok() || !action->has_value() || std::holds_alternative<CommitInfo>(**action)) continue;
    const std::string json = ToJson(**action);
    const auto again = parser.Parse(json);
    if (!again.ok() || !again->has_value() || ToJson(**again) != json) std::abort();
  }
  return 0;
}
