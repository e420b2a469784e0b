// Owns the JSON codec of actions: one line of a commit, compaction or JSON checkpoint to one Action and back.
// Unknown actions and fields are ignored (protocol, "Protocol Evolution"); missing required ones are Corrupt.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actions/actions.h"
#include "deltic/result.h"

namespace deltic {

// Which actions a caller wants: others are skipped without being parsed, mostly by their first bytes.
struct ActionKinds {
  bool metadata = true, protocol = true, add = true, remove = true, cdc = true, txn = true, domain = true,
       commit_info = true, sidecar = true, checkpoint_metadata = true;
  static ActionKinds None() { return {false, false, false, false, false, false, false, false, false, false}; }
};

// Parses lines one after another, reusing its buffers. One thread at a time.
class ActionParser {
 public:
  ActionParser();
  ~ActionParser();
  ActionParser(ActionParser&&) noexcept;
  ActionParser& operator=(ActionParser&&) noexcept;
  // nullopt for a blank line, an unknown action, or a kind not wanted. Corrupt says what is wrong and at which field;
  // the caller adds file and line.
  Result<std::optional<Action>> Parse(std::string_view line, const ActionKinds& kinds = {});

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// One line, without a newline, keys in the protocol's order, absent optionals left out.
std::string ToJson(const Action& action);

}  // namespace deltic
