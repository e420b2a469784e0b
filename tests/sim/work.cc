// Owns the parts that operations are made of; see the header.
#include "work.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "dv/deletion_vector.h"

namespace deltic::sim {
namespace {

Predicate InPartition(const std::string& p) {
  Predicate predicate{.kind = Predicate::Kind::kCompare, .column = {"p"}, .op = CompareOp::kEq};
  predicate.literals = {Literal{DataType(TypeKind::kString), p}};
  return predicate;
}

std::string LiveFilesOf(const Snapshot& snapshot) {
  Result<std::unique_ptr<LiveFileCursor>> cursor = snapshot.LiveFiles();
  if (!cursor.ok()) return "";
  std::set<std::string> names;
  while (true) {
    Result<std::optional<AddFile>> file = (*cursor)->Next();
    if (!file.ok()) return "";
    if (!file->has_value()) break;
    names.insert(NameOf(**file));
  }
  return fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

bool Work::Begin() {
  if (writer_.crashed()) {
    writer_.Restart();
    Forget();
  }
  written_.clear();
  return Look();
}

bool Work::Look() {
  if (snapshot_ && dice_.Happens(0.3)) return true;
  Result<SnapshotPtr> seen = snapshot_ && dice_.Happens(0.7) ? snapshot_->Advance() : Snapshot::Open(writer_.store());
  if (!seen.ok()) return false;  // the weather
  snapshot_ = *seen;
  return true;
}

Intent Work::Start(const std::string& kind) {
  deed_ = Deed{.id = NextNumber(), .kind = kind, .base_version = snapshot_->version()};
  deed_.base_metadata = snapshot_->metadata();
  Intent intent;
  intent.base = snapshot_;
  intent.operation = {.name = kind};
  intent.user_metadata = {{"sim", std::to_string(deed_.id)}};
  return intent;
}

bool Work::Read(const std::optional<std::string>& partition, std::vector<AddFile>& files, Intent& intent) {
  LiveFilesRequest request;
  request.all_fields = true;
  if (partition) request.predicate = InPartition(*partition);
  Result<std::unique_ptr<LiveFileCursor>> cursor = snapshot_->LiveFiles(request);
  if (!cursor.ok()) return false;
  const bool names_files = dice_.Happens(0.5);  // what was read may be told by predicate alone, too
  while (true) {
    Result<std::optional<AddFile>> file = (*cursor)->Next();
    if (!file.ok()) return false;
    if (!file->has_value()) break;
    deed_.saw.insert(NameOf(**file));
    if (names_files) intent.read.files.insert((*file)->path);
    files.push_back(std::move(**file));
  }
  deed_.partition = partition;
  deed_.read_all = !partition;
  if (partition) {
    intent.read.predicates = {InPartition(*partition)};
  } else {
    intent.read.whole_table = true;
  }
  return true;
}

void Work::Finish(Intent intent) {
  deed_.blind = intent.blind_append;
  deed_.level = LevelOf(intent);
  for (const Action& action : intent.actions) deed_.changes_metadata |= std::holds_alternative<Metadata>(action);
  writer_.deletes_as = "commit";
  const Result<Committed> done = Commit(intent, Options());
  if (!done.ok()) return Ended(done.error());
  snapshot_ = done->snapshot;
  if (dice_.Happens(0.2)) deed_.live_after = LiveFilesOf(*snapshot_);
  Ended(done->version, done->warnings);
}

CommitOptions Work::Options() {
  CommitOptions options;
  options.env = writer_.env();
  options.max_retries = dice_.Happens(0.1) ? 1 : 100;
  options.upkeep = history_.upkeep;
  options.sleep_ms = [this](int64_t ms) {
    writer_.world().PassTime(ms);
    if (!writer_.crashed()) writer_.Pause();
  };
  return options;
}

void Work::Ended(int64_t version, const std::vector<std::string>& warnings) {
  deed_.ending = Ending::kCommitted;
  deed_.version = version;
  history_.warnings.insert(history_.warnings.end(), warnings.begin(), warnings.end());
  history_.deeds.push_back(std::move(deed_));
}
void Work::Ended(const Error& error) {
  deed_.error = error.ToString();
  const bool doubtful = writer_.crashed() || error.code() == Code::kCommitUnknown;
  deed_.ending = doubtful ? Ending::kInDoubt : Ending::kRefused;
  if (!doubtful) Drop();
  if (dice_.Happens(0.7)) snapshot_.reset();
  history_.deeds.push_back(std::move(deed_));
}

void Work::Drop() {
  writer_.deletes_as = "owner";
  for (const std::string& key : written_) (void)writer_.store()->Delete(key).ok();
  written_.clear();
  writer_.deletes_as = "commit";
}

std::vector<int64_t> Work::FreshRows() {
  std::vector<int64_t> rows(1 + dice_.Below(25));
  for (int64_t& row : rows) row = ++history_.rows;
  return rows;
}

std::optional<AddFile> Work::NewFile(const std::string& p, const std::vector<int64_t>& rows) {
  AddFile add{.path = fmt::format("f{:016x}", dice_.Next()), .partition_values = {{"p", p}}};
  std::string text = fmt::format("{} ", fmt::join(rows, " "));
  add.size = static_cast<int64_t>(text.size());
  add.modification_time = writer_.world().now_ms();
  add.stats = fmt::format(R"({{"numRecords":{}}})", rows.size());
  written_.push_back(add.path);
  if (!writer_.store()->Put(add.path, text).ok()) return std::nullopt;
  return add;
}

bool Work::AddNewFile(const std::string& p, Intent& intent) {
  std::optional<AddFile> made = NewFile(p, FreshRows());
  if (made) intent.actions.emplace_back(std::move(*made));
  return made.has_value();
}

bool Work::AddChangeFile(const std::string& p, Intent& intent) {
  AddCdcFile change{.path = fmt::format("_change_data/c{:016x}", dice_.Next()), .partition_values = {{"p", p}}};
  change.size = 2;
  written_.push_back(change.path);
  if (!writer_.store()->Put(change.path, "c ").ok()) return false;
  intent.actions.emplace_back(std::move(change));
  return true;
}

std::optional<std::vector<int64_t>> Work::ReadRows(const AddFile& file) {
  const Result<std::string> text = writer_.store()->Get(file.path);
  if (!text.ok() || static_cast<int64_t>(text->size()) != file.size) return std::nullopt;
  return RowsIn(*text);
}

bool Work::ReadVector(const AddFile& file, RowSet& deleted) {
  if (!file.deletion_vector) return true;
  const auto read = ReadDeletionVector(*writer_.store(), *file.deletion_vector);
  if (!read.ok()) return false;
  deleted = (*read)->rows();
  return true;
}

std::optional<std::vector<int64_t>> Work::LiveRows(const AddFile& file) {
  RowSet deleted;
  const auto all = ReadRows(file);
  if (!all || !ReadVector(file, deleted)) return std::nullopt;
  std::vector<int64_t> live;
  for (uint64_t i = 0; i < all->size(); ++i) {
    if (!deleted.Contains(i)) live.push_back((*all)[i]);
  }
  return live;
}

RemoveFile Work::RemoveOf(const AddFile& add) {
  RemoveFile remove{.path = add.path, .partition_values = add.partition_values, .size = add.size};
  remove.deletion_vector = add.deletion_vector;
  remove.base_row_id = add.base_row_id;
  remove.default_row_commit_version = add.default_row_commit_version;
  if (dice_.Happens(0.2)) {  // as writers leave it that keep the protocol's optional members out
    remove.size.reset();
    remove.partition_values.clear();
  }
  return remove;
}

int64_t Work::NextNumber() {
  return static_cast<int64_t>(history_.deeds.size()) * 100 + ++numbers_ * 10 + writer_.number();
}

}  // namespace deltic::sim
