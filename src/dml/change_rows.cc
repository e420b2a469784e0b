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
#include "dml/joined_rows.h"
#include "dml/merge_columns.h"
#include "dml/merge_plan.h"
#include "dml/row_fates.h"
#include "dml/row_rewrite.h"
#include "dml/sql_words.h"
#include "dml/sure_rows.h"
#include "expr/prune.h"
#include "rewrite/feed_rows.h"
#include "rewrite/replace.h"
#include "schema/engine_sql.h"

namespace deltic {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr const char* kTarget = "deltic_target";  // the files that may hold such rows
constexpr const char* kOld = "deltic_old";        // the rows met, as they are
constexpr const char* kNew = "deltic_new";        // as they were written
constexpr const char* kKept = "deltic_kept";      // the other rows of files that are written anew

int64_t MillisSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Changing {
 public:
  Changing(Engine& engine, std::shared_ptr<const Snapshot> base, const RowChange& change, bool updates)
      : engine_(engine),
        base_(std::move(base)),
        change_(change),
        updates_(updates),
        rewrite_(engine, base_, change.write) {}

  Result<RowsChanged> Run(const TableResolver& resolver) {
    const auto start = Clock::now();
    DELTIC_CHECK(CheckTable());
    if (updates_) DELTIC_CHECK(PlanColumns());
    DELTIC_TRY(session_, engine_.OpenWork(resolver));
    DELTIC_CHECK(CheckSql());
    Tell("finding rows");
    if (!never_) DELTIC_CHECK(ChooseFiles());
    if (!never_ && !whole_files_) DELTIC_CHECK(MarkRows());
    outcome_.scan_time_ms = MillisSince(start);
    if (!rewrite_.removes_files() && rewrite_.marked() == 0) {
      outcome_.version = base_->version();
      outcome_.snapshot = base_;
      outcome_.rows = 0;
      return std::move(outcome_);
    }
    const auto rewrite = Clock::now();
    Tell("writing rows");
    Status written = rewrite_.marked() == 0 ? Status() : Write();
    outcome_.rewrite_time_ms = MillisSince(rewrite);
    outcome_.execution_time_ms = MillisSince(start);
    if (!written.ok()) return rewrite_.Discard(std::move(written).error());
    Result<RowsChanged> changed = CommitIt();
    if (changed.ok() || changed.error().code() == Code::kCommitUnknown) return changed;
    return rewrite_.Discard(std::move(changed).error());
  }

 private:
  void Tell(const char* phase) const {
    if (change_.progress) change_.progress({.phase = phase, .done = 0, .total = 0, .unit = ""});
  }

  Status CheckTable() const {
    DELTIC_CHECK(CheckWritable(base_->protocol()));
    return rewrite_.CheckTable();
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
    DELTIC_CHECK(rewrite_.ScanFiles(*session_, kTarget));
    if (change_.where) {
      auto type = session_->TypeOf(*change_.where, As(kTarget));
      if (!type.ok()) return std::move(type).error().Wrap("the predicate");
      never_ = SaysNull(*change_.where);
      if (!never_ && type->kind() != TypeKind::kBoolean) {
        return InvalidArgument("the predicate is of type {}, not boolean: {}", type->ToString(), *change_.where);
      }
    }
    for (const MadeColumn& column : planned_.columns) {
      const auto type = session_->Describe("SELECT " + column.sql + " AS x FROM " + As(kTarget));
      if (!type.ok()) return Error(type.error()).Wrap("column " + column.name);
    }
    return {};
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
    if (whole_files_) {
      RemoveWhole(chosen.removed);
      return {};
    }
    if (!updates_ && read_.predicates.size() == 1) DELTIC_CHECK(RemoveSure(read_.predicates[0], &chosen.removed));
    rewrite_.SetFiles(std::move(chosen.removed));
    return {};
  }

  // Takes those out of `files` of which partition values and statistics prove that the predicate meets every row.
  Status RemoveSure(const Predicate& predicate, std::vector<AddFile>* files) {
    std::optional<Predicate> rest = NotSurely(predicate);
    if (!rest) return {};
    const auto pruner = MakePruner({.schema = base_->schema(),
                                    .mode = base_->config().mapping_mode,
                                    .partition_columns = base_->metadata().partition_columns,
                                    .predicate = std::move(*rest)});
    std::vector<AddFile> sure, others;
    for (const AddFile& file : *files) {
      PruneReason reason = PruneReason::kKept;
      if (file.stats && NumRecords(*file.stats)) {
        DELTIC_TRY(reason, pruner->Check({.partition_values = &file.partition_values,
                                          .stats_json = *file.stats,
                                          .has_deletion_vector = file.deletion_vector.has_value()}));
      }
      (reason == PruneReason::kKept ? others : sure).push_back(file);
    }
    // Readers of the feed go by change files alone where a commit has some: it needs all rows then.
    if (sure.empty() || (base_->config().change_data_feed && !others.empty())) return {};
    RemoveWhole(sure);
    *files = std::move(others);
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
    if (rewrite_.files().empty()) return {};
    DELTIC_CHECK(rewrite_.ScanFiles(*session_, kTarget));
    std::string sql = fmt::format("SELECT {}, {} FROM {}", QuoteSqlName(kFileNumberColumn),
                                  QuoteSqlName(kRowNumberColumn), As(kTarget));
    if (change_.where) sql += " WHERE (" + *change_.where + "\n)";
    DELTIC_TRY(const int64_t met, rewrite_.Mark(*session_, sql));
    outcome_.rows = outcome_.rows.value_or(0) + met;  // beside those of files that go whole
    return {};
  }

  // Files that go by their log entries alone: nothing is read.
  void RemoveWhole(const std::vector<AddFile>& files) {
    int64_t rows = 0;
    bool known = true;
    for (const AddFile& file : files) {
      const std::optional<int64_t> count = file.stats ? NumRecords(*file.stats) : std::nullopt;
      known = known && count.has_value();
      if (count) rows += *count - (file.deletion_vector ? file.deletion_vector->cardinality : 0);
      rewrite_.Remove(file);
    }
    if (known) outcome_.rows = rows;
  }

  Status Write() {
    // Readers see marked rows as deleted; rows that are copied they would take for deleted and inserted.
    const bool feed = base_->config().change_data_feed && (updates_ || rewrite_.RewritesFiles());
    if (updates_ || feed) DELTIC_CHECK(rewrite_.ScanMarked(*session_, kOld));
    if (updates_) DELTIC_CHECK(WriteUpdated(feed));
    if (feed) DELTIC_CHECK(WriteFeed());
    return rewrite_.TakeMarkedAway();
  }

  Status WriteUpdated(bool feed) {
    std::string changed;
    for (const MadeColumn& column : planned_.columns) {
      changed += (changed.empty() ? "" : ", ") + column.sql + "\n AS " + QuoteSqlName(column.name);
    }
    // Protocol, "Row Tracking": the row is the same one, and this commit changed it.
    if (rewrite_.tracks_rows()) {
      changed += ", \"_row_id\", CAST(NULL AS BIGINT) AS \"_row_commit_version\"";
    }
    std::string sql = "SELECT " + changed + " FROM " + As(kOld);
    // Rows that stay go into the same files, so that changing some rows of a file makes one file of it: but not where
    // the feed reads the changed ones back alone, or where values are computed that the others have already.
    const bool together = !feed && AreAllColumns(base_->schema(), planned_.columns);
    if (together) {
      DELTIC_TRY(const bool any, rewrite_.ScanKept(*session_, kKept));
      if (any) {
        const Fields& schema = base_->schema();
        DELTIC_TRY(sql, RowsOfTable(*session_, sql, schema, rewrite_.tracks_rows()));
        DELTIC_TRY(const std::string kept, KeptRowsOfTable(kKept, schema, schema, rewrite_.tracks_rows()));
        sql += " UNION ALL " + kept;
      }
    }
    DELTIC_TRY(auto input, session_->Input(sql));
    DELTIC_TRY(const auto written, rewrite_.Write(std::move(input), RowOrigin::kChanged));
    if (together) rewrite_.CountCopied(written.rows - rewrite_.marked());
    if (written.rows < rewrite_.marked() || (!together && written.rows > rewrite_.marked())) {
      return Internal("{} rows were to be updated, and {} were written", rewrite_.marked(), written.rows);
    }
    return {};
  }

  Status WriteFeed() {
    std::string sql = FeedRowsSql({.schema = base_->schema(),
                                   .change = updates_ ? "'update_preimage'" : "'delete'",
                                   .from = std::string(kOld) + " AS rows"});
    if (updates_) {
      DELTIC_CHECK(rewrite_.ScanWritten(*session_, kNew, rewrite_.written()));
      sql += " UNION ALL BY NAME " +
             FeedRowsSql(
                 {.schema = base_->schema(), .change = "'update_postimage'", .from = std::string(kNew) + " AS rows"});
    }
    return rewrite_.WriteFeed(*session_, sql);
  }

  // Whether each row's fate follows from that row alone, so that winners may delete others (commit/rebase_rows.h). Not
  // where a condition or a new value may hold a query.
  bool JudgesRowsAlone() const {
    if (change_.where && MayQuery(*change_.where)) return false;
    return std::none_of(change_.set.begin(), change_.set.end(),
                        [](const ColumnValue& column) { return MayQuery(column.sql); });
  }

  Result<RowsChanged> CommitIt() {
    TakeCounts();
    Intent intent{.base = base_, .store = base_->store()};
    intent.operation = DescribeOperation();
    intent.read = std::move(read_);
    intent.read.only_touched = JudgesRowsAlone();
    intent.read.whole_table = intent.read.whole_table || (change_.reads_table && change_.reads_table());
    const int64_t now = change_.commit.env.now_ms();
    for (SetTransaction transaction : change_.transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      if (!transaction.last_updated) transaction.last_updated = now;
      intent.actions.emplace_back(std::move(transaction));
    }
    for (Action& action : rewrite_.Actions(now)) intent.actions.push_back(std::move(action));
    intent.marks = rewrite_.TakeMarks();
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

  void TakeCounts() {
    const RewriteCounts& counts = rewrite_.counts();
    outcome_.rows_copied = counts.rows_copied;
    outcome_.files_added = static_cast<int64_t>(rewrite_.written().size());
    outcome_.files_removed = counts.files_removed;
    outcome_.bytes_added = counts.bytes_added;
    outcome_.bytes_removed = counts.bytes_removed;
    outcome_.vectors_added = counts.vectors_added;
    outcome_.vectors_updated = counts.vectors_updated;
    outcome_.vectors_removed = counts.vectors_removed;
    outcome_.change_files = static_cast<int64_t>(rewrite_.feed_files());
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
  bool never_ = false;        // the predicate is true of no row, whatever it is
  bool whole_files_ = false;  // what goes is known without reading rows
  RowRewrite rewrite_;
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
