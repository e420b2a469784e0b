// Owns the predicate that bounds the rows a merge looks at, as SQL text that the engine binds, so that casts and
// comparisons mean exactly what they mean in the join.
//
//   matched, not matched   a row of the table matters when it matches: the ON condition's conjuncts over the table
//   alone
//                          hold, and in each column that is compared with the source it lies among the source's values
//   without inserts        and only where the condition of a matched clause may hold
//   not matched by source  also rows that match nothing, where a clause's condition may hold
#include "dml/merge_files.h"

#include <algorithm>

#include "base/error.h"
#include "dml/merge_on.h"
#include "schema/engine_sql.h"

namespace deltic {
namespace {

// So many ranges of the source's values are held against each file's bounds: one for each value where there are no
// more.
constexpr int kMaxRanges = 128;
// Sorting more source rows than this for tighter ranges is not worth it: their lowest and highest value must do.
constexpr int64_t kMaxRowsToSort = 1'000'000;

using TextTable = std::vector<std::vector<std::optional<std::string>>>;

Result<TextTable> ReadAll(WorkSession& session, const std::string& sql, const CancelToken& cancel) {
  TextTable table;
  DELTIC_TRY(auto rows, session.ReadText(sql, cancel));
  while (true) {
    DELTIC_TRY(auto batch, rows->Next());
    if (batch.empty()) return table;
    for (auto& row : batch) table.push_back(std::move(row));
  }
}

// Whether values of the two types are compared in an order that both have, so that bounds of the one bound the other.
// Text against numbers is not: '10' is below '9'.
bool SameOrder(const DataType& a, const DataType& b) {
  const auto group = [](const DataType& type) {
    switch (type.kind()) {
      case TypeKind::kByte:
      case TypeKind::kShort:
      case TypeKind::kInteger:
      case TypeKind::kLong:
      case TypeKind::kFloat:
      case TypeKind::kDouble:
      case TypeKind::kDecimal:
        return 1;
      case TypeKind::kString:
        return 2;
      case TypeKind::kDate:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampNtz:
        return 3;
      case TypeKind::kBoolean:
        return 4;
      default:
        return 0;
    }
  };
  return group(a) != 0 && group(a) == group(b);
}

struct Key {
  KeyOp op = KeyOp::kEqual;
  std::string target;  // SQL over the table's columns, without alias
  std::string source;  // SQL over the source's, with it
  DataType type;       // of the source's value
};

std::string Literal(const std::string& text, const DataType& type) {
  return "CAST(" + QuoteSqlText(text) + " AS " + EngineTypeName(type) + ")";
}

class Choosing {
 public:
  Choosing(WorkSession& session, const Snapshot& table, const MergeFilesRequest& request)
      : session_(session), table_(table), request_(request) {}

  // The SQL of the predicate, "" when it says nothing; with `finely` by many ranges.
  Result<std::string> Predicate(bool finely) {
    std::vector<std::string> matching = on_of_target_;
    for (const Key& key : keys_) {
      DELTIC_TRY(std::string bound, Bound(key, finely));
      if (!bound.empty()) matching.push_back(std::move(bound));
    }
    if (!of_clauses_.empty()) matching.push_back(of_clauses_);
    std::string all;
    for (const std::string& one : matching) all += (all.empty() ? "(" : " AND (") + one + ")";
    if (by_source_all_) return std::string();
    if (all.empty() || by_source_.empty()) return all;
    return "(" + all + ") OR " + by_source_;
  }

  Status ReadConditions() {
    DELTIC_TRY(const Condition on, Read(request_.rules.on));
    on_of_target_ = on.of_target;
    DELTIC_CHECK(DescribeKeys(on.keys));
    DELTIC_CHECK(ReadMatchedClauses());
    return ReadBySourceClauses();
  }

  bool has_keys() const { return !keys_.empty(); }

 private:
  struct Condition {
    std::vector<std::string> of_target;  // SQL
    std::vector<Key> keys;               // types are not known yet
    bool only_target = false;
  };

  Result<Condition> Read(const std::string& sql) {
    DELTIC_TRY(
        const TextTable parsed,
        ReadAll(session_, "SELECT CAST(json_serialize_sql(" + QuoteSqlText("SELECT (" + sql + "\n)") + ") AS VARCHAR)",
                request_.cancel));
    Condition condition;
    if (parsed.size() != 1 || !parsed[0][0]) return condition;
    const std::string& json = *parsed[0][0];
    DELTIC_TRY(const std::set<std::string> steady, SteadyFunctions(FunctionsOf(json)));
    const ConditionParts parts = ReadCondition(json,
                                               {.target = table_.schema(),
                                                .source = request_.source_columns,
                                                .target_alias = request_.rules.target_alias,
                                                .source_alias = request_.rules.source_alias},
                                               steady);
    condition.only_target = parts.only_target;
    for (const ExpressionJson& one : parts.of_target) {
      DELTIC_TRY(std::string text, ToSql(one));
      condition.of_target.push_back(std::move(text));
    }
    for (const KeyTerm& term : parts.keys) {
      Key key{.op = term.op, .target = "", .source = "", .type = DataType()};
      DELTIC_TRY(key.target, ToSql(term.target));
      DELTIC_TRY(key.source, ToSql(term.source));
      condition.keys.push_back(std::move(key));
    }
    return condition;
  }

  Result<std::set<std::string>> SteadyFunctions(const std::set<std::string>& names) {
    std::set<std::string> steady;
    if (names.empty()) return steady;
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteSqlText(name);
    DELTIC_TRY(const TextTable found,
               ReadAll(session_,
                       "SELECT lower(function_name) FROM duckdb_functions() WHERE lower(function_name) IN (" + list +
                           ") GROUP BY ALL HAVING bool_and(coalesce(stability = 'CONSISTENT', false))",
                       request_.cancel));
    for (const auto& row : found) steady.insert(row[0].value_or(""));
    return steady;
  }

  Result<std::string> ToSql(const ExpressionJson& expression) {
    DELTIC_TRY(const TextTable text,
               ReadAll(session_, "SELECT json_deserialize_sql(CAST(" + QuoteSqlText(expression) + " AS JSON))",
                       request_.cancel));
    constexpr std::string_view kSelect = "SELECT ";
    if (text.size() != 1 || !text[0][0] || !text[0][0]->starts_with(kSelect)) {
      return Internal("the engine did not give the text of an expression back");
    }
    return text[0][0]->substr(kSelect.size());
  }

  std::string Source() const {
    return QuoteSqlName(request_.source) + " AS " + QuoteSqlName(request_.rules.source_alias);
  }

  Status DescribeKeys(std::vector<Key> keys) {
    for (Key& key : keys) {
      const auto source = session_.Describe("SELECT " + key.source + " AS k FROM " + Source());
      if (!source.ok() || source->size() != 1) continue;  // of a type that tables do not have: no bounds
      DELTIC_TRY(const std::optional<DataType> target, TargetType(key.target));
      key.type = (*source)[0].type;
      if (target && SameOrder(*target, key.type)) keys_.push_back(std::move(key));
    }
    return {};
  }

  Result<std::optional<DataType>> TargetType(const std::string& sql) {
    std::string columns;
    for (const StructField& field : table_.schema()) {
      columns += (columns.empty() ? "" : ", ") + ("CAST(NULL AS " + EngineTypeName(field.type) + ") AS ") +
                 QuoteSqlName(field.name);
    }
    const auto described = session_.Describe("SELECT " + sql + " AS k FROM (SELECT " + columns + ")");
    if (!described.ok() || described->size() != 1) return std::optional<DataType>();
    return std::optional<DataType>((*described)[0].type);
  }

  // Without inserts a row matters only where a clause acts on it.
  Status ReadMatchedClauses() {
    if (request_.plan.has_inserts()) return {};
    std::string any;
    for (const PlannedClause& clause : request_.plan.clauses) {
      if (!IsMatched(clause.action)) continue;
      if (clause.condition.empty()) return {};
      DELTIC_TRY(const Condition condition, Read(clause.condition));
      if (condition.of_target.empty()) return {};
      std::string all;
      for (const std::string& one : condition.of_target) all += (all.empty() ? "(" : " AND (") + one + ")";
      any += (any.empty() ? "(" : " OR (") + all + ")";
    }
    of_clauses_ = any;
    return {};
  }

  Status ReadBySourceClauses() {
    for (const PlannedClause& clause : request_.plan.clauses) {
      if (!IsBySource(clause.action)) continue;
      Condition condition;
      if (!clause.condition.empty()) {
        DELTIC_TRY(condition, Read(clause.condition));
      }
      if (condition.of_target.empty()) {
        by_source_all_ = true;
        return {};
      }
      std::string all;
      for (const std::string& one : condition.of_target) all += (all.empty() ? "(" : " AND (") + one + ")";
      by_source_ += (by_source_.empty() ? "(" : " OR (") + all + ")";
    }
    // Rows that match matter too when other clauses act on them, and when inserts must know that they match.
    return {};
  }

  Result<std::string> Bound(const Key& key, bool finely) {
    const std::string values = "(SELECT " + key.source + " AS k FROM " + Source() + ")";
    const bool equality = key.op == KeyOp::kEqual || key.op == KeyOp::kNullSafeEqual;
    std::string groups = "SELECT min(k) AS low, max(k) AS high FROM " + values;
    if (finely && equality) {
      groups = "SELECT min(k) AS low, max(k) AS high FROM (SELECT k, ntile(" + std::to_string(kMaxRanges) +
               ") OVER (ORDER BY k) AS g FROM (SELECT DISTINCT k FROM " + values + ") WHERE k IS NOT NULL) GROUP BY g";
    }
    DELTIC_TRY(
        const TextTable ranges,
        ReadAll(session_, "SELECT CAST(low AS VARCHAR), CAST(high AS VARCHAR) FROM (" + groups + ") ORDER BY low",
                request_.cancel));
    std::string sql;
    for (const auto& range : ranges) {
      if (!range[0] || !range[1]) continue;
      if (range[0]->find('\0') != std::string::npos || range[1]->find('\0') != std::string::npos) return std::string();
      sql += (sql.empty() ? "" : " OR ") + OneBound(key, *range[0], *range[1]);
    }
    if (key.op == KeyOp::kNullSafeEqual) {
      DELTIC_TRY(const TextTable nulls,
                 ReadAll(session_, "SELECT count(*) FROM " + values + " WHERE k IS NULL", request_.cancel));
      if (nulls.size() == 1 && nulls[0][0] != "0")
        sql += (sql.empty() ? "" : " OR ") + ("(" + key.target + ") IS NULL");
    }
    return sql.empty() ? "false" : sql;  // no value that a row could have
  }

  static std::string OneBound(const Key& key, const std::string& low, const std::string& high) {
    const std::string target = "(" + key.target + ")";
    switch (key.op) {
      case KeyOp::kLess:
        return target + " < " + Literal(high, key.type);
      case KeyOp::kLessEqual:
        return target + " <= " + Literal(high, key.type);
      case KeyOp::kGreater:
        return target + " > " + Literal(low, key.type);
      case KeyOp::kGreaterEqual:
        return target + " >= " + Literal(low, key.type);
      default:
        if (low == high) return target + " = " + Literal(low, key.type);
        return "(" + target + " >= " + Literal(low, key.type) + " AND " + target + " <= " + Literal(high, key.type) +
               ")";
    }
  }

  WorkSession& session_;
  const Snapshot& table_;
  const MergeFilesRequest& request_;
  std::vector<std::string> on_of_target_;
  std::vector<Key> keys_;
  std::string of_clauses_;      // "": says nothing
  std::string by_source_;       // rows that clauses of NOT MATCHED BY SOURCE may act on
  bool by_source_all_ = false;  // all of them
};

Result<MergeFiles> Collect(Engine& engine, const Snapshot& table, const std::string& sql) {
  MergeFiles chosen;
  LiveFilesRequest request{.all_fields = true};
  if (sql.empty()) {
    chosen.everything = true;
  } else {
    DELTIC_TRY(request.predicate, engine.BindPredicate(table.schema(), sql));
  }
  DELTIC_TRY(auto cursor, table.LiveFiles(request));
  while (true) {
    DELTIC_TRY(std::optional<AddFile> file, cursor->Next());
    if (!file) break;
    chosen.files.push_back(std::move(*file));
  }
  chosen.skipped = cursor->counts().by_partition + cursor->counts().by_statistics;
  chosen.predicate = std::move(request.predicate);
  return chosen;
}

}  // namespace

Result<MergeFiles> ChooseMergeFiles(Engine& engine, WorkSession& session, const Snapshot& table,
                                    const MergeFilesRequest& request) {
  Choosing choosing(session, table, request);
  DELTIC_CHECK(choosing.ReadConditions());
  DELTIC_TRY(const std::string coarse, choosing.Predicate(false));
  DELTIC_TRY(MergeFiles chosen, Collect(engine, table, coarse));
  if (coarse.empty() || !choosing.has_keys() || chosen.files.size() < 2 || request.source_rows > kMaxRowsToSort) {
    return chosen;
  }
  DELTIC_TRY(const std::string fine, choosing.Predicate(true));
  return Collect(engine, table, fine);
}

}  // namespace deltic
