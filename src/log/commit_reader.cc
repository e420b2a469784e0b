// Owns the cutting of JSON log files into documents and their parsing. Protocol: "Delta Log Entries".
#include "log/commit_reader.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"

namespace deltic {
namespace {

// Enough for the commitInfo of any writer we know, which they put first.
constexpr int64_t kHeadBytes = 64 * 1024;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

Error AtLine(Error error, std::string_view key, int64_t line) {
  return std::move(error).Wrap(fmt::format("{} line {}", key, line));
}

}  // namespace

LogLines::LogLines(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark, which some editors leave
}

Result<LogLine> LogLines::Next() {
  while (at_ < text_.size()) {
    const size_t begin = at_;
    const size_t newline = text_.find('\n', begin);
    const size_t end = newline == std::string_view::npos ? text_.size() : newline;
    const std::string_view line = Trim(text_.substr(begin, end - begin));
    const int64_t number = line_;
    if (line.empty()) {
      at_ = std::min(end + 1, text_.size());
      ++line_;
      continue;
    }
    if (line.front() != '{') return Corrupt("line {}: this is no JSON object", number);
    // A file that was cut may end behind the '}' of an inner object; a line that a newline ends was written whole.
    if (line.back() != '}' || newline == std::string_view::npos) return NextDocument(begin, number);
    at_ = std::min(end + 1, text_.size());
    ++line_;
    return LogLine{line, number};
  }
  return LogLine{};
}

// Finds where the object that begins at or after `begin` closes, over as many lines as it takes.
Result<LogLine> LogLines::NextDocument(size_t begin, int64_t number) {
  int64_t depth = 0;
  bool in_string = false;
  int64_t lines = 0;
  for (size_t i = begin; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '\n') ++lines;
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      } else if (c == '\n') {
        break;  // no JSON string goes over a line's end: the document was cut here
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      at_ = i + 1;
      line_ += lines;
      return LogLine{Trim(text_.substr(begin, at_ - begin)), number};
    }
  }
  return Corrupt("line {}: the JSON object is cut off; the file was not written whole", number);
}

Result<LogFileText> LogFileText::Read(ObjectStore& store, const LogFile& file) {
  DELTIC_TRY(std::string text, store.Get(file.key));
  return Make(file.key, std::move(text));
}

Result<LogFileText> LogFileText::Make(const std::string& key, std::string text) {
  // No writer makes a log file without an action; a crash or a full disk does.
  if (Trim(text).empty()) return Corrupt("{}: the file is empty; it was not written whole", key);
  return LogFileText(key, std::move(text));
}

Status LogFileText::Visit(ActionParser& parser, const ActionKinds& kinds, const Visitor& visit) const {
  LogLines lines(text_);
  while (true) {
    Result<LogLine> line = lines.Next();
    if (!line.ok()) return std::move(line).error().Wrap(key_);
    if (line->text.empty()) return {};
    Result<std::optional<Action>> action = parser.Parse(line->text, kinds);
    if (!action.ok()) return AtLine(std::move(action).error(), key_, line->number);
    if (!action->has_value()) continue;
    Result<bool> more = visit(std::move(**action));
    if (!more.ok()) return AtLine(std::move(more).error(), key_, line->number);
    if (!*more) return {};
  }
}

ReverseActions::ReverseActions(LogFileText file, std::vector<LogLine> lines)
    : file_(std::make_unique<LogFileText>(std::move(file))), lines_(std::move(lines)) {}

Result<ReverseActions> ReverseActions::Make(LogFileText file) {
  ReverseActions actions(std::move(file), {});
  LogLines lines(actions.file_->text());
  while (true) {
    Result<LogLine> line = lines.Next();
    if (!line.ok()) return std::move(line).error().Wrap(actions.file_->key());
    if (line->text.empty()) return actions;
    actions.lines_.push_back(*line);
  }
}

Result<std::optional<Action>> ReverseActions::Next(ActionParser& parser, const ActionKinds& kinds) {
  while (!lines_.empty()) {
    const LogLine line = lines_.back();
    lines_.pop_back();
    last_line_ = line.number;
    Result<std::optional<Action>> action = parser.Parse(line.text, kinds);
    if (!action.ok()) return AtLine(std::move(action).error(), file_->key(), line.number);
    if (action->has_value()) return action;
  }
  return std::optional<Action>();
}

Error ReverseActions::AtLast(Error error) const { return AtLine(std::move(error), file_->key(), last_line_); }

Result<std::optional<CommitInfo>> ReadCommitInfo(ObjectStore& store, const LogFile& commit) {
  ActionParser parser;
  ActionKinds kinds = ActionKinds::None();
  kinds.commit_info = true;
  std::optional<CommitInfo> found;
  const auto take = [&](Action&& action) -> Result<bool> {
    found = std::move(std::get<CommitInfo>(action));
    return false;
  };
  if (commit.size_bytes > kHeadBytes) {
    DELTIC_TRY(std::string head, store.GetRange(commit.key, {0, kHeadBytes}));
    head.resize(head.rfind('\n') == std::string::npos ? 0 : head.rfind('\n'));
    // A fault in a part of a file is judged when all of it was read.
    const Status status = LogFileText(commit.key, std::move(head)).Visit(parser, kinds, take);
    if (status.ok() && found) return found;
  }
  DELTIC_TRY(const LogFileText text, LogFileText::Read(store, commit));
  DELTIC_CHECK(text.Visit(parser, kinds, take));
  return found;
}

}  // namespace deltic
