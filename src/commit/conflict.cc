// Owns the rules of conflicts and their messages. Protocol: "Delta Log Entries"; the rules are no part of the protocol,
// but writers that disagree about them would lose each other's rows.
#include "commit/conflict.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "commit/commit.h"
#include "commit/commit_info.h"
#include "commit/identity_marks.h"
#include "commit/row_ids.h"
#include "commit/vacuum_note.h"
#include "expr/prune.h"
#include "features/features.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

constexpr std::string_view kAgain = "nothing was committed; run the operation again on the newest version";

// Features whose mere support asks nothing of files that were written without knowing of them: they act through
// properties, domains or the schema (a change of those conflicts by itself), or the loop itself obeys them (row
// tracking). Spark lets the same kind of upgrade pass.
constexpr std::array<std::string_view, 9> kHarmlessWhenAdded = {
    "appendOnly",     "checkpointProtection", "deletionVectors", "domainMetadata",     "inCommitTimestamp",
    "changeDataFeed", "rowTracking",          "v2Checkpoint",    "vacuumProtocolCheck"};

std::string By(const Winner& winner) {
  return winner.operation.empty() ? fmt::format("version {}", winner.version)
                                  : fmt::format("version {} ({})", winner.version, winner.operation);
}

std::string InPartition(const PartitionValues& values) {
  if (values.empty()) return "";
  std::string text;
  for (const auto& [name, value] : values) {
    text += fmt::format("{}{}={}", text.empty() ? " [" : ", ", name, value ? *value : "null");
  }
  return text + "]";
}

Error ConflictOf(ConflictKind kind, const std::string& what) {
  return {Code::kConflict, fmt::format("{}: {}; {}", ConflictName(kind), what, kAgain), kind};
}

const Metadata* MetadataIn(const std::vector<Action>& actions) {
  const Metadata* found = nullptr;
  for (const Action& action : actions) {
    if (const Metadata* metadata = std::get_if<Metadata>(&action)) found = metadata;
  }
  return found;
}

const Protocol* ProtocolIn(const std::vector<Action>& actions) {
  const Protocol* found = nullptr;
  for (const Action& action : actions) {
    if (const Protocol* protocol = std::get_if<Protocol>(&action)) found = protocol;
  }
  return found;
}

// Every feature name that either protocol lists, and all that versions imply.
std::set<std::string_view> FeatureNames(const Protocol& a, const Protocol& b) {
  std::set<std::string_view> names;
  for (const FeatureRow& row : AllFeatures()) names.insert(row.name);
  for (const Protocol* protocol : {&a, &b}) {
    for (const auto* list : {&protocol->reader_features, &protocol->writer_features}) {
      if (*list) names.insert((*list)->begin(), (*list)->end());
    }
  }
  return names;
}

// The first feature of the winner's protocol that an operation cannot ignore; "" when there is none.
std::string HarmfulDifference(const Protocol& before, const Protocol& after) {
  for (const std::string_view name : FeatureNames(before, after)) {
    const bool had = SupportsFeature(before, name);
    const bool has = SupportsFeature(after, name);
    if (had && !has) return fmt::format("dropped the feature {}", name);
    const bool harmless =
        std::find(kHarmlessWhenAdded.begin(), kHarmlessWhenAdded.end(), name) != kHarmlessWhenAdded.end();
    if (!had && has && !harmless) return fmt::format("added the feature {}", name);
  }
  return "";
}

Status CheckProtocol(const Intent& intent, const Winner& winner) {
  const Protocol* theirs = ProtocolIn(winner.actions);
  if (!theirs) return {};
  // Two changes of what the table is cannot be put in order without looking at both: neither can Spark.
  if (ProtocolIn(intent.actions) || MetadataIn(intent.actions)) {
    return ConflictOf(
        ConflictKind::kProtocolChanged,
        By(winner) + " changed the table's protocol, and this operation changes protocol or metadata too");
  }
  const std::string difference = HarmfulDifference(intent.base->protocol(), *theirs);
  if (difference.empty()) return {};
  return ConflictOf(ConflictKind::kProtocolChanged, By(winner) + " " + difference);
}

// What differs, for the message.
std::string MetadataDifference(const Metadata& before, const Metadata& after) {
  if (before.id != after.id) return "the table's id";
  if (before.schema_string != after.schema_string) return "the schema";
  if (before.partition_columns != after.partition_columns) return "the partition columns";
  if (before.configuration != after.configuration) {
    for (const auto& [key, value] : after.configuration) {
      const auto had = before.configuration.find(key);
      if (had == before.configuration.end() || had->second != value) return "the property " + key;
    }
    for (const auto& [key, value] : before.configuration) {
      if (!after.configuration.count(key)) return "the property " + key;
    }
  }
  return "the table's metadata";
}

Status CheckMetadata(const Intent& intent, const Winner& winner) {
  const Metadata* theirs = MetadataIn(winner.actions);
  if (!theirs) return {};
  const Metadata& before = intent.base->metadata();
  // Spark asks the winner's commitInfo whether only identity columns counted on; the schemas themselves know it better.
  if (!MetadataIn(intent.actions) && SameButIdentityMarks(before, *theirs)) return {};
  return ConflictOf(ConflictKind::kMetadataChanged,
                    fmt::format("{} changed {}", By(winner), MetadataDifference(before, *theirs)));
}

}  // namespace

struct ConflictCheck::Parts {
  const Intent* intent = nullptr;
  IsolationLevel level = IsolationLevel::kWriteSerializable;
  CanonicalPaths paths;
  std::set<std::string> app_ids;  // read or written
  std::set<std::string> domains;
  std::unordered_set<std::string> removes;  // canonical paths
  std::unordered_set<std::string> adds;
  bool changes_metadata = false;
  // Canonical paths of blind appends that the operation is ordered before, and so did not see: since that order is
  // given, nobody who changed them may have come before the operation.
  std::set<std::string> unseen;
  struct Read {
    std::string text;
    std::unique_ptr<Pruner> pruner;
  };
  std::vector<Read> predicates;

  Status CheckIdentifiers(const Winner& winner) const;
  Status CheckAdds(const Winner& winner);
  // Of a blind append that holds a file which the operation would have read.
  Status NoteUnseen(const Winner& winner);
  Status CheckRemoves(const Winner& winner);
  // The predicate by which the operation would have read the file; "" for none.
  Result<std::string> ReadBy(const FileFacts& file, std::string_view path);
  Result<std::string> ReadBy(const AddFile& add);
};

namespace {

bool IsApart(const Winner& winner, const std::string& path) {
  const auto change = winner.row_effects.find(path);
  return change != winner.row_effects.end() && change->second == RowEffect::kApart;
}

// What the winner did to a file that the operation removes too.
std::string_view WhatItDid(const Winner& winner, const std::string& path) {
  const auto change = winner.row_effects.find(path);
  if (change == winner.row_effects.end()) return "removed {}, which this operation removes too";
  if (change->second == RowEffect::kMeets) return "deleted rows of {} that this operation deletes too";
  if (change->second == RowEffect::kRevives)
    return "brought deleted rows back to life in {}, of which this operation deletes rows";
  return "changed {} in a way that cannot be followed, and this operation deletes rows of it";
}

}  // namespace

Status ConflictCheck::Parts::CheckIdentifiers(const Winner& winner) const {
  for (const Action& action : winner.actions) {
    if (const DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
      if (!domains.count(domain->domain)) continue;
      return ConflictOf(ConflictKind::kConcurrentTransaction,
                        fmt::format("{} changed the metadata domain {}", By(winner), domain->domain));
    }
    const SetTransaction* transaction = std::get_if<SetTransaction>(&action);
    if (!transaction || !app_ids.count(transaction->app_id)) continue;
    return ConflictOf(ConflictKind::kConcurrentTransaction,
                      fmt::format("{} committed transaction {} of application '{}', which this operation commits or "
                                  "looked up",
                                  By(winner), transaction->version, transaction->app_id));
  }
  return {};
}

Result<std::string> ConflictCheck::Parts::ReadBy(const FileFacts& file, std::string_view path) {
  if (intent->read.whole_table) return std::string("the operation read the whole table");
  for (const Read& read : predicates) {
    Result<PruneReason> reason = read.pruner->Check(file);
    if (!reason.ok()) return std::move(reason).error().Wrap(path);
    if (*reason == PruneReason::kKept) return "the operation read where " + read.text;
  }
  return std::string();
}

Result<std::string> ConflictCheck::Parts::ReadBy(const AddFile& add) {
  return ReadBy({.partition_values = &add.partition_values,
                 .stats_json = add.stats ? std::string_view(*add.stats) : std::string_view(),
                 .has_deletion_vector = add.deletion_vector.has_value()},
                add.path);
}

Status ConflictCheck::Parts::CheckAdds(const Winner& winner) {
  // A file that both add: of two words about one file the last would silently replace the other.
  const std::set<std::string>& lost = intent->read.lost;
  for (const Action& action : winner.actions) {
    const AddFile* add = std::get_if<AddFile>(&action);
    if (!add || (adds.empty() && lost.empty())) continue;
    DELTIC_TRY(const std::string path, paths.Of(add->path));
    if (lost.count(path)) {
      return ConflictOf(ConflictKind::kConcurrentAppend,
                        fmt::format("{} added {}, which this operation found lost", By(winner), add->path));
    }
    if (!adds.count(path) || winner.row_effects.count(path)) continue;  // the latter are CheckRemoves' to judge
    return ConflictOf(ConflictKind::kConcurrentAppend,
                      fmt::format("{} added {}, which this operation adds too", By(winner), add->path));
  }
  if (level == IsolationLevel::kSnapshot) return {};
  const bool ordered_before = winner.blind_append && level == IsolationLevel::kWriteSerializable && !changes_metadata;
  if (ordered_before) return NoteUnseen(winner);
  for (const Action& action : winner.actions) {
    const AddFile* add = std::get_if<AddFile>(&action);
    if (!add) continue;
    if (!winner.row_effects.empty()) {
      DELTIC_TRY(const std::string path, paths.Of(add->path));
      if (IsApart(winner, path)) continue;                                  // nothing was added to it
      if (winner.row_effects.count(path) && removes.count(path)) continue;  // CheckRemoves says what is wrong
    }
    DELTIC_TRY(const std::string why, ReadBy(*add));
    if (why.empty()) continue;
    return ConflictOf(ConflictKind::kConcurrentAppend,
                      fmt::format("{} added {}{}, and {} (isolation level {})", By(winner), add->path,
                                  InPartition(add->partition_values), why, IsolationName(level)));
  }
  return {};
}

Status ConflictCheck::Parts::NoteUnseen(const Winner& winner) {
  bool would_have_read = false;
  std::vector<std::string> appended;
  for (const Action& action : winner.actions) {
    const AddFile* add = std::get_if<AddFile>(&action);
    if (!add) continue;
    DELTIC_TRY(std::string path, paths.Of(add->path));
    appended.push_back(std::move(path));
    if (would_have_read) continue;
    DELTIC_TRY(const std::string why, ReadBy(*add));
    would_have_read = !why.empty();
  }
  if (would_have_read) unseen.insert(appended.begin(), appended.end());
  return {};
}

Status ConflictCheck::Parts::CheckRemoves(const Winner& winner) {
  for (const Action& action : winner.actions) {
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    if (!remove) continue;
    const std::string file = remove->path + InPartition(remove->partition_values);
    DELTIC_TRY(const std::string path, paths.Of(remove->path));
    if (winner.data_change && unseen.count(path)) {
      return ConflictOf(ConflictKind::kConcurrentAppend,
                        fmt::format("{} changed {}, which another writer has just appended: this operation did not see "
                                    "that append, and cannot be ordered before it any more (isolation level {})",
                                    By(winner), file, IsolationName(level)));
    }
    if (IsApart(winner, path)) continue;
    if (removes.count(path)) {
      return ConflictOf(ConflictKind::kConcurrentDeleteDelete,
                        By(winner) + " " + fmt::format(fmt::runtime(WhatItDid(winner, path)), file));
    }
    if (intent->read.files.count(path) || adds.count(path)) {
      return ConflictOf(ConflictKind::kConcurrentDeleteRead,
                        fmt::format("{} removed {}, which this operation read", By(winner), file));
    }
    if (intent->read.only_touched) continue;  // it found nothing there
    std::string why;
    if (intent->read.whole_table) {
      why = "the operation read the whole table";
    } else if (!predicates.empty()) {
      // Without its partition values a removed file may have been in any partition.
      const bool known = remove->extended_file_metadata.value_or(false) || !remove->partition_values.empty();
      if (known || intent->base->metadata().partition_columns.empty()) {
        DELTIC_TRY(why, ReadBy({.partition_values = &remove->partition_values,
                                .stats_json = remove->stats ? std::string_view(*remove->stats) : std::string_view(),
                                .has_deletion_vector = remove->deletion_vector.has_value()},
                               remove->path));
      } else {
        why = "the commit does not tell the file's partition, so it may be one that the operation read";
      }
    }
    if (why.empty()) continue;
    return ConflictOf(ConflictKind::kConcurrentDeleteRead, fmt::format("{} removed {}, and {}", By(winner), file, why));
  }
  return {};
}

ConflictCheck::ConflictCheck(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ConflictCheck::ConflictCheck(ConflictCheck&&) noexcept = default;
ConflictCheck& ConflictCheck::operator=(ConflictCheck&&) noexcept = default;
ConflictCheck::~ConflictCheck() = default;

Result<ConflictCheck> ConflictCheck::Make(const Intent& intent, IsolationLevel level) {
  auto parts = std::make_unique<Parts>();
  parts->intent = &intent;
  parts->level = level;
  parts->paths = CanonicalPaths(*intent.base->store());
  parts->app_ids = intent.read.app_ids;
  parts->domains = intent.read.domains;
  for (const Action& action : intent.actions) {
    if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
      DELTIC_TRY(std::string path, parts->paths.Of(remove->path));
      parts->removes.insert(std::move(path));
    } else if (const AddFile* add = std::get_if<AddFile>(&action)) {
      DELTIC_TRY(std::string path, parts->paths.Of(add->path));
      parts->adds.insert(std::move(path));
    } else if (const SetTransaction* transaction = std::get_if<SetTransaction>(&action)) {
      parts->app_ids.insert(transaction->app_id);
    } else if (const DomainMetadata* domain = std::get_if<DomainMetadata>(&action)) {
      parts->domains.insert(domain->domain);
    } else if (std::holds_alternative<Metadata>(action)) {
      parts->changes_metadata = true;
    }
  }
  parts->domains.erase(kRowTrackingDomain);  // the loop merges it
  for (const Predicate& predicate : intent.read.predicates) {
    parts->predicates.push_back(
        {predicate.ToString(), MakePruner({.schema = intent.base->schema(),
                                           .mode = intent.base->config().mapping_mode,
                                           .partition_columns = intent.base->metadata().partition_columns,
                                           .predicate = predicate})});
  }
  return ConflictCheck(std::move(parts));
}

Status ConflictCheck::Check(const Winner& winner) {
  DELTIC_CHECK(CheckTable(winner));
  return CheckFiles(winner);
}

Status ConflictCheck::CheckTable(const Winner& winner) {
  DELTIC_CHECK(CheckProtocol(*parts_->intent, winner));
  DELTIC_CHECK(CheckMetadata(*parts_->intent, winner));
  if (parts_->intent->read.deleted_files && winner.operation == kVacuumStart) {
    return ConflictOf(ConflictKind::kConcurrentDeleteRead,
                      By(winner) + " may be deleting files that this operation brings back");
  }
  return parts_->CheckIdentifiers(winner);
}

Result<bool> ConflictCheck::ReadsFile(const AddFile& file) {
  DELTIC_TRY(const std::string why, parts_->ReadBy(file));
  return !why.empty();
}

Status ConflictCheck::CheckFiles(const Winner& winner) {
  if (parts_->intent->blind_append) return {};
  DELTIC_CHECK(parts_->CheckAdds(winner));
  return parts_->CheckRemoves(winner);
}

Status CheckConflict(const Intent& intent, IsolationLevel level, const Winner& winner) {
  DELTIC_TRY(ConflictCheck check, ConflictCheck::Make(intent, level));
  return check.Check(winner);
}

std::string_view IsolationName(IsolationLevel level) {
  switch (level) {
    case IsolationLevel::kSerializable:
      return "Serializable";
    case IsolationLevel::kWriteSerializable:
      return "WriteSerializable";
    case IsolationLevel::kSnapshot:
      return "SnapshotIsolation";
  }
  return "Serializable";
}

IsolationLevel LevelOf(const Intent& intent) {
  if (intent.isolation) return *intent.isolation;
  const auto rearranges = [](const Action& action) {
    if (const AddFile* add = std::get_if<AddFile>(&action)) return !add->data_change;
    if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) return !remove->data_change;
    return false;
  };
  if (!intent.actions.empty() && std::all_of(intent.actions.begin(), intent.actions.end(), rearranges)) {
    return IsolationLevel::kSnapshot;
  }
  if (!intent.base) return IsolationLevel::kWriteSerializable;
  const StringMap& properties = intent.base->metadata().configuration;
  const auto property = properties.find("delta.isolationLevel");
  if (property == properties.end()) return IsolationLevel::kWriteSerializable;
  std::string name = property->second;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name == "writeserializable") return IsolationLevel::kWriteSerializable;
  if (name == "snapshotisolation") return IsolationLevel::kSnapshot;
  return IsolationLevel::kSerializable;
}

Winner MakeWinner(int64_t version, std::vector<Action> actions) {
  Winner winner{.version = version};
  bool removes = false;
  for (const Action& action : actions) {
    if (const AddFile* add = std::get_if<AddFile>(&action)) winner.data_change |= add->data_change;
    if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
      winner.data_change |= remove->data_change;
      removes = true;
    }
    if (const CommitInfo* info = std::get_if<CommitInfo>(&action)) {
      const CommitInfoFacts facts = ReadCommitInfoFacts(*info);
      winner.blind_append = facts.blind_append;
      winner.operation = info->operation.value_or("");
    }
  }
  winner.blind_append = winner.blind_append && !removes;  // whatever it says of itself
  winner.actions = std::move(actions);
  return winner;
}

}  // namespace deltic
