// Owns the operations of the simulated writers.
#include "operations.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "clone/restore.h"
#include "dv/deletion_vector.h"
#include "dv/dv_writer.h"
#include "expr/prune.h"
#include "mutants.h"
#include "upkeep/upkeep.h"
#include "vacuum/vacuum.h"

namespace deltic::sim {
namespace {

constexpr const char* kDomain = "sim.counter";
using SnapshotPtr = std::shared_ptr<const Snapshot>;

std::string SchemaWithMark(int64_t mark) {
  return fmt::format(
      R"({{"type":"struct","fields":[{{"name":"x","type":"long","nullable":true,"metadata":{{"delta.identity.start":1,)"
      R"("delta.identity.step":1,"delta.identity.allowExplicitInsert":false,"delta.identity.highWaterMark":{}}}}},)"
      R"({{"name":"p","type":"string","nullable":true,"metadata":{{}}}}]}})",
      mark);
}

int64_t MarkOf(const std::string& schema) {
  const std::string key = "\"delta.identity.highWaterMark\":";
  return std::stoll(schema.substr(schema.find(key) + key.size()));
}

Predicate InPartition(const std::string& p) {
  Predicate predicate{.kind = Predicate::Kind::kCompare, .column = {"p"}, .op = CompareOp::kEq};
  predicate.literals = {Literal{DataType(TypeKind::kString), p}};
  return predicate;
}

// One writer at work.
class Work {
 public:
  Work(Writer& writer, History& history) : writer_(writer), dice_(writer.dice()), history_(history) {}

  void Run(int operations) {
    for (int i = 0; i < operations; ++i) {
      if (writer_.crashed()) {
        writer_.Restart();
        snapshot_.reset();
      }
      written_.clear();
      if (Look()) Do();
      writer_.Pause();
    }
  }

 private:
  // The table as this writer knows it: opened, brought up to date, or as it was.
  bool Look() {
    if (snapshot_ && dice_.Happens(0.3)) return true;
    Result<SnapshotPtr> seen = snapshot_ && dice_.Happens(0.7) ? snapshot_->Advance() : Snapshot::Open(writer_.store());
    if (!seen.ok()) return false;  // the weather
    snapshot_ = *seen;
    return true;
  }

  void Do() {
    if (history_.upkeep && dice_.Happens(0.1)) return Upkeep();
    if (dice_.Happens(history_.maintenance)) return Vacuum();
    if (dice_.Happens(history_.maintenance)) return Restore();
    if (dice_.Happens(0.06)) return Merge();
    if (dice_.Happens(0.35)) return MarkRows();
    const uint64_t what = dice_.Below(100);
    if (what < 25) return Append();
    if (what < 40) return AppendOnce();
    if (what < 55) return Rewrite(/*everything=*/false);
    if (what < 61) return Rewrite(false);
    if (what < 64) return Revive();
    if (what < 71) return dice_.Happens(0.5) ? Rearrange() : Purge();
    if (what < 77) return Rewrite(/*everything=*/true);
    if (what < 81) return Count();
    if (what < 83) return Copy();
    if (what < 87) return ChangeProperty();
    if (what < 91) return AddToDomain();
    if (what < 95) return history_.identity ? AppendWithIdentity() : Append();
    if (what < 97) return Constrain();
    return AddFeature();
  }

  void Append() {
    Intent intent = Start("append");
    intent.blind_append = true;
    const uint64_t files = 1 + dice_.Below(3);
    for (uint64_t i = 0; i < files; ++i) {
      if (!AddNewFile(AnyPartition(), intent)) return Drop();
    }
    Finish(std::move(intent));
  }

  // A producer that may run twice: (application, version) is written once.
  void AppendOnce() {
    const std::string app = fmt::format("app{}", dice_.Below(2));
    const Result<std::optional<int64_t>> last = snapshot_->TransactionVersion(app);
    if (!last.ok()) return;
    Intent intent = Start("append once");
    intent.blind_append = true;
    intent.read.app_ids = {app};
    deed_.app_id = app;
    deed_.app_version = last->value_or(-1) + 1;
    intent.actions.emplace_back(SetTransaction{.app_id = app, .version = deed_.app_version});
    if (!AddNewFile(AnyPartition(), intent)) return Drop();
    Finish(std::move(intent));
  }

  // DELETE or UPDATE of a partition, or an overwrite: what was read is removed and written anew.
  void Rewrite(bool everything) {
    Intent intent = Start(everything ? "overwrite" : "rewrite");
    const std::string p = AnyPartition();
    std::vector<AddFile> files;
    if (!Read(everything ? std::nullopt : std::optional(p), files, intent)) return;
    for (const AddFile& file : files) intent.actions.emplace_back(RemoveOf(file));
    if ((everything || !files.empty()) && !AddNewFile(p, intent)) return Drop();
    if (!intent.actions.empty()) Finish(std::move(intent));
  }

  // DELETE or UPDATE of some rows by deletion vectors: reads a partition, marks rows of some of its files; an update
  // adds a file.
  void MarkRows() {
    const bool updates = dice_.Happens(0.3);
    Intent intent = Start(updates ? "update rows" : "delete rows");
    std::vector<AddFile> files;
    if (!Read(AnyPartition(), files, intent) || files.empty()) return;
    intent.read.files.clear();
    intent.read.only_touched = true;
    deed_.marks_rows = true;
    DeletionVectorWriter writer(*writer_.store(), writer_.env(), snapshot_->config());
    writer_.deletes_as = "owner";
    for (const AddFile& file : files) {
      RowSet before;
      if (!ReadVector(file, before)) return;  // the weather
      const std::vector<uint64_t> gone = before.ToRows();
      deed_.deleted_before[file.path] = {gone.begin(), gone.end()};
      if (dice_.Happens(0.4)) continue;
      const uint64_t rows = static_cast<uint64_t>(*NumRecords(*file.stats));
      auto marks = std::make_shared<RowSet>();
      for (uint64_t row = 0; row < rows; ++row) {
        if (!before.Contains(row) && dice_.Happens(0.15)) marks->Add(row);
      }
      if (marks->empty()) continue;
      const std::vector<uint64_t> list = marks->ToRows();
      deed_.marked[file.path] = {list.begin(), list.end()};
      RowSet all = before;
      all.Merge(*marks);
      intent.actions.emplace_back(RemoveOf(file));
      if (all.cardinality() == static_cast<int64_t>(rows)) continue;
      auto vector = writer.Add(all);
      if (!vector.ok()) return;
      auto add = WithDeletionVector(file, *vector);
      if (!add.ok()) return;
      intent.actions.emplace_back(*add);
      intent.marks.push_back({.path = file.path, .rows = marks});
    }
    if (deed_.marked.empty() || !Take(writer)) return;
    if (updates && !AddNewFile(*deed_.partition, intent)) return Drop();
    if (updates && dice_.Happens(0.5) && !history_.upkeep && !AddChangeFile(*deed_.partition, intent)) return Drop();
    Finish(std::move(intent));
  }

  // RESTORE of one file: as it was when it had fewer rows deleted.
  void Revive() {
    Intent intent = Start("revive");
    std::vector<AddFile> files;
    if (!Read(AnyPartition(), files, intent)) return;
    for (AddFile file : files) {
      if (!file.deletion_vector) continue;
      // A row of a merge may have been written anew since: its key would live twice.
      const auto rows = ReadRows(file);
      if (!rows) return;
      if (std::any_of(rows->begin(), rows->end(), [](int64_t row) { return row >= kKeyFactor; })) continue;
      intent.actions.emplace_back(RemoveOf(file));
      file.deletion_vector.reset();
      file.data_change = true;
      intent.actions.emplace_back(std::move(file));
      return Finish(std::move(intent));
    }
  }

  // OPTIMIZE: some files become one, no row changes.
  void Rearrange() {
    Intent intent = Start("rearrange");
    std::vector<AddFile> files;
    if (!Read(AnyPartition(), files, intent) || files.size() < 2) return;
    files.resize(2);
    RearrangeFiles(std::move(intent), files);
  }

  // REORG: a file without the rows that its vector deletes.
  void Purge() {
    Intent intent = Start("purge");
    std::vector<AddFile> files;
    if (!Read(AnyPartition(), files, intent)) return;
    std::erase_if(files, [](const AddFile& file) { return !file.deletion_vector; });
    if (files.empty()) return;
    files.resize(1);
    RearrangeFiles(std::move(intent), files);
  }

  void RearrangeFiles(Intent intent, const std::vector<AddFile>& files) {
    deed_.keeps_rows = true;
    deed_.partition.reset();  // it depends on these two only
    deed_.saw.clear();
    intent.read.predicates.clear();
    intent.read.files.clear();
    const bool names_files = dice_.Happens(0.5);  // else that they are removed must be enough
    std::vector<int64_t> kept;
    for (const AddFile& file : files) {
      const auto rows = LiveRows(file);
      if (!rows) return;
      kept.insert(kept.end(), rows->begin(), rows->end());
      deed_.saw.insert(NameOf(file));
      if (names_files) intent.read.files.insert(file.path);
      RemoveFile remove = RemoveOf(file);
      remove.data_change = false;
      intent.actions.emplace_back(std::move(remove));
    }
    std::optional<AddFile> made = NewFile(*files[0].partition_values.at("p"), kept);
    if (!made) return Drop();
    made->data_change = false;
    intent.actions.emplace_back(std::move(*made));
    Finish(std::move(intent));
  }

  // INSERT ... SELECT count(*) FROM the table itself: removes nothing, depends on everything.
  void Count() {
    Intent intent = Start("count");
    std::vector<AddFile> files;
    const bool some = dice_.Happens(0.5);
    if (!Read(some ? std::optional(AnyPartition()) : std::nullopt, files, intent)) return;
    if (!AddNewFile("counts", intent)) return Drop();
    Finish(std::move(intent));
  }

  // Depends on the rows of one file only, and removes nothing.
  void Copy() {
    Intent intent = Start("copy");
    std::vector<AddFile> files;
    if (!Read(AnyPartition(), files, intent) || files.empty()) return;
    const AddFile& file = files[dice_.Below(files.size())];
    deed_.partition.reset();
    deed_.saw = {NameOf(file)};
    intent.read.predicates.clear();
    intent.read.files = {file.path};
    if (!AddNewFile("copies", intent)) return Drop();
    Finish(std::move(intent));
  }

  void ChangeProperty() {
    Intent intent = Start("change property");
    Metadata metadata = snapshot_->metadata();
    metadata.configuration["sim.property"] = std::to_string(NextNumber());
    intent.actions.emplace_back(std::move(metadata));
    Finish(std::move(intent));
  }

  // ADD CONSTRAINT: every row was looked at, and none may come in meanwhile.
  void Constrain() {
    Intent intent = Start("constrain");
    std::vector<AddFile> files;
    if (!Read(std::nullopt, files, intent)) return;
    Metadata metadata = snapshot_->metadata();
    metadata.configuration["sim.constraint"] = std::to_string(NextNumber());
    intent.actions.emplace_back(std::move(metadata));
    Finish(std::move(intent));
  }

  void AddFeature() {
    Intent intent = Start("add feature");
    Protocol protocol = snapshot_->protocol();
    const std::string name = dice_.Happens(0.5) ? "vacuumProtocolCheck" : "checkConstraints";
    auto& writer = *protocol.writer_features;
    if (std::find(writer.begin(), writer.end(), name) != writer.end()) return;
    writer.push_back(name);
    if (name == "vacuumProtocolCheck") protocol.reader_features->push_back(name);
    intent.actions.emplace_back(std::move(protocol));
    Finish(std::move(intent));
  }

  // A counter that is read and written: no addition may be lost.
  void AddToDomain() {
    const Result<std::vector<DomainMetadata>> domains = snapshot_->Domains();
    if (!domains.ok()) return;
    Intent intent = Start("add to domain");
    deed_.domain_saw = "0";
    for (const DomainMetadata& domain : *domains) {
      if (domain.domain == kDomain) deed_.domain_saw = domain.configuration;
    }
    intent.actions.emplace_back(
        DomainMetadata{.domain = kDomain, .configuration = std::to_string(std::stoll(*deed_.domain_saw) + 1)});
    Finish(std::move(intent));
  }

  // Identity values are given before the commit, from the mark in the schema.
  void AppendWithIdentity() {
    Intent intent = Start("append with identity");
    Metadata metadata = snapshot_->metadata();
    const int64_t first = MarkOf(metadata.schema_string) + 1;
    std::optional<AddFile> add = NewFile(AnyPartition(), FreshRows());
    if (!add) return Drop();
    add->tags["identity"] = fmt::format("{}", first);
    metadata.schema_string = SchemaWithMark(first + 4);
    intent.actions.emplace_back(std::move(metadata));
    intent.actions.emplace_back(std::move(*add));
    intent.blind_append = true;
    Finish(std::move(intent));
  }

  // A checkpoint, and the log's cleanup, often a day later: then every other writer's base may be cleaned up.
  void Upkeep() {
    CancelToken cancel;
    const Result<CheckpointDone> checkpoint = WriteCheckpoint(*snapshot_, writer_.env(), cancel);
    history_.warnings.push_back(checkpoint.ok() ? "checkpoint" : checkpoint.error().ToString());
    if (dice_.Happens(0.5)) writer_.world().PassTime(86'400'000);
    const Result<LogCleanup> cleanup = CleanLog(*snapshot_, writer_.env());
    history_.warnings.push_back(cleanup.ok() ? fmt::format("{} log files deleted", cleanup->deleted.size())
                                             : cleanup.error().ToString());
  }

  Intent Start(const std::string& kind) {
    deed_ = Deed{.id = NextNumber(), .kind = kind, .base_version = snapshot_->version()};
    deed_.base_metadata = snapshot_->metadata();
    Intent intent;
    intent.base = snapshot_;
    intent.operation = {.name = kind};
    intent.user_metadata = {{"sim", std::to_string(deed_.id)}};
    return intent;
  }

  // The live files of a partition, or of the table, into the intent's read set and the deed.
  bool Read(const std::optional<std::string>& partition, std::vector<AddFile>& files, Intent& intent) {
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

  // MERGE ... WHEN MATCHED UPDATE WHEN NOT MATCHED INSERT, of one key: it depends on not finding it, too.
  void Merge() {
    const auto key = static_cast<int64_t>(1 + dice_.Below(4));
    const std::string p(1, static_cast<char>('a' + key % 3));
    Intent intent = Start("merge");
    std::vector<AddFile> files;
    if (!Read(p, files, intent)) return;
    // It changes every row that it finds, so that other rows may go meanwhile.
    if (dice_.Happens(0.5)) {
      intent.read.files.clear();
      intent.read.only_touched = deed_.marks_rows = true;
    }
    DeletionVectorWriter writer(*writer_.store(), writer_.env(), snapshot_->config());
    writer_.deletes_as = "owner";
    for (const AddFile& file : files) {
      RowSet before;
      if (!ReadVector(file, before)) return;
      const std::vector<uint64_t> gone = before.ToRows();
      deed_.deleted_before[file.path] = {gone.begin(), gone.end()};
      const auto rows = ReadRows(file);
      if (!rows) return;
      RowSet after = before;
      auto marks = std::make_shared<RowSet>();
      for (uint64_t i = 0; i < rows->size(); ++i) {
        if ((*rows)[i] / kKeyFactor != key || before.Contains(i)) continue;
        after.Add(i);
        marks->Add(i);
      }
      if (marks->empty()) continue;
      const std::vector<uint64_t> list = marks->ToRows();
      deed_.marked[file.path] = {list.begin(), list.end()};
      intent.actions.emplace_back(RemoveOf(file));
      if (after.cardinality() == static_cast<int64_t>(rows->size())) continue;
      auto vector = writer.Add(after);
      if (!vector.ok()) return;
      auto add = WithDeletionVector(file, *vector);
      if (!add.ok()) return;
      intent.actions.emplace_back(*add);
      intent.marks.push_back({.path = file.path, .rows = marks});
    }
    if (!Take(writer)) return;
    std::optional<AddFile> made = NewFile(p, {key * kKeyFactor + ++history_.rows});
    if (!made) return Drop();
    intent.actions.emplace_back(std::move(*made));
    Finish(std::move(intent));
  }

  // Real RESTORE. It reads the table itself; what it must have seen is all that lived in its base.
  void Restore() {
    const auto store = MutantOf(writer_.store(), history_.mutant == Mutant::kRestoreForgetsWinners   ? "winners"
                                                 : history_.mutant == Mutant::kRestoreForgetsVacuums ? "vacuums"
                                                                                                     : "");
    Result<SnapshotPtr> newest = Snapshot::Open(store);
    if (!newest.ok() || (*newest)->version() < 2) return;
    snapshot_ = *newest;
    MutantForgetsAfter(store, snapshot_->version());
    const auto back = static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(snapshot_->version() - 1)));
    Intent unused = Start("restore");
    std::vector<AddFile> files;
    if (!Read(std::nullopt, files, unused)) return;
    deed_.restored = snapshot_->version() - 1 - back;
    deed_.level = IsolationLevel::kSerializable;
    RestoreRequest request{.version = deed_.restored};
    request.commit.custom_metadata = {{"sim", std::to_string(deed_.id)}};
    const Result<Restored> done =
        RestoreTable(snapshot_, request, {.commit = Options(), .transactions = {}, .looks = 1});
    if (!done.ok()) return Ended(done.error());
    if (!done->outcome.changed) return;
    if (history_.mutant == Mutant::kNone)
      snapshot_ = done->snapshot;
    else
      snapshot_.reset();
    Ended(done->outcome.version, done->outcome.warnings);
  }

  // Real VACUUM. Its two commits change nothing; what it deletes is the judge's to look at.
  void Vacuum() {
    const auto store = MutantOf(writer_.store(), history_.mutant == Mutant::kVacuumForgetsVectors      ? "vectors"
                                                 : history_.mutant == Mutant::kVacuumTakesYoungFiles   ? "ages"
                                                 : history_.mutant == Mutant::kVacuumForgetsNewCommits ? "winners"
                                                                                                       : "");
    Result<SnapshotPtr> newest = Snapshot::Open(store);
    if (!newest.ok()) return;
    MutantForgetsAfter(store, (*newest)->version());
    // A vacuum that finds nothing old proves nothing.
    const auto half = static_cast<uint64_t>(history_.retention_ms / 2);
    if (dice_.Happens(0.75)) writer_.world().PassTime(static_cast<int64_t>(half + dice_.Below(3 * half)));
    VacuumOrder order{.scope = dice_.Happens(0.3) ? VacuumScope::kLite : VacuumScope::kFull};
    if (history_.mutant == Mutant::kVacuumForgetsTombstones) {
      order.retention_ms = 0;
      order.enforce_retention = false;
    }
    order.commit = Options();
    order.threads = 1;
    writer_.deletes_as = "vacuum";
    writer_.world().VacuumBegins();
    const Result<VacuumDone> done = VacuumFiles(*newest, order);
    writer_.world().VacuumEnds();
    writer_.deletes_as = "commit";
    history_.warnings.push_back(done.ok()
                                    ? fmt::format("vacuum of {}: {} files", (*newest)->version(), done->files.size())
                                    : "vacuum: " + done.error().ToString());
    if (history_.mutant == Mutant::kNone && done.ok()) snapshot_ = done->snapshot;
  }

  CommitOptions Options() {
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

  void Finish(Intent intent) {
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

  void Ended(int64_t version, const std::vector<std::string>& warnings) {
    deed_.ending = Ending::kCommitted;
    deed_.version = version;
    history_.warnings.insert(history_.warnings.end(), warnings.begin(), warnings.end());
    history_.deeds.push_back(std::move(deed_));
  }

  void Ended(const Error& error) {
    deed_.error = error.ToString();
    const bool doubtful = writer_.crashed() || error.code() == Code::kCommitUnknown;
    deed_.ending = doubtful ? Ending::kInDoubt : Ending::kRefused;
    if (!doubtful) Drop();
    if (dice_.Happens(0.7)) snapshot_.reset();
    history_.deeds.push_back(std::move(deed_));
  }

  // Nothing was committed: what was written for it goes.
  void Drop() {
    writer_.deletes_as = "owner";
    for (const std::string& key : written_) (void)writer_.store()->Delete(key).ok();
    written_.clear();
    writer_.deletes_as = "commit";
  }

  // Of a writer that is done with its vectors; false when the weather took them.
  bool Take(DeletionVectorWriter& writer) {
    if (!writer.Finish().ok()) return false;
    written_.insert(written_.end(), writer.keys().begin(), writer.keys().end());
    return true;
  }

  static std::string LiveFilesOf(const Snapshot& snapshot) {
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

  int64_t NextNumber() {
    return static_cast<int64_t>(history_.deeds.size()) * 100 + ++numbers_ * 10 + writer_.number();
  }
  std::string AnyPartition() { return std::string(1, static_cast<char>('a' + dice_.Below(3))); }

  std::vector<int64_t> FreshRows() {
    std::vector<int64_t> rows(1 + dice_.Below(25));
    for (int64_t& row : rows) row = ++history_.rows;
    return rows;
  }

  // A file that holds the rows; nullopt when it could not be written.
  std::optional<AddFile> NewFile(const std::string& p, const std::vector<int64_t>& rows) {
    AddFile add{.path = fmt::format("f{:016x}", dice_.Next()), .partition_values = {{"p", p}}};
    std::string text = fmt::format("{} ", fmt::join(rows, " "));
    add.size = static_cast<int64_t>(text.size());
    add.modification_time = writer_.world().now_ms();
    add.stats = fmt::format(R"({{"numRecords":{}}})", rows.size());
    written_.push_back(add.path);
    if (!writer_.store()->Put(add.path, text).ok()) return std::nullopt;
    return add;
  }
  bool AddNewFile(const std::string& p, Intent& intent) {
    std::optional<AddFile> made = NewFile(p, FreshRows());
    if (made) intent.actions.emplace_back(std::move(*made));
    return made.has_value();
  }
  bool AddChangeFile(const std::string& p, Intent& intent) {
    AddCdcFile change{.path = fmt::format("_change_data/c{:016x}", dice_.Next()), .partition_values = {{"p", p}}};
    change.size = 2;
    written_.push_back(change.path);
    if (!writer_.store()->Put(change.path, "c ").ok()) return false;
    intent.actions.emplace_back(std::move(change));
    return true;
  }

  // All rows of a file, deleted or not; nullopt for the weather.
  std::optional<std::vector<int64_t>> ReadRows(const AddFile& file) {
    const Result<std::string> text = writer_.store()->Get(file.path);
    if (!text.ok() || static_cast<int64_t>(text->size()) != file.size) return std::nullopt;
    return RowsIn(*text);
  }
  bool ReadVector(const AddFile& file, RowSet& deleted) {
    if (!file.deletion_vector) return true;
    const auto read = ReadDeletionVector(*writer_.store(), *file.deletion_vector);
    if (!read.ok()) return false;
    deleted = (*read)->rows();
    return true;
  }
  std::optional<std::vector<int64_t>> LiveRows(const AddFile& file) {
    RowSet deleted;
    const auto all = ReadRows(file);
    if (!all || !ReadVector(file, deleted)) return std::nullopt;
    std::vector<int64_t> live;
    for (uint64_t i = 0; i < all->size(); ++i) {
      if (!deleted.Contains(i)) live.push_back((*all)[i]);
    }
    return live;
  }

  RemoveFile RemoveOf(const AddFile& add) {
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

  Writer& writer_;
  Dice& dice_;
  History& history_;
  SnapshotPtr snapshot_;
  Deed deed_;
  std::vector<std::string> written_;  // by the operation at hand
  int64_t numbers_ = 0;
};

}  // namespace

std::string NameOf(const AddFile& add) {
  return add.path + (add.deletion_vector ? "!" + add.deletion_vector->UniqueId() : "");
}

std::string DeletedRows(World& world, const AddFile& add, std::set<uint64_t>& rows) {
  rows.clear();
  if (!add.deletion_vector) return "";
  auto read = ReadDeletionVector(*world.calm(), *add.deletion_vector);
  if (!read.ok()) read = ReadDeletionVector(*world.attic(), *add.deletion_vector);  // a vacuum has been there
  if (!read.ok()) return read.error().ToString();
  const std::vector<uint64_t> list = (*read)->ToRows();
  rows = {list.begin(), list.end()};
  return "";
}

std::vector<int64_t> RowsIn(std::string_view text) {
  std::vector<int64_t> rows;
  while (!text.empty()) {
    const size_t end = text.find(' ');
    if (end > 0) rows.push_back(std::stoll(std::string(text.substr(0, end))));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return rows;
}

void MakeHistory(World& world, History& history) {
  Dice& dice = world.dice();
  history.level = dice.Happens(0.5) ? IsolationLevel::kSerializable : IsolationLevel::kWriteSerializable;
  history.row_tracking = dice.Happens(0.5);
  history.timestamps = dice.Happens(0.5);
  history.identity = dice.Happens(0.5);

  Intent intent;
  intent.store = world.calm();
  intent.operation = {.name = "CREATE TABLE"};
  std::vector<std::string> writer = {"changeDataFeed", "deletionVectors", "domainMetadata", "identityColumns"};
  Metadata metadata{.id = "sim", .schema_string = SchemaWithMark(0), .partition_columns = {"p"}};
  metadata.configuration["delta.isolationLevel"] = std::string(IsolationName(history.level));
  metadata.configuration["delta.checkpointInterval"] = history.upkeep ? "3" : "1000000";
  if (history.upkeep) metadata.configuration["delta.logRetentionDuration"] = "interval 0 seconds";
  history.maintenance = dice.Happens(0.3) ? 0.2 : 0.06;
  history.retention_ms = 7 * 86'400'000LL;
  if (dice.Happens(0.5)) {
    history.retention_ms = 60'000;
    metadata.configuration["delta.deletedFileRetentionDuration"] = "interval 60 seconds";
  }
  if (history.row_tracking) {
    writer.emplace_back("rowTracking");
  }
  if (history.timestamps) {
    writer.emplace_back("inCommitTimestamp");
    metadata.configuration["delta.enableInCommitTimestamps"] = "true";
  }
  intent.actions = {Protocol{.min_reader_version = 3,
                             .min_writer_version = 7,
                             .reader_features = std::vector<std::string>{"deletionVectors"},
                             .writer_features = writer},
                    metadata};
  CommitOptions options;
  options.env = world.EnvOf(0);
  options.upkeep = false;
  const Result<Committed> made = Commit(intent, options);
  if (!made.ok()) {
    fmt::print(stderr, "{}\n", made.error().ToString());
    std::abort();
  }
  world.ArchiveAll();
  const uint64_t writers = 2 + dice.Below(4);
  const int operations = 3 + static_cast<int>(dice.Below(6));
  for (uint64_t i = 0; i < writers; ++i) {
    world.AddWriter([&history, operations](Writer& one) { Work(one, history).Run(operations); });
  }
}

}  // namespace deltic::sim
