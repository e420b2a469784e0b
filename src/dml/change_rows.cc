// Owns the steps of DELETE and UPDATE, in their order; see the header.
//
// The predicate is asked once: what it met are places (file, row), and all later steps go by them. So a predicate that
// answers differently from time to time (random()) still writes exactly the rows that it marks. What the change feed
// shows of new rows is read back from the files just written, so that nothing is computed twice either.
#include "dml/change_rows.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/url.h"
#include "dml/merge_columns.h"
#include "dml/merge_plan.h"
#include "dml/row_places.h"
#include "dv/deletion_vector.h"
#include "dv/dv_writer.h"
#include "expr/prune.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"
#include "schema/engine_sql.h"

namespace deltic {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr const char* kTarget = "deltic_target";  // the files that may hold such rows
constexpr const char* kOld = "deltic_old";        // the rows met, as they are
constexpr const char* kNew = "deltic_new";        // as they were written

int64_t MillisSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Changing {
 public:
  Changing(Engine& engine, std::shared_ptr<const Snapshot> base, const RowChange& change, bool updates)
      : engine_(engine), base_(std::move(base)), change_(change), updates_(updates) {}

  Result<RowsChanged> Run(const TableResolver& resolver) {
    const auto start = Clock::now();
    DELTIC_CHECK(CheckTable());
    if (updates_) DELTIC_CHECK(PlanColumns());
    DELTIC_TRY(session_, engine_.OpenWork(resolver));
    DELTIC_CHECK(CheckSql());
    Tell("finding rows");
    DELTIC_CHECK(ChooseFiles());
    if (!whole_files_) DELTIC_CHECK(MarkRows());
    outcome_.scan_time_ms = MillisSince(start);
    if (whole_files_ ? removed_.empty() : marked_ == 0) {
      outcome_.version = base_->version();
      outcome_.snapshot = base_;
      outcome_.rows = 0;
      return std::move(outcome_);
    }
    const auto rewrite = Clock::now();
    Tell("writing rows");
    Status written = whole_files_ ? CountWholeFiles() : Write();
    outcome_.rewrite_time_ms = MillisSince(rewrite);
    outcome_.execution_time_ms = MillisSince(start);
    if (!written.ok()) return Discard(std::move(written).error());
    Result<RowsChanged> changed = CommitIt();
    if (changed.ok() || changed.error().code() == Code::kCommitUnknown) return changed;
    return Discard(std::move(changed).error());
  }

 private:
  const TableConfig& config() const { return base_->config(); }
  bool tracks_rows() const { return config().row_tracking_enabled; }
  void Tell(const char* phase) const {
    if (change_.progress) change_.progress({.phase = phase, .done = 0, .total = 0, .unit = ""});
  }

  Status CheckTable() const {
    DELTIC_CHECK(CheckWritable(base_->protocol()));
    if (config().append_only) {
      return Unsupported("the table takes appends only (delta.appendOnly): rows that are there cannot be changed");
    }
    if (tracks_rows() && config().row_id_column.empty()) {
      return Unsupported("the table tracks rows but names no column for their ids, so they would be lost: use Spark");
    }
    return {};
  }

  Status PlanColumns() {
    if (change_.set.empty()) return InvalidArgument("an update sets at least one column");
    definition_ = {
        .protocol = base_->protocol(), .metadata = base_->metadata(), .schema = base_->schema(), .domains = {}};
    MergeClauseText clause{.action = MergeAction::kMatchedUpdate, .condition = "", .set = change_.set};
    const Fields no_source;
    const std::string no_alias;
    return MakeUpdateColumns({.before = base_->schema(),
                              .after = definition_,
                              .source = no_source,
                              .target_alias = change_.alias,
                              .source_alias = no_alias,
                              .evolve = false},
                             clause, &planned_);
  }

  std::string As(const char* name) const { return std::string(name) + " AS " + QuoteSqlName(change_.alias); }

  // Bound before a file is opened, so that a mistake is told even of an empty table.
  Status CheckSql() {
    DELTIC_CHECK(AddScan(kTarget, {}, {.places = true}));
    if (change_.where) {
      auto type = session_->TypeOf(*change_.where, As(kTarget));
      if (!type.ok()) return std::move(type).error().Wrap("the predicate");
      if (type->kind() != TypeKind::kBoolean) {
        return InvalidArgument("the predicate is of type {}, not boolean: {}", type->ToString(), *change_.where);
      }
    }
    for (const MadeColumn& column : planned_.columns) {
      const auto type = session_->Describe("SELECT " + column.sql + " AS x FROM " + As(kTarget));
      if (!type.ok()) return Error(type.error()).Wrap("column " + column.name);
    }
    return {};
  }

  Status AddScan(const char* name, std::vector<ChosenFile> files, const ScanExtras& extras) {
    // Only a request for row ids tells the scan under which names files store them.
    DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = extras.row_ids}));
    spec.scan.files = MakeFileSource(base_, std::move(files));
    return session_->AddScan(name, spec.scan, extras);
  }

  Status ChooseFiles() {
    Replacement chosen;
    if (!change_.where) {
      DELTIC_TRY(chosen, ReplaceAll(*base_));
      whole_files_ = !updates_;
    } else {
      auto found = ReplaceWhere(engine_, *base_, *change_.where);
      if (found.ok()) {
        chosen = std::move(*found);
        whole_files_ = !updates_ && chosen.rewritten.empty();
      } else {
        // It binds in the session (checked before), so it says more than a filter of files can: an alias, a subquery.
        DELTIC_TRY(chosen, ReplaceAliased());
      }
    }
    read_ = std::move(chosen.read);
    removed_ = std::move(chosen.removed);
    if (!whole_files_) files_ = std::exchange(removed_, {});
    return {};
  }

  Result<Replacement> ReplaceAliased() {
    auto predicate = engine_.BindPredicate(base_->schema(), *change_.where, change_.alias);
    if (!predicate.ok()) return ReplaceAll(*base_);
    Replacement chosen;
    LiveFilesRequest request{.all_fields = true};
    request.predicate = *predicate;
    DELTIC_TRY(auto cursor, base_->LiveFiles(request));
    while (true) {
      DELTIC_TRY(std::optional<AddFile> file, cursor->Next());
      if (!file) break;
      chosen.removed.push_back(std::move(*file));
    }
    chosen.read.predicates.push_back(std::move(*predicate));
    return chosen;
  }

  Status MarkRows() {
    std::vector<ChosenFile> files;
    for (size_t i = 0; i < files_.size(); i++) {
      files.push_back({.file = files_[i], .number = static_cast<int64_t>(i), .only = nullptr});
    }
    marks_.resize(files_.size());
    if (files.empty()) return {};
    DELTIC_CHECK(AddScan(kTarget, std::move(files), {.places = true}));
    std::string sql = fmt::format("SELECT {}, {} FROM {}", QuoteSqlName(kFileNumberColumn),
                                  QuoteSqlName(kRowNumberColumn), As(kTarget));
    if (change_.where) sql += " WHERE (" + *change_.where + "\n)";
    const auto visit = [&](const RowPlace* rows, size_t count) -> Status {
      for (size_t i = 0; i < count; i++) {
        if (rows[i].file < 0 || rows[i].file >= static_cast<int64_t>(marks_.size()) || rows[i].row < 0) {
          return Internal("the engine named a row of a file that it was not given");
        }
        if (marks_[static_cast<size_t>(rows[i].file)].Add(static_cast<uint64_t>(rows[i].row))) ++marked_;
      }
      return {};
    };
    DELTIC_CHECK(session_->VisitPlaces(sql, visit, change_.write.cancel));
    outcome_.rows = marked_;
    return {};
  }

  // Files that go by their log entries alone: nothing is read.
  Status CountWholeFiles() {
    int64_t rows = 0;
    bool known = true;
    for (const AddFile& file : removed_) {
      const std::optional<int64_t> count = file.stats ? NumRecords(*file.stats) : std::nullopt;
      known = known && count.has_value();
      if (count) rows += *count - (file.deletion_vector ? file.deletion_vector->cardinality : 0);
      CountRemoved(file);
    }
    if (known) outcome_.rows = rows;
    return {};
  }

  void CountRemoved(const AddFile& file) {
    ++outcome_.files_removed;
    outcome_.bytes_removed += file.size;
    if (file.deletion_vector) ++outcome_.vectors_removed;
  }

  Status Write() {
    target_ = {.store = base_->store(),
               .protocol = base_->protocol(),
               .metadata = base_->metadata(),
               .schema = base_->schema(),
               .config = config()};
    // Readers see marked rows as deleted; rows that are copied they would take for deleted and inserted.
    const bool feed = config().change_data_feed && (updates_ || RewritesFiles());
    if (updates_ || feed) DELTIC_CHECK(ScanOld());
    if (updates_) DELTIC_CHECK(WriteUpdated());
    if (feed) DELTIC_CHECK(WriteFeed());
    return TakeRowsAway();
  }

  // A vector needs a count of the file's rows; files that have none are written anew.
  bool RewritesFiles() const {
    if (!config().deletion_vectors_enabled) return true;
    for (size_t i = 0; i < marks_.size(); i++) {
      const auto& stats = files_[i].stats;
      if (!marks_[i].empty() && !(stats && NumRecords(*stats))) return true;
    }
    return false;
  }

  Status ScanOld() {
    std::vector<ChosenFile> files;
    for (size_t i = 0; i < marks_.size(); i++) {
      if (marks_[i].empty()) continue;
      files.push_back({.file = files_[i],
                       .number = static_cast<int64_t>(i),
                       .only = std::make_shared<SetMask>(marks_[i], MaskSide::kInside)});
    }
    return AddScan(kOld, std::move(files), {.row_ids = tracks_rows()});
  }

  Status WriteUpdated() {
    std::string columns;
    for (const MadeColumn& column : planned_.columns) {
      columns += (columns.empty() ? "" : ", ") + column.sql + "\n AS " + QuoteSqlName(column.name);
    }
    // Protocol, "Row Tracking": the row is the same one, and this commit changed it.
    if (tracks_rows()) columns += ", \"_row_id\", CAST(NULL AS BIGINT) AS \"_row_commit_version\"";
    DELTIC_TRY(auto input, session_->Input("SELECT " + columns + " FROM " + As(kOld)));
    DELTIC_TRY(const int64_t rows, WriteInput(std::move(input), RowOrigin::kChanged));
    if (rows != marked_) return Internal("{} rows were to be updated, and {} were written", marked_, rows);
    return {};
  }

  Result<int64_t> WriteInput(std::unique_ptr<RowInput> input, RowOrigin origin) {
    WriteOptions options = change_.write;
    options.rows = origin;
    DELTIC_TRY(WrittenRows rows, WriteRows(engine_, std::move(input), target_, options));
    for (AddFile& file : rows.files) {
      outcome_.bytes_added += file.size;
      written_.push_back(std::move(file));
    }
    outcome_.files_added = static_cast<int64_t>(written_.size());
    return rows.num_rows;
  }

  std::string FeedRows(const char* name, const char* type) const {
    std::string columns;
    for (const StructField& field : base_->schema()) {
      if (field.type.kind() != TypeKind::kVoid) columns += QuoteSqlName(field.name) + ", ";
    }
    return "SELECT " + columns + QuoteSqlText(type) + " AS \"_change_type\" FROM " + name;
  }

  Status WriteFeed() {
    std::string sql = FeedRows(kOld, updates_ ? "update_preimage" : "delete");
    if (updates_) {
      std::vector<ChosenFile> files;
      for (const AddFile& file : written_) {
        files.push_back({.file = file, .number = static_cast<int64_t>(files.size()), .only = nullptr});
      }
      DELTIC_CHECK(AddScan(kNew, std::move(files), {}));
      sql += " UNION ALL " + FeedRows(kNew, "update_postimage");
    }
    DELTIC_TRY(auto input, session_->Input(sql));
    WriteOptions options = change_.write;
    options.rows = RowOrigin::kOwn;
    DELTIC_TRY(feed_, WriteChangeFiles(engine_, std::move(input), target_, options));
    outcome_.change_files = static_cast<int64_t>(feed_.size());
    return {};
  }

  // The rows leave their files: by vectors where the table has them, else by files without them.
  Status TakeRowsAway() {
    DeletionVectorWriter writer(*base_->store(), change_.commit.env, config());
    std::vector<ChosenFile> kept;
    for (size_t i = 0; i < marks_.size(); i++) {
      if (marks_[i].empty()) continue;
      const AddFile& file = files_[i];
      RowSet gone = marks_[i];
      if (file.deletion_vector) {
        DELTIC_TRY(const auto before, ReadDeletionVector(*base_->store(), *file.deletion_vector));
        gone.Merge(*before);
      }
      const std::optional<int64_t> rows = file.stats ? NumRecords(*file.stats) : std::nullopt;
      removed_.push_back(file);
      const bool whole = rows && *rows == gone.cardinality();
      if (whole || !config().deletion_vectors_enabled || !rows) {
        CountRemoved(file);
        if (whole) continue;
        kept.push_back({.file = file,
                        .number = static_cast<int64_t>(i),
                        .only = std::make_shared<SetMask>(std::move(gone), MaskSide::kOutside)});
        continue;
      }
      ++outcome_.vectors_added;
      if (file.deletion_vector) {
        ++outcome_.vectors_updated;
        ++outcome_.vectors_removed;
      }
      DELTIC_TRY(const DeletionVectorDescriptor vector, writer.Add(gone));
      DELTIC_TRY(AddFile marked, WithDeletionVector(file, vector));
      vectors_.push_back(std::move(marked));
      row_marks_.push_back({.path = file.path, .rows = std::make_shared<RowSet>(marks_[i])});
    }
    if (!kept.empty()) {
      DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = tracks_rows()}));
      spec.scan.files = MakeFileSource(base_, std::move(kept));
      DELTIC_TRY(auto input, engine_.InputFromScan(spec));
      DELTIC_TRY(outcome_.rows_copied, WriteInput(std::move(input), RowOrigin::kOwn));
    }
    DELTIC_CHECK(writer.Finish());
    vector_keys_ = writer.keys();
    return {};
  }

  Error Discard(Error error) {
    std::vector<AddFile> files = written_;
    const auto add = [&](const std::string& path) {
      files.emplace_back();
      files.back().path = path;
    };
    for (const AddCdcFile& file : feed_) add(file.path);
    for (const std::string& key : vector_keys_) add(PercentEncode(key));
    return DiscardFiles(*base_->store(), files, std::move(error));
  }

  // Whether each row's fate follows from that row alone, so that winners may delete others (commit/rebase_rows.h). Not
  // where a condition or a new value may hold a query, over this table even.
  bool JudgesRowsAlone() const {
    const auto may_query = [](std::string sql) {
      std::transform(sql.begin(), sql.end(), sql.begin(), [](unsigned char c) { return std::tolower(c); });
      return sql.find("select") != std::string::npos || sql.find("from") != std::string::npos ||
             sql.find("table") != std::string::npos;
    };
    if (change_.where && may_query(*change_.where)) return false;
    return std::none_of(change_.set.begin(), change_.set.end(),
                        [&](const ColumnValue& column) { return may_query(column.sql); });
  }

  Result<RowsChanged> CommitIt() {
    Intent intent{.base = base_, .store = base_->store()};
    intent.operation = DescribeOperation();
    intent.read = std::move(read_);
    intent.read.only_touched = JudgesRowsAlone();
    const int64_t now = change_.commit.env.now_ms();
    for (SetTransaction transaction : change_.transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      if (!transaction.last_updated) transaction.last_updated = now;
      intent.actions.emplace_back(std::move(transaction));
    }
    for (const AddFile& file : removed_) intent.actions.emplace_back(ToRemove(file, now));
    for (const AddFile& file : vectors_) intent.actions.emplace_back(file);
    for (const AddFile& file : written_) intent.actions.emplace_back(file);
    for (const AddCdcFile& file : feed_) intent.actions.emplace_back(file);
    intent.marks = std::move(row_marks_);
    intent.user_metadata = change_.user_metadata;
    intent.user_metadata_text = change_.user_metadata_text;
    DELTIC_TRY(Committed committed, Commit(intent, change_.commit));
    outcome_.changed = true;
    outcome_.version = committed.version;
    outcome_.snapshot = std::move(committed.snapshot);
    outcome_.retries = committed.retries;
    outcome_.warnings = std::move(committed.warnings);
    return std::move(outcome_);
  }

  // Names, parameters and metrics as Spark's history has them.
  Operation DescribeOperation() const {
    const auto dump = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
    Json predicate = Json::array();
    if (change_.where) {
      predicate.push_back("(" + *change_.where + ")");
    } else if (!updates_) {
      predicate.push_back("true");
    }
    Operation operation{.name = updates_ ? "UPDATE" : "DELETE"};
    operation.parameters["predicate"] = dump(Json(dump(predicate)));
    const RowsChanged& o = outcome_;
    const std::pair<const char*, int64_t> metrics[] = {{"numRemovedFiles", o.files_removed},
                                                       {"numRemovedBytes", o.bytes_removed},
                                                       {"numCopiedRows", o.rows_copied},
                                                       {"numDeletionVectorsAdded", o.vectors_added},
                                                       {"numDeletionVectorsUpdated", o.vectors_updated},
                                                       {"numDeletionVectorsRemoved", o.vectors_removed},
                                                       {"numAddedFiles", o.files_added},
                                                       {"numAddedBytes", o.bytes_added},
                                                       {"numAddedChangeFiles", o.change_files},
                                                       {"executionTimeMs", o.execution_time_ms},
                                                       {"scanTimeMs", o.scan_time_ms},
                                                       {"rewriteTimeMs", o.rewrite_time_ms}};
    for (const auto& [name, value] : metrics) operation.metrics[name] = std::to_string(value);
    if (o.rows) operation.metrics[updates_ ? "numUpdatedRows" : "numDeletedRows"] = std::to_string(*o.rows);
    return operation;
  }

  Engine& engine_;
  const std::shared_ptr<const Snapshot> base_;
  const RowChange& change_;
  const bool updates_;
  TableDefinition definition_;
  PlannedClause planned_;
  std::unique_ptr<WorkSession> session_;
  ReadSet read_;
  bool whole_files_ = false;    // what goes is known without reading rows: all of removed_
  std::vector<AddFile> files_;  // that may hold such rows
  std::vector<RowSet> marks_;   // rows of theirs, by their place in files_
  int64_t marked_ = 0;
  WriteTarget target_;
  std::vector<AddFile> written_, removed_, vectors_;
  std::vector<AddCdcFile> feed_;
  std::vector<RowMarks> row_marks_;
  std::vector<std::string> vector_keys_;
  RowsChanged outcome_;
};

}  // namespace

Result<RowsChanged> DeleteRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                               const TableResolver& resolver, const RowChange& change) {
  return Changing(engine, table, change, false).Run(resolver);
}

Result<RowsChanged> UpdateRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                               const TableResolver& resolver, const RowChange& change) {
  return Changing(engine, table, change, true).Run(resolver);
}

}  // namespace deltic
