// Owns the replay of a history and the checks of each operation.
#include "judge.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "actions/actions_json.h"
#include "commit/identity_marks.h"
#include "commit/row_ids.h"
#include "expr/prune.h"
#include "file_lives.h"

namespace deltic::sim {
namespace {

struct LiveFile {
  AddFile add;
  int64_t since = 0;  // the version that added it
  int64_t born = 0;   // the version that added it first; `since` is that of its newest vector
  std::set<uint64_t> deleted;
  std::vector<int64_t> rows;  // deleted or not

  std::set<int64_t> LiveRows() const {
    std::set<int64_t> live;
    for (uint64_t i = 0; i < rows.size(); ++i) {
      if (!deleted.count(i)) live.insert(rows[i]);
    }
    return live;
  }
};

// The table after some version.
struct State {
  std::map<std::string, LiveFile> live;  // by path
  Metadata metadata;
  Protocol protocol;
  std::map<std::string, std::string> domains;
  std::map<std::string, int64_t> transactions;
};

class Replay {
 public:
  Replay(World& world, const History& history) : world_(world), history_(history), lives_(world, history.retention_ms) {
    for (const Deed& deed : history.deeds) deeds_[deed.id] = &deed;
  }

  std::string Run() {
    for (int64_t version = 0;; ++version) {
      const auto found = world_.archive().find(Key(version));
      if (found == world_.archive().end()) break;
      const std::string wrong = Take(version, found->second);
      if (!wrong.empty()) return fmt::format("version {}: {}\n{}", version, wrong, found->second);
    }
    std::string wrong = CheckGapless();
    if (wrong.empty()) wrong = CheckEndings();
    if (wrong.empty()) wrong = CheckEnd();
    if (wrong.empty()) wrong = lives_.Check();
    if (wrong.empty()) wrong = lives_.CheckLastVacuum();
    return wrong;
  }

 private:
  static std::string Key(int64_t version) { return fmt::format("_delta_log/{}.json", VersionName(version)); }
  int64_t newest() const { return static_cast<int64_t>(metadata_.size()) - 1; }

  // Each check answers what is wrong, or "".
  std::string Take(int64_t version, const std::string& text) {
    std::vector<Action> actions;
    ActionParser parser;
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      Result<std::optional<Action>> action = parser.Parse(text.substr(at, end - at));
      if (!action.ok()) return action.error().ToString();
      if (action->has_value()) actions.push_back(std::move(**action));
      at = end + 1;
    }
    if (actions.empty() || !std::holds_alternative<CommitInfo>(actions[0])) return "commitInfo is not first";
    const nlohmann::json info = nlohmann::json::parse(std::get<CommitInfo>(actions[0]).json);
    const Deed* deed = nullptr;
    if (info.contains("sim")) {
      const int64_t id = std::stoll(info["sim"].get<std::string>());
      deed = deeds_.at(id);
      places_[id].push_back(version);
    }
    blind_.push_back(info.value("isBlindAppend", false));
    std::string wrong = CheckTime(version, info);
    if (wrong.empty() && deed) wrong = CheckReads(*deed);
    if (wrong.empty() && deed) wrong = CheckTable(*deed, actions);
    if (wrong.empty()) wrong = Apply(version, actions);
    if (wrong.empty() && deed && deed->marks_rows) wrong = CheckRowsGone(*deed, removed_);
    if (wrong.empty()) wrong = CheckEachRow(deed);
    if (!wrong.empty()) return wrong + (deed ? " [" + deed->kind + "]" : "");
    metadata_.push_back(state_.metadata);
    protocol_.push_back(state_.protocol);
    shown_.push_back(Shown());
    NoteChangedAppends(actions);
    if (deed && deed->restored && shown_.back() != shown_[static_cast<size_t>(*deed->restored)]) {
      return fmt::format("restores version {}, but shows\n{}\ninstead of\n{}", *deed->restored, shown_.back(),
                         shown_[static_cast<size_t>(*deed->restored)]);
    }
    return "";
  }

  // No row lives twice, none comes or goes where the operation changes none, and of a key that merges write there is
  // one row.
  std::string CheckEachRow(const Deed* deed) {
    std::set<int64_t> gone, come;
    for (const auto& [path, file] : removed_) gone.merge(file.LiveRows());
    for (const int64_t row : gone) rows_.erase(row);
    for (const std::string& path : added_) {
      for (const int64_t row : state_.live.at(path).LiveRows()) {
        if (!rows_.emplace(row, path).second) return fmt::format("row {} lives in {} and in {}", row, rows_[row], path);
        come.insert(row);
      }
    }
    if (deed && deed->keeps_rows && gone != come) {
      return fmt::format("rows {} became {}", fmt::join(gone, " "), fmt::join(come, " "));
    }
    for (auto row = rows_.lower_bound(kKeyFactor); row != rows_.end(); ++row) {
      const auto next = std::next(row);
      if (next == rows_.end() || next->first / kKeyFactor != row->first / kKeyFactor) continue;
      return fmt::format("the key of row {} is also that of row {}", row->first, next->first);
    }
    return "";
  }

  // Whoever changes rows of a blind append came after it: nobody who comes later can be ordered before that append.
  void NoteChangedAppends(const std::vector<Action>& actions) {
    const bool changes = std::any_of(actions.begin(), actions.end(), [](const Action& action) {
      const RemoveFile* remove = std::get_if<RemoveFile>(&action);
      const AddFile* add = std::get_if<AddFile>(&action);
      return (remove && remove->data_change) || (add && add->data_change);
    });
    if (!changes) return;
    for (const auto& [path, file] : removed_) changed_.insert(file.born);
  }

  std::string CheckTime(int64_t version, const nlohmann::json& info) {
    if (!history_.timestamps) return "";
    if (!info.contains("inCommitTimestamp")) return "no in-commit timestamp";
    const int64_t time = info["inCommitTimestamp"].get<int64_t>();
    if (version > 0 && time <= time_) return fmt::format("in-commit timestamp {} after {}", time, time_);
    time_ = time;
    return "";
  }

  // Whether what the operation read would be read again just before its version.
  std::string CheckReads(const Deed& deed) const {
    if (deed.marks_rows) return CheckMarks(deed);
    std::set<std::string> left = deed.saw;
    for (const auto& [path, file] : state_.live) {
      const std::string name = NameOf(file.add);
      if (left.erase(name)) continue;
      const auto p = file.add.partition_values.find("p");
      const bool in_sight = deed.read_all || (deed.partition && p->second == deed.partition);
      if (!in_sight || deed.level == IsolationLevel::kSnapshot) continue;
      const bool blind =
          file.since > deed.base_version && blind_[static_cast<size_t>(file.since)] && !changed_.count(file.since);
      const bool ordered_before = blind && deed.level == IsolationLevel::kWriteSerializable && !deed.changes_metadata;
      if (!ordered_before) {
        return fmt::format("did not see {} of version {} (read version {}, {})", name, file.since, deed.base_version,
                           IsolationName(deed.level));
      }
    }
    if (left.empty()) return "";
    return fmt::format("read {}, which is gone (read version {})", *left.begin(), deed.base_version);
  }

  // An operation by rows: what it marked lives still, and nothing came into its sight.
  std::string CheckMarks(const Deed& deed) const {
    for (const auto& [path, rows] : deed.marked) {
      const auto found = state_.live.find(path);
      if (found == state_.live.end()) return "marked rows of " + path + ", which is gone";
      for (const uint64_t row : rows) {
        if (found->second.deleted.count(row)) return fmt::format("deletes row {} of {}, which is deleted", row, path);
      }
    }
    for (const auto& [path, file] : state_.live) {
      if (file.add.partition_values.at("p") != deed.partition) continue;
      const auto seen = deed.deleted_before.find(path);
      if (seen == deed.deleted_before.end()) {
        const bool blind =
            file.born > deed.base_version && blind_[static_cast<size_t>(file.born)] && !changed_.count(file.born);
        if (blind && deed.level == IsolationLevel::kWriteSerializable) continue;
        return fmt::format("did not see {} of version {}", path, file.since);
      }
      for (const uint64_t row : seen->second) {
        if (!file.deleted.count(row)) return fmt::format("row {} of {} came back to life unseen", row, path);
      }
    }
    return "";
  }

  // The rows that leave a file are those that the operation marked, no more and no fewer.
  std::string CheckRowsGone(const Deed& deed, const std::map<std::string, LiveFile>& removed) const {
    for (const auto& [path, before] : removed) {
      std::set<uint64_t> wanted = before.deleted;
      const auto marks = deed.marked.find(path);
      if (marks == deed.marked.end()) return "touches " + path + ", of which it marked no rows";
      wanted.insert(marks->second.begin(), marks->second.end());
      const auto after = state_.live.find(path);
      if (after != state_.live.end() && after->second.deleted != wanted) return "wrong rows left " + path;
      if (after == state_.live.end() && static_cast<int64_t>(wanted.size()) != NumRecords(*before.add.stats)) {
        return path + " went with rows that live";
      }
    }
    for (const auto& [path, marks] : deed.marked) {
      if (!removed.count(path)) return "does not touch " + path;
    }
    return "";
  }

  std::string CheckTable(const Deed& deed, const std::vector<Action>& actions) const {
    const auto base = static_cast<size_t>(deed.base_version);
    const bool changes_protocol = std::any_of(actions.begin(), actions.end(),
                                              [](const Action& a) { return std::holds_alternative<Protocol>(a); });
    const bool same = deed.changes_metadata ? SameMetadata(metadata_[base], state_.metadata)
                                            : SameButIdentityMarks(metadata_[base], state_.metadata);
    if (!SameMetadata(deed.base_metadata, metadata_[base])) {
      return fmt::format("its snapshot of version {} had other metadata: {}", base, deed.base_metadata.schema_string);
    }
    if (!same) return fmt::format("the metadata is no longer that of version {}", base);
    for (const std::string& name : *state_.protocol.writer_features) {
      const auto& had = *protocol_[base].writer_features;
      if (std::find(had.begin(), had.end(), name) != had.end()) continue;
      if (name != "vacuumProtocolCheck" || changes_protocol || deed.changes_metadata) {
        return fmt::format("version {} did not have the feature {}", base, name);
      }
    }
    if (deed.app_id) {
      const auto last = state_.transactions.find(*deed.app_id);
      const int64_t before = last == state_.transactions.end() ? -1 : last->second;
      if (before != deed.app_version - 1) {
        return fmt::format("transaction {} of {} after {}", deed.app_version, *deed.app_id, before);
      }
    }
    if (deed.domain_saw) {
      const auto value = state_.domains.find("sim.counter");
      const std::string before = value == state_.domains.end() ? "0" : value->second;
      if (before != *deed.domain_saw) return fmt::format("the domain was {}, not {}", before, *deed.domain_saw);
    }
    return "";
  }

  std::string Apply(int64_t version, const std::vector<Action>& actions) {
    int64_t row_mark = RowMark();
    removed_.clear();
    added_.clear();
    for (const Action& action : actions) {
      const RemoveFile* remove = std::get_if<RemoveFile>(&action);
      if (!remove) continue;
      const auto found = state_.live.find(remove->path);
      const std::string name =
          remove->path + (remove->deletion_vector ? "!" + remove->deletion_vector->UniqueId() : "");
      if (found == state_.live.end() || NameOf(found->second.add) != name)
        return "removes " + name + ", which does not live";
      removed_[remove->path] = found->second;
      lives_.End(found->second.add, remove->deletion_timestamp.value_or(0));
      state_.live.erase(found);
    }
    for (const Action& action : actions) {
      if (const AddFile* add = std::get_if<AddFile>(&action)) {
        if (state_.live.count(add->path)) return "adds " + add->path + ", which lives";
        const std::string wrong = CheckRows(version, *add, row_mark);
        if (!wrong.empty()) return wrong;
        const auto before = removed_.find(add->path);
        LiveFile live{.add = *add, .since = version, .born = before == removed_.end() ? version : before->second.born};
        const std::string unread = DeletedRows(world_, *add, live.deleted);
        if (!unread.empty()) return unread;
        const auto text = world_.archive().find(add->path);
        if (text == world_.archive().end()) return add->path + " was never written";
        live.rows = RowsIn(text->second);
        lives_.Begin(*add, version);
        ids_.emplace(add->path, add->base_row_id);
        added_.push_back(add->path);
        state_.live[add->path] = std::move(live);
      } else if (const Metadata* metadata = std::get_if<Metadata>(&action)) {
        state_.metadata = *metadata;
      } else if (const Protocol* protocol = std::get_if<Protocol>(&action)) {
        state_.protocol = *protocol;
      } else if (const DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
        state_.domains[domain->domain] = domain->configuration;
      } else if (const AddCdcFile* change = std::get_if<AddCdcFile>(&action)) {
        lives_.TellChange(change->path, version);
      } else if (const SetTransaction* transaction = std::get_if<SetTransaction>(&action)) {
        state_.transactions[transaction->app_id] = transaction->version;
      }
    }
    if (history_.row_tracking && RowMark() != row_mark) {
      return fmt::format("the high water mark is {}, but rows are numbered up to {}", RowMark(), row_mark);
    }
    return "";
  }

  int64_t RowMark() const {
    const auto domain = state_.domains.find(kRowTrackingDomain);
    return domain == state_.domains.end() ? -1
                                          : nlohmann::json::parse(domain->second)["rowIdHighWaterMark"].get<int64_t>();
  }

  std::string CheckRows(int64_t version, const AddFile& add, int64_t& row_mark) {
    const auto known = ids_.find(add.path);  // a file that lived before: rows are deleted or revived, or it is restored
    if (const auto identity = add.tags.find("identity"); identity != add.tags.end() && known == ids_.end()) {
      const int64_t first = std::stoll(identity->second);
      if (first <= identity_) return fmt::format("identity value {} was given before (up to {})", first, identity_);
      identity_ = first + 3;
    }
    if (!history_.row_tracking) return "";
    if (!add.base_row_id || !add.default_row_commit_version) return add.path + " has no row ids";
    if (known != ids_.end()) {
      return known->second == add.base_row_id ? "" : add.path + " has other row ids than before";
    }
    if (*add.base_row_id <= row_mark) {
      return fmt::format("{} has base row id {}, and rows are numbered up to {}", add.path, *add.base_row_id, row_mark);
    }
    if (*add.default_row_commit_version != version) return add.path + " tells another commit version";
    row_mark = *add.base_row_id + NumRecords(*add.stats).value_or(0) - 1;
    return "";
  }

  std::string CheckGapless() const {
    for (const auto& [key, bytes] : world_.archive()) {
      const std::optional<LogFile> file =
          key.starts_with(kLogFolder) ? ParseLogName(key.substr(kLogFolder.size())) : std::nullopt;
      if (!file || file->kind != LogFile::Kind::kCommit || file->version <= newest()) continue;
      return fmt::format("version {} is there, but version {} is not", file->version, newest() + 1);
    }
    return "";
  }

  std::string CheckEndings() const {
    for (const Deed& deed : history_.deeds) {
      const auto found = places_.find(deed.id);
      const std::vector<int64_t> at = found == places_.end() ? std::vector<int64_t>() : found->second;
      const std::string what = fmt::format("operation {} ({}) of version {}", deed.id, deed.kind, deed.base_version);
      if (at.size() > 1)
        return fmt::format("{} was committed {} times: versions {}", what, at.size(), fmt::join(at, ", "));
      if (deed.ending == Ending::kRefused && !at.empty()) {
        return fmt::format("{} was refused, but is version {}: {}", what, at[0], deed.error);
      }
      if (deed.ending != Ending::kCommitted) continue;
      if (at.empty() || at[0] != deed.version)
        return fmt::format("{} was acknowledged as version {} and lost", what, deed.version);
      if (!deed.live_after.empty() && deed.live_after != shown_[static_cast<size_t>(at[0])]) {
        return fmt::format("{}: its snapshot of version {} shows\n{}\ninstead of\n{}", what, at[0], deed.live_after,
                           shown_[static_cast<size_t>(at[0])]);
      }
    }
    return "";
  }

  // What anybody who opens the table now would see.
  std::string CheckEnd() const {
    Result<std::shared_ptr<const Snapshot>> snapshot = Snapshot::Open(world_.calm());
    if (!snapshot.ok()) return "at the end: " + snapshot.error().ToString();
    if ((*snapshot)->version() != newest())
      return fmt::format("the end is version {}, not {}", newest(), (*snapshot)->version());
    Result<std::unique_ptr<LiveFileCursor>> cursor = (*snapshot)->LiveFiles();
    if (!cursor.ok()) return cursor.error().ToString();
    std::set<std::string> names;
    while (true) {
      Result<std::optional<AddFile>> file = (*cursor)->Next();
      if (!file.ok()) return file.error().ToString();
      if (!file->has_value()) break;
      if (!names.insert(NameOf(**file)).second) return (*file)->path + " lives twice";
    }
    const std::string shown = fmt::format("{}", fmt::join(names, " "));
    return shown == shown_.back() ? "" : fmt::format("the end shows\n{}\ninstead of\n{}", shown, shown_.back());
  }

  std::string Shown() const {
    std::set<std::string> names;
    for (const auto& [path, file] : state_.live) names.insert(NameOf(file.add));
    return fmt::format("{}", fmt::join(names, " "));
  }

  World& world_;
  const History& history_;
  std::map<int64_t, const Deed*> deeds_;
  std::map<int64_t, std::vector<int64_t>> places_;  // of each operation: the versions that it is
  State state_;
  std::map<std::string, LiveFile> removed_;  // by the version at hand
  std::vector<std::string> added_;
  std::map<int64_t, std::string> rows_;                // that live, and where
  std::map<std::string, std::optional<int64_t>> ids_;  // base row ids of every file that ever lived
  std::set<int64_t> changed_;                          // versions of which a later one removed a file or marked rows
  FileLives lives_;
  std::vector<Metadata> metadata_;  // after each version
  std::vector<Protocol> protocol_;
  std::vector<bool> blind_;
  std::vector<std::string> shown_;
  int64_t time_ = 0;
  int64_t identity_ = 0;
};

}  // namespace

std::string Judge(World& world, const History& history) { return Replay(world, history).Run(); }

}  // namespace deltic::sim
