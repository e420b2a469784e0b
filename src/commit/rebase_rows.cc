// Owns the rebase of marked rows on winners. Protocol: "Deletion Vectors".
#include "commit/rebase_rows.h"

#include <algorithm>
#include <utility>

#include "base/cancel.h"
#include "base/error.h"
#include "dv/dv_writer.h"
#include "expr/prune.h"

namespace deltic {
namespace {

bool SameVector(const std::optional<DeletionVectorDescriptor>& a, const std::optional<DeletionVectorDescriptor>& b) {
  return a.has_value() == b.has_value() && (!a || a->UniqueId() == b->UniqueId());
}

// A winner's word about one path.
struct Words {
  std::vector<const RemoveFile*> removes;
  std::vector<const AddFile*> adds;
};

// The key of a vector's file in the table's store; "" for one that is elsewhere.
std::string KeyOf(const DeletionVectorDescriptor& vector) {
  if (vector.storage_type != 'u') return "";
  const Result<DeletionVectorLocation> location = LocateDeletionVector(vector);
  return location.ok() ? location->key : "";
}

}  // namespace

RowEffect JudgeVectorChange(const VectorChange& change) {
  if (!change.after.ContainsAll(change.before)) return RowEffect::kRevives;
  return change.after.Minus(change.before).Intersects(change.marks) ? RowEffect::kMeets : RowEffect::kApart;
}

Result<RowRebase> RowRebase::Make(const Intent& intent) {
  RowRebase rebase;
  rebase.intent_ = &intent;
  rebase.paths_ = CanonicalPaths(*intent.base->store());
  std::map<std::string, std::vector<size_t>> removes;
  std::map<std::string, std::vector<size_t>> adds;
  for (size_t i = 0; i < intent.actions.size(); ++i) {
    const RemoveFile* remove = std::get_if<RemoveFile>(&intent.actions[i]);
    const AddFile* add = std::get_if<AddFile>(&intent.actions[i]);
    if (!remove && !add) continue;
    DELTIC_TRY(const std::string path, rebase.paths_.Of(remove ? remove->path : add->path));
    (remove ? removes : adds)[path].push_back(i);
    rebase.touched_.insert(path);
  }
  for (const std::string& file : intent.read.files) {
    DELTIC_TRY(std::string path, rebase.paths_.Of(file));
    rebase.touched_.insert(std::move(path));
  }
  for (const RowMarks& marks : intent.marks) {
    DELTIC_TRY(const std::string path, rebase.paths_.Of(marks.path));
    if (!marks.rows || removes[path].size() != 1 || adds[path].size() != 1) {
      return Internal("rows of {} are marked, but the actions do not remove it and add it with a new vector",
                      marks.path);
    }
    if (intent.read.files.count(path) || intent.read.files.count(marks.path)) continue;  // it depends on all its rows
    Marked file{.rows = marks.rows.get(), .remove_at = removes[path][0], .add_at = adds[path][0]};
    file.live = std::get<AddFile>(intent.actions[file.add_at]);
    file.live.deletion_vector = std::get<RemoveFile>(intent.actions[file.remove_at]).deletion_vector;
    if (!rebase.marked_.emplace(path, std::move(file)).second) {
      return Internal("rows of {} are marked twice", marks.path);
    }
  }
  return rebase;
}

Result<std::optional<RowSet>> RowRebase::RowsOf(const std::optional<DeletionVectorDescriptor>& vector,
                                                const VectorReader& read) {
  if (!vector) return std::optional<RowSet>(RowSet());
  Result<std::shared_ptr<const DeletionVector>> rows = read(*vector);
  if (rows.ok()) return std::optional<RowSet>((*rows)->rows());
  if (rows.error().code() == Code::kNotFound) return std::optional<RowSet>();  // a vacuum has been here
  return std::move(rows).error();
}

Result<RowEffect> RowRebase::LookAtMarked(Marked& file, const RemoveFile& remove, const AddFile& add,
                                          const VectorReader& read) {
  // What does not go on from the file as we know it is not understood, and so in the way.
  const bool same_file = add.size == file.live.size && add.partition_values == file.live.partition_values;
  if (!same_file || !SameVector(remove.deletion_vector, file.live.deletion_vector)) return RowEffect::kUnknown;
  if (!file.known) {
    DELTIC_TRY(std::optional<RowSet> before, RowsOf(file.live.deletion_vector, read));
    if (!before) return RowEffect::kUnknown;
    file.deleted = std::move(*before);
    file.known = true;
  }
  DELTIC_TRY(std::optional<RowSet> after, RowsOf(add.deletion_vector, read));
  if (!after) return RowEffect::kUnknown;
  const RowEffect change = JudgeVectorChange({.before = file.deleted, .after = *after, .marks = *file.rows});
  if (change != RowEffect::kApart) return change;
  // The winner's word about everything but our rows: its statistics, its tags. Row ids belong to the file for good.
  const std::optional<int64_t> base_row_id = file.live.base_row_id;
  const std::optional<int64_t> commit_version = file.live.default_row_commit_version;
  file.live = add;
  if (!file.live.base_row_id) file.live.base_row_id = base_row_id;
  if (!file.live.default_row_commit_version) file.live.default_row_commit_version = commit_version;
  file.deleted = std::move(*after);
  file.moved = true;
  stale_ = true;
  return change;
}

Status RowRebase::Look(Winner& winner, const VectorReader& read, const ReadsFile& reads_file) {
  if (!intent_->read.only_touched) return {};
  std::map<std::string, Words> words;
  for (const Action& action : winner.actions) {
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    const AddFile* add = std::get_if<AddFile>(&action);
    if (!remove && !add) continue;
    DELTIC_TRY(const std::string path, paths_.Of(remove ? remove->path : add->path));
    if (remove) words[path].removes.push_back(remove);
    if (add) words[path].adds.push_back(add);
  }
  for (const auto& [path, said] : words) {
    if (said.removes.size() != 1 || said.adds.size() != 1) continue;
    const AddFile& add = *said.adds[0];
    const auto marked = marked_.find(path);
    Result<RowEffect> change = RowEffect::kUnknown;
    if (marked != marked_.end()) {
      change = LookAtMarked(marked->second, *said.removes[0], add, read);
    } else if (!touched_.count(path)) {
      DELTIC_TRY(const bool reads, reads_file(add));
      if (!reads) continue;
      DELTIC_TRY(const std::optional<RowSet> before, RowsOf(said.removes[0]->deletion_vector, read));
      DELTIC_TRY(const std::optional<RowSet> after, RowsOf(add.deletion_vector, read));
      if (before && after) change = JudgeVectorChange({.before = *before, .after = *after, .marks = RowSet()});
    } else {
      continue;
    }
    if (!change.ok()) {
      return std::move(change).error().Wrap(
          fmt::format("reading which rows of {} version {} deleted", add.path, winner.version));
    }
    winner.row_effects[path] = *change;
  }
  return {};
}

Status RowRebase::MakeAnew(ObjectStore& store, const Env& env) {
  DeletionVectorWriter writer(store, env, intent_->base->config());
  Intent anew = *intent_;
  std::set<size_t> dropped;
  for (const auto& [path, file] : marked_) {
    if (!file.moved) continue;
    RowSet deleted = file.deleted;
    deleted.Merge(*file.rows);
    RemoveFile& remove = std::get<RemoveFile>(anew.actions[file.remove_at]);
    remove.path = file.live.path;
    remove.partition_values = file.live.partition_values;
    remove.size = file.live.size;
    remove.tags = file.live.tags;
    remove.deletion_vector = file.live.deletion_vector;
    remove.base_row_id = file.live.base_row_id;
    remove.default_row_commit_version = file.live.default_row_commit_version;
    if (remove.stats) remove.stats = file.live.stats;
    const std::optional<int64_t> rows = file.live.stats ? NumRecords(*file.live.stats) : std::nullopt;
    if (rows && *rows == deleted.cardinality()) {
      dropped.insert(file.add_at);
      continue;
    }
    DELTIC_TRY(const DeletionVectorDescriptor vector, writer.Add(deleted));
    DELTIC_TRY(anew.actions[file.add_at], WithDeletionVector(file.live, vector));
  }
  DELTIC_CHECK(writer.Finish());
  for (auto at = dropped.rbegin(); at != dropped.rend(); ++at) {
    anew.actions.erase(anew.actions.begin() + static_cast<ptrdiff_t>(*at));
  }
  // Another writer has the version that the file of the time before was written for: nobody will ever name it.
  Discard(store);
  keys_ = writer.keys();
  rebased_ = std::move(anew);
  stale_ = false;
  return {};
}

void RowRebase::Discard(ObjectStore& store) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  for (const std::string& key : keys_) (void)store.Delete(key).ok();  // what stays is vacuum's to find
  keys_.clear();
}

void RowRebase::DropReplaced(ObjectStore& store) const {
  if (!rebased_) return;
  std::set<std::string> used;
  for (const Action& action : rebased_->actions) {
    const AddFile* add = std::get_if<AddFile>(&action);
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    if (add && add->deletion_vector) used.insert(KeyOf(*add->deletion_vector));
    if (remove && remove->deletion_vector) used.insert(KeyOf(*remove->deletion_vector));
  }
  std::set<std::string> replaced;
  for (const auto& [path, file] : marked_) {
    const AddFile& ours = std::get<AddFile>(intent_->actions[file.add_at]);
    if (file.moved && ours.deletion_vector) replaced.insert(KeyOf(*ours.deletion_vector));
  }
  replaced.erase("");
  for (const std::string& key : replaced) {
    if (!used.count(key)) (void)store.Delete(key).ok();
  }
}

}  // namespace deltic
