// Owns the steps of a merge, in their order; see the header. Rows are found first (places and clause, kept, so that no
// condition is asked twice), then written; the source is read once and kept, spilling where memory is short.
#include "dml/merge.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/url.h"
#include "dml/merge_files.h"
#include "dml/merge_sql.h"
#include "dml/row_places.h"
#include "dv/deletion_vector.h"
#include "dv/dv_writer.h"
#include "expr/prune.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"
#include "schema/edit.h"
#include "schema/engine_sql.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

int64_t MillisSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Merging {
 public:
  Merging(Engine& engine, std::shared_ptr<const Snapshot> base, const MergeContext& context)
      : engine_(engine), base_(std::move(base)), context_(context) {}

  Result<Merged> Run(std::unique_ptr<RowInput> source, const TableResolver& resolver) {
    const auto start = Clock::now();
    DELTIC_TRY(plan_, PlanMerge(Before(), source->schema(), context_.rules, context_.commit.env));
    DELTIC_CHECK(CheckTable());
    source_columns_ = source->schema();
    DELTIC_TRY(session_, engine_.OpenWork(resolver));
    DELTIC_CHECK(CheckSql());
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
    if (!written.ok()) return Discard(std::move(written).error());
    if (actions_.empty() && !plan_.evolved) {
      Merged unchanged{.outcome = std::move(outcome_), .snapshot = base_};
      unchanged.outcome.version = base_->version();
      return unchanged;
    }
    Result<Merged> merged = CommitIt();
    if (merged.ok() || merged.error().code() == Code::kCommitUnknown) return merged;
    return Discard(std::move(merged).error());
  }

 private:
  TableDefinition Before() const {
    return {.protocol = base_->protocol(), .metadata = base_->metadata(), .schema = base_->schema(), .domains = {}};
  }

  bool tracks_rows() const { return base_->config().row_tracking_enabled; }

  void Tell(const char* phase) const {
    if (context_.progress) context_.progress({.phase = phase, .done = 0, .total = 0, .unit = ""});
  }

  Status CheckTable() const {
    DELTIC_CHECK(CheckWritable(base_->protocol()));
    const bool changes = plan_.has_matched() || plan_.has_by_source();
    if (!changes) return {};
    if (tracks_rows() && base_->config().row_id_column.empty()) {
      return Unsupported("the table tracks rows but names no column for their ids, so they would be lost: use Spark");
    }
    return {};
  }

  // Every expression is bound before a row is read, also those that will meet none.
  Status CheckSql() const {
    const MergeSql sql(context_.rules, plan_);
    const std::string target = sql.Target(TypedNothing(base_->schema()));
    const std::string source = sql.Source(TypedNothing(source_columns_));
    DELTIC_CHECK(CheckCondition(context_.rules.on, target + ", " + source, "the condition ON"));
    for (const PlannedClause& clause : plan_.clauses) {
      const std::string from = IsMatched(clause.action)    ? target + ", " + source
                               : IsBySource(clause.action) ? target
                                                           : source;
      if (!clause.condition.empty()) DELTIC_CHECK(CheckCondition(clause.condition, from, "a clause's condition"));
      for (const MadeColumn& column : clause.columns) {
        const auto type = session_->Describe("SELECT " + column.sql + " AS x FROM " + from);
        if (!type.ok()) return Error(type.error()).Wrap("column " + column.name);
        const StructField* field = FindField(plan_.table.schema, column.name);
        if (IsUpdate(clause.action) && !context_.rules.evolve && field != nullptr) {
          DELTIC_CHECK(CheckNoFieldLost(column.name, (*type)[0].type, field->type));
        }
      }
    }
    return {};
  }

  Status CheckCondition(const std::string& condition, const std::string& from, const std::string& what) const {
    auto type = session_->Describe("SELECT (" + condition + "\n) AS x FROM " + from);
    if (!type.ok()) return std::move(type).error().Wrap(what);
    if (type->size() != 1 || (*type)[0].type.kind() != TypeKind::kBoolean) {
      return InvalidArgument("{} is of type {}, not boolean: {}", what, (*type)[0].type.ToString(), condition);
    }
    return {};
  }

  static Status CheckNoFieldLost(const std::string& column, const DataType& from, const DataType& to) {
    if (from.kind() != TypeKind::kStruct || to.kind() != TypeKind::kStruct) return {};
    for (const StructField& field : to.fields()) {
      const StructField* given = FindField(from.fields(), field.name);
      if (given == nullptr) {
        return InvalidArgument("column {}: the new value has no field {}, which would be lost: set the fields by name",
                               column, field.name);
      }
      DELTIC_CHECK(CheckNoFieldLost(column + "." + field.name, given->type, field.type));
    }
    return {};
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
    std::vector<ChosenFile> files;
    for (size_t i = 0; i < chosen_.files.size(); i++) {
      files.push_back({.file = chosen_.files[i], .number = static_cast<int64_t>(i), .only = nullptr});
    }
    DELTIC_CHECK(AddScan(kMergeTarget, std::move(files)));
    marks_.resize(chosen_.files.size());
    const MergeSql sql(context_.rules, plan_);
    if (plan_.has_matched() || plan_.has_by_source()) {
      DELTIC_TRY(const int64_t pairs, session_->KeepQuery(kMergePairs, sql.Pairs(), context_.write.cancel));
      if (pairs > 0) DELTIC_CHECK(MarkRows());
    }
    if (!plan_.has_inserts()) return {};
    DELTIC_TRY(const int64_t inserts, session_->KeepQuery(kMergeNew, sql.New(), context_.write.cancel));
    any_inserts_ = inserts > 0;
    return {};
  }

  Status AddScan(const char* name, std::vector<ChosenFile> files, const ScanExtras& extras = {.places = true}) {
    // Only a request for row ids tells the scan under which names files store them.
    DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = extras.row_ids}));
    spec.scan.files = MakeFileSource(base_, std::move(files));
    return session_->AddScan(name, spec.scan, extras);
  }

  // Files of this merge, under the schema that they were written under.
  Status AddWritten(const char* name, const std::vector<AddFile>& files) {
    DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {}));
    spec.scan.schema = target_.schema;
    spec.scan.files = MakeFileSource(base_, files);
    return session_->AddScan(name, spec.scan, {});
  }

  Status MarkRows() {
    int64_t visited = 0;
    const auto visit = [&](const RowPlace* rows, size_t count) -> Status {
      visited += static_cast<int64_t>(count);
      for (size_t i = 0; i < count; i++) {
        if (rows[i].file < 0 || rows[i].file >= static_cast<int64_t>(marks_.size()) || rows[i].row < 0) {
          return Internal("the engine named a row of a file that it was not given");
        }
        marks_[static_cast<size_t>(rows[i].file)].Add(static_cast<uint64_t>(rows[i].row));
      }
      return {};
    };
    DELTIC_CHECK(session_->VisitPlaces(fmt::format("SELECT {}, {} FROM {} WHERE {} IS NOT NULL", kFileNumberColumn,
                                                   kRowNumberColumn, kMergePairs, kClauseColumn),
                                       visit, context_.write.cancel));
    for (const RowSet& rows : marks_) marked_ += rows.cardinality();
    // Counted only among pairs that some clause acts on; Spark refuses any two source rows that match a row.
    if (marked_ != visited && !plan_.may_match_often) {
      return InvalidArgument(
          "several rows of the source match one row of the table, which {} of its rows do: it is not said which of "
          "them "
          "should change it; make the source's rows unique, or narrow the condition",
          visited - marked_);
    }
    return {};
  }

  Result<int64_t> CountPairs(size_t clause) {
    DELTIC_TRY(auto rows,
               session_->ReadText(fmt::format("SELECT count(DISTINCT ({}, {})) FROM {} WHERE {} = {}",
                                              kFileNumberColumn, kRowNumberColumn, kMergePairs, kClauseColumn, clause),
                                  context_.write.cancel));
    DELTIC_TRY(const auto batch, rows->Next());
    if (batch.size() != 1 || !batch[0][0]) return Internal("the engine did not count");
    return std::stoll(*batch[0][0]);
  }

  Status Write() {
    target_ = {.store = base_->store(),
               .protocol = plan_.table.protocol,
               .metadata = plan_.table.metadata,
               .schema = plan_.table.schema,
               .config = {}};
    DELTIC_TRY(target_.config, MakeTableConfig(target_.protocol, target_.metadata));
    if (marked_ > 0 && base_->config().append_only) {
      return Unsupported("the table takes appends only (delta.appendOnly): rows that are there cannot be changed");
    }
    const MergeSql sql(context_.rules, plan_);
    // Without changed rows the feed needs no files: readers take the adds for what they are.
    const bool feed = base_->config().change_data_feed && marked_ > 0;
    if (feed) DELTIC_CHECK(ScanOld());
    if (marked_ > 0) DELTIC_CHECK(WriteUpdates(sql));
    const std::vector<AddFile> updated = written_;
    if (any_inserts_) DELTIC_CHECK(WriteInserts(sql));
    if (feed) {
      const auto first_insert = written_.begin() + static_cast<std::ptrdiff_t>(updated.size());
      DELTIC_CHECK(WriteFeed(updated, {first_insert, written_.end()}));
    }
    if (marked_ > 0) DELTIC_CHECK(TakeRowsAway());
    const int64_t now = context_.commit.env.now_ms();
    for (const AddFile& file : removed_) actions_.emplace_back(ToRemove(file, now));
    for (const AddFile& file : vectors_) actions_.emplace_back(file);
    for (const AddFile& file : written_) {
      actions_.emplace_back(file);
      outcome_.num_target_bytes_added += file.size;
    }
    for (const AddCdcFile& file : feed_) actions_.emplace_back(file);
    outcome_.num_change_files = static_cast<int64_t>(feed_.size());
    outcome_.num_target_files_added = static_cast<int64_t>(written_.size());
    outcome_.num_output_rows =
        outcome_.num_target_rows_inserted + outcome_.num_target_rows_updated + outcome_.num_target_rows_copied;
    return {};
  }

  Result<int64_t> WriteSome(const std::string& query, RowOrigin origin) {
    DELTIC_TRY(auto input, session_->Input(query));
    return WriteInput(std::move(input), origin);
  }

  Result<int64_t> WriteInput(std::unique_ptr<RowInput> input, RowOrigin origin) {
    WriteOptions options = context_.write;
    options.rows = origin;
    DELTIC_TRY(WrittenRows rows, WriteRows(engine_, std::move(input), target_, options));
    written_.insert(written_.end(), rows.files.begin(), rows.files.end());
    for (StructField& field : target_.schema) {
      const auto mark = rows.identity_marks.find(field.name);
      if (mark == rows.identity_marks.end()) continue;
      field.metadata["delta.identity.highWaterMark"] = std::to_string(mark->second);
      plan_.table.schema = target_.schema;
      plan_.table.metadata.schema_string = target_.metadata.schema_string = SchemaToJson(target_.schema);
      plan_.evolved = true;
    }
    return rows.num_rows;
  }

  Status WriteUpdates(const MergeSql& sql) {
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      const PlannedClause& clause = plan_.clauses[i];
      const bool matched = IsMatched(clause.action);
      if (IsDelete(clause.action)) {
        DELTIC_TRY(const int64_t rows, CountPairs(i));
        outcome_.num_target_rows_deleted += rows;
        (matched ? outcome_.num_target_rows_matched_deleted : outcome_.num_target_rows_not_matched_by_source_deleted) +=
            rows;
      }
      if (!IsUpdate(clause.action)) continue;
      if (!clause.from_source_alone || tracks_rows()) DELTIC_CHECK(ScanOld());
      DELTIC_TRY(const int64_t rows, WriteSome(sql.UpdateRows(i, tracks_rows()), RowOrigin::kChanged));
      outcome_.num_target_rows_updated += rows;
      (matched ? outcome_.num_target_rows_matched_updated : outcome_.num_target_rows_not_matched_by_source_updated) +=
          rows;
    }
    if (outcome_.num_target_rows_updated + outcome_.num_target_rows_deleted != marked_) {
      return Internal("{} rows were to change, and {} were updated and {} deleted", marked_,
                      outcome_.num_target_rows_updated, outcome_.num_target_rows_deleted);
    }
    return {};
  }

  // The rows that change, as they are; once.
  Status ScanOld() {
    if (std::exchange(scanned_, true)) return {};
    std::vector<ChosenFile> files;
    for (size_t i = 0; i < marks_.size(); i++) {
      if (marks_[i].empty()) continue;
      files.push_back({.file = chosen_.files[i],
                       .number = static_cast<int64_t>(i),
                       .only = std::make_shared<SetMask>(marks_[i], MaskSide::kInside)});
    }
    return AddScan(kMergeOld, std::move(files), {.places = true, .row_ids = tracks_rows()});
  }

  std::string FeedRows(const Fields& schema, const std::string& type, const std::string& from) const {
    std::string columns;
    for (const StructField& field : schema) {
      if (field.type.kind() != TypeKind::kVoid) columns += "rows." + QuoteSqlName(field.name) + ", ";
    }
    return "SELECT " + columns + type + " AS \"_change_type\" FROM " + from;
  }

  // What the feed shows of new rows is read back from their files: generated values and defaults are those stored.
  Status WriteFeed(const std::vector<AddFile>& updated, const std::vector<AddFile>& inserted) {
    std::string deletes = "false";
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (IsDelete(plan_.clauses[i].action)) deletes += fmt::format(" OR changes.{} = {}", kClauseColumn, i);
    }
    std::string sql = FeedRows(
        base_->schema(), "CASE WHEN " + deletes + " THEN 'delete' ELSE 'update_preimage' END",
        fmt::format("{0} AS rows JOIN (SELECT DISTINCT {1}, {2}, {3} FROM {4} WHERE {3} IS NOT NULL) AS changes ON "
                    "(rows.{1} = changes.{1} AND rows.{2} = changes.{2})",
                    kMergeOld, kFileNumberColumn, kRowNumberColumn, kClauseColumn, kMergePairs));
    if (!updated.empty()) {
      DELTIC_CHECK(AddWritten("deltic_updated", updated));
      sql += " UNION ALL BY NAME " + FeedRows(target_.schema, "'update_postimage'", "deltic_updated AS rows");
    }
    if (!inserted.empty()) {
      DELTIC_CHECK(AddWritten("deltic_inserted", inserted));
      sql += " UNION ALL BY NAME " + FeedRows(target_.schema, "'insert'", "deltic_inserted AS rows");
    }
    DELTIC_TRY(auto input, session_->Input(sql));
    WriteOptions options = context_.write;
    options.rows = RowOrigin::kOwn;
    DELTIC_TRY(feed_, WriteChangeFiles(engine_, std::move(input), target_, options));
    return {};
  }

  Status WriteInserts(const MergeSql& sql) {
    for (size_t i = 0; i < plan_.clauses.size(); i++) {
      if (plan_.clauses[i].action != MergeAction::kNotMatchedInsert) continue;
      DELTIC_TRY(const int64_t rows, WriteSome(sql.InsertRows(i), RowOrigin::kNew));
      outcome_.num_target_rows_inserted += rows;
    }
    return {};
  }

  // Changed rows leave their files: by vectors, or by files without them.
  Status TakeRowsAway() {
    const bool vectors = base_->config().deletion_vectors_enabled;
    DeletionVectorWriter writer(*base_->store(), context_.commit.env, base_->config());
    std::vector<ChosenFile> kept;
    for (size_t i = 0; i < marks_.size(); i++) {
      if (marks_[i].empty()) continue;
      const AddFile& file = chosen_.files[i];
      RowSet gone = marks_[i];
      if (file.deletion_vector) {
        DELTIC_TRY(const auto before, ReadDeletionVector(*base_->store(), *file.deletion_vector));
        gone.Merge(before->rows());
      }
      const std::optional<int64_t> rows = file.stats ? NumRecords(*file.stats) : std::nullopt;
      removed_.push_back(file);
      const bool whole = rows && *rows == gone.cardinality();
      if (whole || !vectors || !rows) {
        ++outcome_.num_target_files_removed;
        outcome_.num_target_bytes_removed += file.size;
        if (file.deletion_vector) ++outcome_.num_deletion_vectors_removed;
        if (whole) continue;
        kept.push_back({.file = file,
                        .number = static_cast<int64_t>(i),
                        .only = std::make_shared<SetMask>(std::move(gone), MaskSide::kOutside)});
        continue;
      }
      ++(file.deletion_vector ? outcome_.num_deletion_vectors_updated : outcome_.num_deletion_vectors_added);
      DELTIC_TRY(const DeletionVectorDescriptor vector, writer.Add(gone));
      DELTIC_TRY(AddFile marked, WithDeletionVector(file, vector));
      vectors_.push_back(std::move(marked));
      row_marks_.push_back({.path = file.path, .rows = std::make_shared<RowSet>(marks_[i])});
    }
    if (!kept.empty()) {
      DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = tracks_rows()}));
      spec.scan.files = MakeFileSource(base_, std::move(kept));
      DELTIC_TRY(auto input, engine_.InputFromScan(spec));
      DELTIC_TRY(outcome_.num_target_rows_copied, WriteInput(std::move(input), RowOrigin::kOwn));
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

  Result<Merged> CommitIt() {
    Intent intent{.base = base_, .store = base_->store()};
    intent.operation = DescribeOperation();
    if (chosen_.everything) {
      intent.read.whole_table = true;
    } else {
      intent.read.predicates.push_back(chosen_.predicate);
    }
    if (plan_.evolved) {
      const TableDefinition before = Before();
      intent.actions = DefinitionActions(&before, plan_.table);
    }
    for (SetTransaction transaction : context_.transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      if (!transaction.last_updated) transaction.last_updated = context_.commit.env.now_ms();
      intent.actions.emplace_back(std::move(transaction));
    }
    for (Action& action : actions_) intent.actions.push_back(std::move(action));
    intent.marks = std::move(row_marks_);
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

  Operation DescribeOperation() const {
    const auto text = [](const Json& value) {
      return Json(value.dump(-1, ' ', false, Json::error_handler_t::replace))
          .dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    const auto predicates = [&](auto wanted) {
      Json list = Json::array();
      for (const PlannedClause& clause : plan_.clauses) {
        if (!wanted(clause.action)) continue;
        Json one = Json::object();
        if (!clause.condition.empty()) one["predicate"] = clause.condition;
        one["actionType"] = IsDelete(clause.action) ? "delete" : IsUpdate(clause.action) ? "update" : "insert";
        list.push_back(std::move(one));
      }
      return text(list);
    };
    Operation operation{.name = "MERGE"};
    operation.parameters["predicate"] = text(Json::array({context_.rules.on}));
    operation.parameters["matchedPredicates"] = predicates(IsMatched);
    operation.parameters["notMatchedPredicates"] =
        predicates([](MergeAction action) { return action == MergeAction::kNotMatchedInsert; });
    operation.parameters["notMatchedBySourcePredicates"] = predicates(IsBySource);
    const MergeOutcome& o = outcome_;
    const std::pair<const char*, int64_t> metrics[] = {
        {"numSourceRows", o.num_source_rows},
        {"numTargetRowsInserted", o.num_target_rows_inserted},
        {"numTargetRowsUpdated", o.num_target_rows_updated},
        {"numTargetRowsMatchedUpdated", o.num_target_rows_matched_updated},
        {"numTargetRowsNotMatchedBySourceUpdated", o.num_target_rows_not_matched_by_source_updated},
        {"numTargetRowsDeleted", o.num_target_rows_deleted},
        {"numTargetRowsMatchedDeleted", o.num_target_rows_matched_deleted},
        {"numTargetRowsNotMatchedBySourceDeleted", o.num_target_rows_not_matched_by_source_deleted},
        {"numTargetRowsCopied", o.num_target_rows_copied},
        {"numOutputRows", o.num_output_rows},
        {"numTargetFilesAdded", o.num_target_files_added},
        {"numTargetFilesRemoved", o.num_target_files_removed},
        {"numTargetBytesAdded", o.num_target_bytes_added},
        {"numTargetBytesRemoved", o.num_target_bytes_removed},
        {"numTargetDeletionVectorsAdded", o.num_deletion_vectors_added},
        {"numTargetDeletionVectorsUpdated", o.num_deletion_vectors_updated},
        {"numTargetDeletionVectorsRemoved", o.num_deletion_vectors_removed},
        {"numTargetChangeFilesAdded", o.num_change_files},
        {"materializeSourceTimeMs", o.source_time_ms},
        {"scanTimeMs", o.scan_time_ms},
        {"rewriteTimeMs", o.rewrite_time_ms},
        {"executionTimeMs", o.execution_time_ms}};
    for (const auto& [name, value] : metrics) operation.metrics[name] = std::to_string(value);
    return operation;
  }

  Engine& engine_;
  const std::shared_ptr<const Snapshot> base_;
  const MergeContext& context_;
  MergePlan plan_;
  Fields source_columns_;
  std::unique_ptr<WorkSession> session_;
  MergeFiles chosen_;
  std::vector<RowSet> marks_;  // by the file's number: rows that clauses act on
  int64_t marked_ = 0;
  bool any_inserts_ = false;
  WriteTarget target_;
  std::vector<AddFile> written_, removed_, vectors_;
  std::vector<RowMarks> row_marks_;
  std::vector<AddCdcFile> feed_;
  bool scanned_ = false;  // kMergeOld is there
  std::vector<std::string> vector_keys_;
  std::vector<Action> actions_;
  MergeOutcome outcome_;
};

}  // namespace

Result<Merged> MergeRows(Engine& engine, const std::shared_ptr<const Snapshot>& table, std::unique_ptr<RowInput> source,
                         const TableResolver& resolver, const MergeContext& context) {
  return Merging(engine, table, context).Run(std::move(source), resolver);
}

}  // namespace deltic
