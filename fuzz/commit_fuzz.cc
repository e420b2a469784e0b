// Feeds bytes to the reader of JSON log files, forwards and backwards: both must find the same documents or the same
// kind of failure, and no document may leave the text. Seeds: any table's commits, pretty-printed ones too.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "log/commit_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  const LogFileText file("fuzz", std::string(reinterpret_cast<const char*>(data), size));
  ActionParser parser;
  size_t forwards = 0;
  const Status status = file.Visit(parser, {}, [&](Action&&) -> Result<bool> {
    ++forwards;
    return true;
  });
  auto actions = ReverseActions::Make(file);
  if (!actions.ok()) {
    if (status.ok()) std::abort();
    return 0;
  }
  size_t backwards = 0;
  while (true) {
    const auto action = actions->Next(parser, {});
    if (!action.ok()) {
      if (status.ok()) std::abort();
      return 0;
    }
    if (!action->has_value()) break;
    ++backwards;
  }
  if (!status.ok() || forwards != backwards) std::abort();
  return 0;
}
