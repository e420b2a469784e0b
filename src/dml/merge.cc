// Owns the steps of a merge, in their order; see the header. Rows are found first (places and clause, kept, so that no
// condition is asked twice), then written; the source is read once and kept, spilling where memory is short.
#include "dml/merge.h"

#include <chrono>
#include <set>

#include "base/error.h"
#include "dml/joined_rows.h"
#include "dml/merge_check.h"
#include "dml/merge_counts.h"
#include "dml/merge_files.h"
#include "dml/merge_operation.h"
#include "dml/merge_sql.h"
#include "dml/row_fates.h"
#include "dml/row_rewrite.h"
#include "rewrite/feed_rows.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using Clock = std::chrono::steady_clock;

int64_t MillisSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Merging {
 public:
  Merging(Engine& engine, std::shared_ptr<const Snapshot> base, const MergeContext& context)
      : engine_(engine), base_(std::move(base)), context_(context), rewrite_(engine, base_, context.write) {}

  Result<Merged> Run(std::unique_ptr<RowInput> source, const TableResolver& resolver) {
    const auto start = Clock::now();
    DELTIC_TRY(plan_, PlanMerge(Before(), source->schema(), context_.rules, context_.commit.env));
    DELTIC_CHECK(CheckTable());
    source_columns_ = source->schema();
    DELTIC_TRY(session_, engine_.OpenWork(resolver));
    DELTIC_CHECK(CheckMergeSql(*session_, context_.rules, plan_, base_->schema(), source_columns_));
    Tell("reading the source");
    DELTIC_TRY(outcome_.num_source_rows,
               session_->Keep(kMergeSource, std::move(source), kSourceNumber, context_.write.cancel));
    outcome_.source_time_ms = MillisSince(start);
    const auto scan = Clock::now();
    Tell("finding rows");
    DELTIC_CHECK(Find());
    outcome_.scan_time_ms = MillisSince(scan);
    const auto rewrite = Clock::now();
    Tell("writing rows");
    Status written = Write();
    outcome_.rewrite_time_ms = MillisSince(rewrite);
    outcome_.execution_time_ms = MillisSince(start);
    if (!written.ok()) return rewrite_.Discard(std::move(written).error());
    if (rewrite_.marked() == 0 && found_.inserts == 0 && !plan_.evolved) {
      Merged unchanged{.outcome = std::move(outcome_), .snapshot = base_};
      unchanged.outcome.version = base_->version();
      return unchanged;
    }
    Result<Merged> merged = CommitIt();
    if (merged.ok() || merged.error().code() == Code::kCommitUnknown) return merged;
    return rewrite_.Discard(std::move(merged).error());
  }

 private:
  TableDefinition Before() const {
    return {.protocol = base_->protocol(), .metadata = base_->metadata(), .schema = base_->schema(), .domains = {}};
  }

  void Tell(const char* phase) const {
    if (context_.progress) context_.progress({.phase = phase, .done = 0, .total = 0, .unit = ""});
  }

  Status CheckTable() const {
    DELTIC_CHECK(CheckWritable(base_->protocol()));
    return plan_.has_matched() || plan_.has_by_source() ? rewrite_.CheckTable() : Status();
  }

  Status Find() {
    DELTIC_TRY(chosen_, ChooseMergeFiles(engine_, *session_, *base_,
                                         {.rules = context_.rules,
                                          .plan = plan_,
                                          .source_columns = source_columns_,
                                          .source = kMergeSource,
                                          .source_rows = outcome_.num_source_rows,
                                          .cancel = context_.write.cancel}));
    outcome_.num_target_files_scanned = static_cast<int64_t>(chosen_.files.size());
    outcome_.num_target_files_skipped_during_scan = chosen_.skipped;
    rewrite_.SetFiles(std::move(chosen_.files));
    DELTIC_CHECK(rewrite_.ScanFiles(*session_, kMergeTarget));
    const MergeSql sql(context_.rules, plan_);
    if (plan_.has_matched() || plan_.has_by_source()) {
      DELTIC_TRY(const int64_t pairs, session_->KeepQuery(kMergePairs, sql.Pairs(), context_.write.cancel));
      if (pairs > 0) DELTIC_CHECK(MarkRows(pairs));
    }
    if (!plan_.has_inserts()) return {};
    DELTIC_TRY(found_.inserts, session_->KeepQuery(kMergeNew, sql.New(), context_.write.cancel));
    return {};
  }

  // Of `pairs` some may be idle: their rows match, and no clause acts on them.
  Status MarkRows(int64_t pairs) {
    DELTIC_TRY(const int64_t visited,
               rewrite_.Mark(*session_, fmt::format("SELECT {}, {} FROM {} WHERE {} IS NOT NULL", kFileNumberColumn,
                                                    kRowNumberColumn, kMergePairs, kClauseColumn)));
    found_.idle_pairs = pairs - visited;
    if (plan_.may_match_often) return {};
    int64_t too_many = visited - rewrite_.marked();
    // As Spark, which counts the matches of a row before it asks which clause acts: a second match that changes nothing
    // today is a mistake in the condition or in the source all the same.
    if (too_many == 0 && found_.idle_pairs > 0) {
      DELTIC_TRY(too_many, CountFurtherMatches(*session_, context_.write.cancel));
    }
    if (too_many == 0) return {};
    return InvalidArgument(
        "several rows of the source match one row of the table ({} matches too many): it is not said which of them "
        "should change it; make the source's rows unique, or narrow the condition ON",
        too_many);
  }

  Status CountRows() {
    DELTIC_TRY(rows_of_,
               CountClauseRows(*session_, plan_, {.pairs = rewrite_.marked() > 0, .inserts = found_.inserts > 0},
                               context_.write.cancel));
    AddClauseRows(plan_, rows_of_, outcome_);
    if (outcome_.num_target_rows_updated + outcome_.num_target_rows_deleted != rewrite_.marked()) {
      return Internal("{} rows were to change, and {} were updated and {} deleted", rewrite_.marked(),
                      outcome_.num_target_rows_updated, outcome_.num_target_rows_deleted);
    }
    return {};
  }

  Status Write() {
    DELTIC_CHECK(SetTarget());
    const MergeSql sql(context_.rules, plan_);
    const bool changes = rewrite_.marked() > 0;
    // Without changed rows the feed needs no files: readers take the adds for what they are.
    const bool feed = base_->config().change_data_feed && changes;
    DELTIC_CHECK(CountRows());
    if (feed) DELTIC_CHECK(ScanOld());
    // The feed reads updated and inserted rows back, each kind from files of its own.
    if (!feed) DELTIC_CHECK(WriteTogether(sql));
    if (changes) DELTIC_CHECK(WriteUpdates(sql));
    const std::vector<AddFile> updated = rewrite_.written();
    if (found_.inserts > 0) DELTIC_CHECK(WriteInserts(sql));
    if (feed) {
      const auto first_insert = rewrite_.written().begin() + static_cast<std::ptrdiff_t>(updated.size());
      DELTIC_CHECK(WriteFeed(updated, {first_insert, rewrite_.written().end()}));
    }
    if (changes) DELTIC_CHECK(rewrite_.TakeMarkedAway());
    TakeCounts();
    return {};
  }

  Status SetTarget() {
    WriteTarget target{.store = base_->store(),
                       .protocol = plan_.table.protocol,
                       .metadata = plan_.table.metadata,
                       .schema = plan_.table.schema,
                       .config = {}};
    DELTIC_TRY(target.config, MakeTableConfig(target.protocol, target.metadata));
    rewrite_.SetTarget(std::move(target));
    return {};
  }

  void TakeCounts() {
    const RewriteCounts& counts = rewrite_.counts();
    outcome_.num_target_rows_copied = counts.rows_copied;
    outcome_.num_target_files_added = static_cast<int64_t>(rewrite_.written().size());
    outcome_.num_target_files_removed = counts.files_removed;
    outcome_.num_target_bytes_added = counts.bytes_added;
    outcome_.num_target_bytes_removed = counts.bytes_removed;
    outcome_.num_deletion_vectors_added = counts.vectors_added;
    outcome_.num_deletion_vectors_updated = counts.vectors_updated;
    outcome_.num_deletion_vectors_removed = counts.vectors_removed;
    outcome_.num_change_files = static_cast<int64_t>(rewrite_.feed_files());
    outcome_.num_output_rows =
        outcome_.num_target_rows_inserted + outcome_.num_target_rows_updated + outcome_.num_target_rows_copied;
  }

  Result<int64_t> WriteSome(const std::string& query, RowOrigin origin) {
    DELTIC_TRY(auto input, session_->Input(query));
    DELTIC_TRY(const auto written, rewrite_.Write(std::move(input), origin));
    for (StructField& field : rewrite_.target().schema) {
      const auto mark = written.identity_marks.find(field.name);
      if (mark == written.identity_marks.end()) continue;
      field.metadata["delta.identity.highWaterMark"] = std::to_string(mark->second);
      plan_.table.schema = rewrite_.target().schema;
      plan_.table.metadata.schema_string = rewrite_.target().metadata.schema_string = SchemaToJson(plan_.table.schema);
      plan_.evolved = true;
    }
    return written.rows;
  }

  // Whether a clause makes rows that are still to be written.
  bool Makes(size_t clause) const {
    return rows_of_[clause] > 0 && !written_.contains(clause) && !IsDelete(plan_.clauses[clause].action);
  }

  bool CanJoin(size_t clause) const {
    const PlannedClause& planned = plan_.clauses[clause];
    if (!AreAllColumns(plan_.table.schema, planned.columns)) return false;
    // Whether values may be given for an identity column is for the write of new rows to say.
    return IsUpdate(planned.action) || !SupportsFeature(plan_.table.protocol, "identityColumns");
  }

  Result<std::string> RowsOf(const MergeSql& sql, size_t clause) {
    const PlannedClause& planned = plan_.clauses[clause];
    if (!IsUpdate(planned.action)) return sql.InsertRows(clause);
    if (!planned.from_source_alone || rewrite_.tracks_rows()) DELTIC_CHECK(ScanOld());
    return sql.UpdateRows(clause, rewrite_.tracks_rows());
  }

  // Updated rows, inserted ones and those that stay of files that are written anew, in one set of files: a merge into
  // some rows of a file makes one file of it. Not where the write must compute values that other rows have already:
  // those clauses are left for WriteUpdates and WriteInserts.
  Status WriteTogether(const MergeSql& sql) {
    const bool rewrites = rewrite_.RewritesFiles();
    std::vector<size_t> joined;
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (!Makes(i)) continue;
      if (CanJoin(i)) {
        joined.push_back(i);
      } else if (IsUpdate(plan_.clauses[i].action)) {
        return {};  // rows of one table that are checked in two ways: leave all as they are
      }
    }
    if (joined.empty() || (joined.size() == 1 && !rewrites)) return {};
    const Fields& schema = plan_.table.schema;
    const bool row_ids = rewrite_.tracks_rows() && (rewrites || rewrite_.marked() > 0);
    std::string all;
    int64_t known = 0;
    for (const size_t clause : joined) {
      DELTIC_TRY(const std::string query, RowsOf(sql, clause));
      DELTIC_TRY(const std::string rows, RowsOfTable(*session_, query, schema, row_ids));
      all += (all.empty() ? "" : " UNION ALL ") + rows;
      known += rows_of_[clause];
      written_.insert(clause);
    }
    bool any_kept = false;
    if (rewrites) {
      DELTIC_TRY(any_kept, rewrite_.ScanKept(*session_, kMergeKept));
    }
    if (any_kept) {
      DELTIC_TRY(const std::string kept, KeptRowsOfTable(kMergeKept, base_->schema(), schema, row_ids));
      all += " UNION ALL " + kept;
    }
    DELTIC_TRY(const int64_t rows, WriteSome(all, RowOrigin::kChanged));
    if (rows < known || (!any_kept && rows > known)) {
      return Internal("{} rows were to be updated and inserted, and {} were written", known, rows);
    }
    rewrite_.CountCopied(rows - known);
    return {};
  }

  Status WriteClause(const MergeSql& sql, size_t clause, RowOrigin origin) {
    DELTIC_TRY(const std::string query, RowsOf(sql, clause));
    DELTIC_TRY(const int64_t rows, WriteSome(query, origin));
    if (rows == rows_of_[clause]) return {};
    return Internal("a clause was to make {} rows, and {} were written", rows_of_[clause], rows);
  }

  Status WriteUpdates(const MergeSql& sql) {
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (Makes(i) && IsUpdate(plan_.clauses[i].action)) DELTIC_CHECK(WriteClause(sql, i, RowOrigin::kChanged));
    }
    return {};
  }

  // The rows that change, as they are; once.
  Status ScanOld() {
    if (std::exchange(scanned_, true)) return {};
    return rewrite_.ScanMarked(*session_, kMergeOld);
  }

  // What the feed shows of new rows is read back from their files: generated values and defaults are those stored.
  Status WriteFeed(const std::vector<AddFile>& updated, const std::vector<AddFile>& inserted) {
    std::string deletes = "false";
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (IsDelete(plan_.clauses[i].action)) deletes += fmt::format(" OR changes.{} = {}", kClauseColumn, i);
    }
    const std::string changed = fmt::format(
        "{0} AS rows JOIN (SELECT DISTINCT {1}, {2}, {3} FROM {4} WHERE {3} IS NOT NULL) AS changes ON "
        "(rows.{1} = changes.{1} AND rows.{2} = changes.{2})",
        kMergeOld, kFileNumberColumn, kRowNumberColumn, kClauseColumn, kMergePairs);
    std::string sql = FeedRowsSql({.schema = base_->schema(),
                                   .change = "CASE WHEN " + deletes + " THEN 'delete' ELSE 'update_preimage' END",
                                   .from = changed});
    const auto add = [&](const char* name, const std::vector<AddFile>& files, const char* change) -> Status {
      if (files.empty()) return {};
      DELTIC_CHECK(rewrite_.ScanWritten(*session_, name, files));
      sql +=
          " UNION ALL BY NAME " +
          FeedRowsSql({.schema = rewrite_.target().schema, .change = change, .from = std::string(name) + " AS rows"});
      return {};
    };
    DELTIC_CHECK(add("deltic_updated", updated, "'update_postimage'"));
    DELTIC_CHECK(add("deltic_inserted", inserted, "'insert'"));
    return rewrite_.WriteFeed(*session_, sql);
  }

  Status WriteInserts(const MergeSql& sql) {
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (Makes(i) && !IsUpdate(plan_.clauses[i].action)) DELTIC_CHECK(WriteClause(sql, i, RowOrigin::kNew));
    }
    return {};
  }

  Result<Merged> CommitIt() {
    Intent intent{.base = base_, .store = base_->store()};
    intent.operation = DescribeMerge(context_.rules, plan_, outcome_);
    const bool reads_table = context_.reads_table && context_.reads_table();
    if (chosen_.everything || reads_table) {
      intent.read.whole_table = true;
    } else {
      intent.read.predicates.push_back(chosen_.predicate);
    }
    found_.source_rows = outcome_.num_source_rows;
    intent.read.only_touched = !reads_table && MergeJudgesRowsAlone(context_.rules, plan_, found_);
    if (plan_.evolved) {
      const TableDefinition before = Before();
      intent.actions = DefinitionActions(&before, plan_.table);
    }
    const int64_t now = context_.commit.env.now_ms();
    for (SetTransaction transaction : context_.transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      if (!transaction.last_updated) transaction.last_updated = now;
      intent.actions.emplace_back(std::move(transaction));
    }
    for (Action& action : rewrite_.Actions(now)) intent.actions.push_back(std::move(action));
    intent.marks = rewrite_.TakeMarks();
    intent.user_metadata = context_.user_metadata;
    intent.user_metadata_text = context_.user_metadata_text;
    DELTIC_TRY(Committed committed, Commit(intent, context_.commit));
    Merged merged{.outcome = std::move(outcome_), .snapshot = std::move(committed.snapshot)};
    merged.outcome.changed = true;
    merged.outcome.version = committed.version;
    merged.outcome.retries = committed.retries;
    merged.outcome.warnings = std::move(committed.warnings);
    return merged;
  }

  Engine& engine_;
  const std::shared_ptr<const Snapshot> base_;
  const MergeContext& context_;
  MergePlan plan_;
  Fields source_columns_;
  std::unique_ptr<WorkSession> session_;
  MergeFiles chosen_;
  RowRewrite rewrite_;
  MergeFound found_;
  std::vector<int64_t> rows_of_;  // by the clause's place in the plan
  std::set<size_t> written_;      // clauses whose rows are written
  bool scanned_ = false;          // kMergeOld is there
  MergeOutcome outcome_;
};

}  // namespace

Result<Merged> MergeRows(Engine& engine, const std::shared_ptr<const Snapshot>& table, std::unique_ptr<RowInput> source,
                         const TableResolver& resolver, const MergeContext& context) {
  return Merging(engine, table, context).Run(std::move(source), resolver);
}

}  // namespace deltic
