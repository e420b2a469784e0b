// Owns the search for protocol and metadata. Lines of other actions are passed over by their first bytes: a commit with
// a million adds costs no more here than looking for its line ends.
#include "snapshot/head.h"

#include "actions/actions_json.h"
#include "base/error.h"
#include "base/parallel.h"
#include "log/checkpoint.h"
#include "log/checksum.h"
#include "log/commit_reader.h"

namespace deltic {
namespace {

// One pass over a table's log, from new to old.
class HeadSearch {
 public:
  explicit HeadSearch(LogTexts& texts) : texts_(texts) {}

  bool Done() const { return outcome_.error || (head().protocol && HasMetadata()); }
  bool HasMetadata() const { return head().metadata || head().metadata_text; }
  TableHead& head() { return outcome_.head; }
  const TableHead& head() const { return outcome_.head; }
  HeadOutcome Take() { return std::move(outcome_); }

  void ReadDelta(const LogFile& file) {
    const Status status = SearchDelta(file);
    if (status.ok()) return;
    outcome_.error = status.error();
    outcome_.failed = {file.key};
    outcome_.replaceable = file.kind == LogFile::Kind::kCompaction;
  }

  // What cannot be read or lacks a part is no checksum.
  void ReadChecksum(const LogFile& file) {
    const Result<std::string> text = texts_.ReadText(file);
    if (!text.ok()) return;
    Result<VersionChecksum> checksum = ParseChecksum(*text);
    if (!checksum.ok() || !checksum->protocol || !checksum->metadata) return;
    if (!head().protocol) head().protocol = std::move(checksum->protocol);
    if (!HasMetadata()) head().metadata = std::move(checksum->metadata);
  }

  void TakeCheckpoint(Result<CheckpointHead> found, const LogSegment& segment) {
    if (!found.ok()) {
      const Code code = found.error().code();
      outcome_.error = std::move(found).error().Wrap("reading the checkpoint of version " +
                                                     std::to_string(*segment.checkpoint_version));
      outcome_.failed = Keys(segment.checkpoint);
      outcome_.replaceable = code == Code::kCorrupt || code == Code::kNotFound;
      return;
    }
    head().checkpoint_protocol = found->protocol;
    if (!head().protocol) head().protocol = std::move(found->protocol);
    if (!HasMetadata() && found->metadata_line) {
      head().metadata_text = MetadataText{std::move(*found->metadata_line), segment.checkpoint[0].key};
    }
  }

 private:
  // Takes the file's last protocol and metaData, where none newer is known.
  Status SearchDelta(const LogFile& file) {
    DELTIC_TRY(const LogFileText text, texts_.Read(file));
    std::optional<LogLine> protocol, metadata;
    int64_t protocols = 0, metadatas = 0;
    LogLines lines(text.text());
    while (true) {
      Result<LogLine> line = lines.Next();
      if (!line.ok()) return std::move(line).error().Wrap(file.key);
      if (line->text.empty()) break;
      const size_t quote = line->text.find('"');
      if (quote == std::string_view::npos) continue;
      const std::string_view name = line->text.substr(quote);
      if (name.starts_with("\"protocol\"")) {
        protocol = *line;
        ++protocols;
      } else if (name.starts_with("\"metaData\"")) {
        metadata = *line;
        ++metadatas;
      }
    }
    if (file.kind == LogFile::Kind::kCompaction && (protocols > 1 || metadatas > 1)) {
      return Corrupt("{}: the compaction holds several protocol or metaData actions, so the newest cannot be told",
                     file.key);
    }
    const auto where = [&](const LogLine& line) { return fmt::format("{} line {}", file.key, line.number); };
    if (metadata && !HasMetadata()) head().metadata_text = MetadataText{std::string(metadata->text), where(*metadata)};
    if (protocol && !head().protocol) {
      Result<std::optional<Action>> action = parser_.Parse(protocol->text);
      if (!action.ok()) return std::move(action).error().Wrap(where(*protocol));
      if (action->has_value()) head().protocol = std::get<Protocol>(std::move(**action));
    }
    return {};
  }

  LogTexts& texts_;
  ActionParser parser_;
  HeadOutcome outcome_;
};

// Newest first.
std::vector<LogFile> Backwards(const std::vector<LogFile>& deltas) { return {deltas.rbegin(), deltas.rend()}; }

// What will be read if nothing is found before: everything newer than the checksum, which speaks for what is older.
std::vector<LogFile> WhatIsExpected(const LogSegment& segment) {
  std::vector<LogFile> files = Backwards(segment.deltas);
  if (!segment.checksum) return files;
  std::erase_if(files, [&](const LogFile& file) { return file.version <= segment.checksum->version; });
  files.push_back(*segment.checksum);
  return files;
}

// Behind a network, the checkpoint that most likely must be read is read while the commits are; nullopt when it is
// better to see first.
std::optional<Result<CheckpointHead>> ReadTogether(const std::shared_ptr<ObjectStore>& store, LogTexts& texts,
                                                   const LogSegment& segment) {
  if (!store->remote() || segment.checksum || !segment.checkpoint_version || segment.deltas.empty()) return {};
  std::optional<Result<CheckpointHead>> checkpoint;
  (void)ForEachParallel(2, 2, [&](size_t what) -> Status {
    if (what == 0) {
      (void)texts.ReadText(segment.deltas.back());  // and what is expected: kept
    } else {
      checkpoint = ReadCheckpointHead(store, segment.checkpoint);
    }
    return {};
  });
  return checkpoint;
}

}  // namespace

HeadOutcome ReadHead(const std::shared_ptr<ObjectStore>& store, LogTexts& texts, const LogSegment& segment) {
  HeadSearch search(texts);
  texts.Expect(WhatIsExpected(segment));
  std::optional<Result<CheckpointHead>> checkpoint = ReadTogether(store, texts, segment);
  bool checksum_read = !segment.checksum;
  for (auto file = segment.deltas.rbegin(); file != segment.deltas.rend() && !search.Done(); ++file) {
    // Everything newer than the checksum has been read: it speaks for all that is older.
    if (!checksum_read && file->version <= segment.checksum->version) {
      checksum_read = true;
      search.ReadChecksum(*segment.checksum);
      if (search.Done()) break;
      texts.Expect(Backwards(segment.deltas));
    }
    search.ReadDelta(*file);
  }
  if (!search.Done() && !checksum_read) search.ReadChecksum(*segment.checksum);
  if (!search.Done() && segment.checkpoint_version) {
    if (!checkpoint) checkpoint = ReadCheckpointHead(store, segment.checkpoint);
    search.TakeCheckpoint(*std::move(checkpoint), segment);
  }
  return search.Take();
}

HeadOutcome ReadNewHead(LogTexts& texts, const std::vector<LogFile>& deltas) {
  HeadSearch search(texts);
  texts.Expect(Backwards(deltas));
  for (auto file = deltas.rbegin(); file != deltas.rend() && !search.Done(); ++file) search.ReadDelta(*file);
  return search.Take();
}

}  // namespace deltic
