// Owns the reading of one JSON log file (commit, compaction, JSON checkpoint) into actions, in either direction.
// Does not reconcile (snapshot/reconcile.h) and does not decide what an action means (actions/).
// Protocol: "Delta Log Entries".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "actions/actions_json.h"
#include "deltic/result.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

// One JSON document of a log file and the line it begins on (from 1).
struct LogLine {
  std::string_view text;
  int64_t number = 0;
};

// Cuts a log file into documents. The protocol says one a line; a document that goes on over several lines (pretty
// printed, as some tools leave it) is taken whole. Corrupt, naming the line, for text that is no JSON object and for a
// document that the end of the file cuts off.
class LogLines {
 public:
  explicit LogLines(std::string_view text);
  // The next document; one with an empty text is the end.
  Result<LogLine> Next();

 private:
  Result<LogLine> NextDocument(size_t begin, int64_t number);

  std::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

// A log file in memory. One thread at a time.
class LogFileText {
 public:
  // Corrupt when the file holds nothing.
  static Result<LogFileText> Read(ObjectStore& store, const LogFile& file);
  static Result<LogFileText> Make(const std::string& key, std::string text);
  LogFileText(std::string key, std::string text) : key_(std::move(key)), text_(std::move(text)) {}

  using Visitor = std::function<Result<bool>(Action&& action)>;
  // Calls `visit` for each action of the wanted kinds in file order; `visit` answers false to stop. Errors, those of
  // `visit` too, name the file and line.
  Status Visit(ActionParser& parser, const ActionKinds& kinds, const Visitor& visit) const;

  const std::string& key() const { return key_; }
  const std::string& text() const { return text_; }

 private:
  std::string key_;
  std::string text_;
};

// The wanted actions of a log file from the last line to the first, for reading a log newest first.
// One thread at a time.
class ReverseActions {
 public:
  static Result<ReverseActions> Make(LogFileText file);
  // nullopt at the end.
  Result<std::optional<Action>> Next(ActionParser& parser, const ActionKinds& kinds);
  // Puts the file and the line of the action that came last in front of an error about it.
  Error AtLast(Error error) const;

 private:
  ReverseActions(LogFileText file, std::vector<LogLine> lines);

  std::unique_ptr<LogFileText> file_;  // the lines look into it
  std::vector<LogLine> lines_;         // those still to come, last first
  int64_t last_line_ = 0;              // of the action that came last
};

// The commitInfo of a commit, reading no more than the file's beginning where that holds it. nullopt when it has none.
Result<std::optional<CommitInfo>> ReadCommitInfo(ObjectStore& store, const LogFile& commit);

}  // namespace deltic
