// Owns the facade of merge: public requests and texts into dml/, outcomes back.
#include "table/merge.h"

#include "base/error.h"
#include "dml/merge.h"
#include "dml/merge_clause.h"
#include "table/commit_text.h"
#include "table/compact_after.h"
#include "table/parquet_text.h"
#include "table/sources.h"

namespace deltic {
namespace {

MergeClauseText ToText(const MergeClause& clause) {
  MergeClauseText text;
  switch (clause.kind) {
    case MergeClauseKind::kMatchedUpdate:
      text.action = MergeAction::kMatchedUpdate;
      break;
    case MergeClauseKind::kMatchedDelete:
      text.action = MergeAction::kMatchedDelete;
      break;
    case MergeClauseKind::kNotMatchedInsert:
      text.action = MergeAction::kNotMatchedInsert;
      break;
    case MergeClauseKind::kNotMatchedBySourceUpdate:
      text.action = MergeAction::kNotMatchedBySourceUpdate;
      break;
    case MergeClauseKind::kNotMatchedBySourceDelete:
      text.action = MergeAction::kNotMatchedBySourceDelete;
      break;
  }
  text.condition = clause.condition;
  for (const Assignment& one : clause.set) text.set.push_back({.column = one.column, .sql = one.expression});
  text.star = clause.star == MergeStar::kTable    ? StarColumns::kOfTable
              : clause.star == MergeStar::kSource ? StarColumns::kOfSource
                                                  : StarColumns::kNone;
  text.except = clause.except;
  return text;
}

MergeClause FromText(const MergeClauseText& text) {
  MergeClause clause;
  switch (text.action) {
    case MergeAction::kMatchedUpdate:
      clause.kind = MergeClauseKind::kMatchedUpdate;
      break;
    case MergeAction::kMatchedDelete:
      clause.kind = MergeClauseKind::kMatchedDelete;
      break;
    case MergeAction::kNotMatchedInsert:
      clause.kind = MergeClauseKind::kNotMatchedInsert;
      break;
    case MergeAction::kNotMatchedBySourceUpdate:
      clause.kind = MergeClauseKind::kNotMatchedBySourceUpdate;
      break;
    case MergeAction::kNotMatchedBySourceDelete:
      clause.kind = MergeClauseKind::kNotMatchedBySourceDelete;
      break;
  }
  clause.condition = text.condition;
  for (const ColumnValue& one : text.set) clause.set.push_back({.column = one.column, .expression = one.sql});
  clause.star = text.star == StarColumns::kOfTable    ? MergeStar::kTable
                : text.star == StarColumns::kOfSource ? MergeStar::kSource
                                                      : MergeStar::kNone;
  clause.except = text.except;
  return clause;
}

MergeContext ToContext(const MergeRequest& request, const CancelToken& cancel) {
  MergeContext context;
  context.rules.on = request.on;
  context.rules.target_alias = request.target_alias;
  context.rules.source_alias = request.source_alias;
  context.rules.evolve = request.schema == SchemaEvolution::kMerge;
  for (const MergeClause& clause : request.clauses) context.rules.clauses.push_back(ToText(clause));
  context.write.target_file_bytes = request.target_file_bytes;
  context.write.parquet = ToParquet(request.parquet);
  context.write.env = RealEnv();
  context.write.cancel = cancel;
  TakeCommit(request.commit, cancel, context);
  context.progress = request.progress;
  return context;
}

Result<Merged> Run(const Table& table, const RowsToWrite& source, const MergeRequest& request,
                   const CancelToken& cancel) {
  if ((source.stream != nullptr) == !source.sql.empty()) {
    return InvalidArgument("the source comes from an Arrow stream or from a query: give one of them");
  }
  if (request.schema == SchemaEvolution::kOverwrite) {
    return InvalidArgument("a merge cannot overwrite the schema: merge it, or leave it as it is");
  }
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(const auto engine, GetEngine());
  const auto self = std::make_shared<SelfRead>(snapshot->store());
  std::unique_ptr<RowInput> rows;
  if (source.stream != nullptr) {
    DELTIC_TRY(rows, engine->InputFromArrow(source.stream));
  } else {
    DELTIC_TRY(rows, engine->InputFromSql(source.sql, ResolveNoting(self)));
  }
  MergeContext context = ToContext(request, cancel);
  context.reads_table = [self] { return self->seen.load(); };
  DELTIC_TRY(Merged merged, MergeRows(*engine, snapshot, std::move(rows), ResolveNoting(self), context));
  if (merged.outcome.num_target_files_added > 0) {
    CompactAfter(*engine, context.commit, {merged.outcome.version, merged.snapshot, merged.outcome.warnings});
  }
  return merged;
}

}  // namespace

Result<MergeOutcome> MergeTo(Table& table, const RowsToWrite& source, const MergeRequest& request,
                             const CancelToken& cancel) {
  Result<Merged> merged = Run(table, source, request, cancel);
  // The engine has taken it, unless the request was refused before.
  if (source.stream != nullptr && source.stream->release != nullptr) source.stream->release(source.stream);
  if (!merged.ok()) return std::move(merged).error();
  DELTIC_TRY(table, TableOf(merged->snapshot));
  return std::move(merged->outcome);
}

Result<MergeOutcome> Merge(Table& table, const RowsToWrite& source, const MergeRequest& request) {
  return MergeTo(table, source, request, CancelToken());
}

Result<MergeClause> ParseMergeClause(const std::string& text) {
  DELTIC_TRY(const MergeClauseText clause, ParseClauseText(text));
  return FromText(clause);
}

Result<MergeStatement> ParseMergeStatement(const std::string& text) {
  DELTIC_TRY(const MergeStatementText parsed, ParseStatementText(text));
  MergeStatement statement{.target = parsed.target, .source_sql = parsed.source_sql, .request = {}};
  statement.request.on = parsed.on;
  statement.request.target_alias = parsed.target_alias;
  statement.request.source_alias = parsed.source_alias;
  if (parsed.schema_evolution) statement.request.schema = SchemaEvolution::kMerge;
  for (const MergeClauseText& clause : parsed.clauses) statement.request.clauses.push_back(FromText(clause));
  return statement;
}

}  // namespace deltic
