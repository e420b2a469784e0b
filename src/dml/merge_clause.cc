// Owns the grammar of clauses and statements; see the header.
#include "dml/merge_clause.h"

#include "base/error.h"
#include "dml/sql_words.h"
#include "schema/engine_sql.h"
#include "schema/types.h"

namespace deltic {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::vector<SqlWord> words) : text_(text), words_(std::move(words)) {}

  Result<MergeClauseText> WholeClause() {
    DELTIC_TRY(MergeClauseText clause, Clause());
    DELTIC_CHECK(AtEnd());
    return clause;
  }

  Result<MergeStatementText> Statement() {
    MergeStatementText statement;
    DELTIC_CHECK(Expect("merge"));
    if (Take("with")) {
      DELTIC_CHECK(Expect("schema"));
      DELTIC_CHECK(Expect("evolution"));
      statement.schema_evolution = true;
    }
    DELTIC_CHECK(Expect("into"));
    DELTIC_TRY(statement.target, TargetName());
    statement.target_alias = Alias("using");
    DELTIC_CHECK(Expect("using"));
    DELTIC_CHECK(Source(&statement));
    DELTIC_CHECK(Expect("on"));
    DELTIC_TRY(statement.on, Expression([this] { return Is("when"); }, "a condition"));
    while (Is("when")) {
      DELTIC_TRY(MergeClauseText clause, Clause());
      statement.clauses.push_back(std::move(clause));
    }
    TakeSymbol(";");
    DELTIC_CHECK(AtEnd());
    if (statement.target_alias.empty()) statement.target_alias = LastPart(statement.target);
    return statement;
  }

 private:
  const SqlWord& word() const { return words_[at_]; }
  bool Is(std::string_view keyword) const { return word().depth == depth_ && IsKeyword(word(), keyword); }
  bool IsSymbol(std::string_view symbol) const {
    return word().kind == SqlWordKind::kSymbol && word().depth == depth_ && word().text == symbol;
  }
  bool Take(std::string_view keyword) {
    if (!Is(keyword)) return false;
    ++at_;
    return true;
  }
  bool TakeSymbol(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }

  Error Wanted(std::string_view what) const {
    const std::string found =
        word().kind == SqlWordKind::kEnd ? "the end" : std::string(Text(word().begin, word().end));
    return InvalidArgument("expected {} at character {}, found {}, in: {}", what, word().begin + 1, found, text_);
  }
  Status Expect(std::string_view keyword) { return Take(keyword) ? Status() : Wanted(Upper(keyword)); }
  Status ExpectSymbol(std::string_view symbol) { return TakeSymbol(symbol) ? Status() : Wanted(symbol); }
  Status AtEnd() const { return word().kind == SqlWordKind::kEnd ? Status() : Wanted("the end"); }

  static std::string Upper(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
  }
  std::string_view Text(size_t begin, size_t end) const { return text_.substr(begin, end - begin); }

  // The text up to the first word of this depth at which `stops`.
  template <class Stops>
  Result<std::string> Expression(const Stops& stops, std::string_view what) {
    const size_t first = at_;
    while (word().kind != SqlWordKind::kEnd && word().depth >= depth_ && !(word().depth == depth_ && stops())) {
      // A bracket that closes what is around stands at the depth outside.
      ++at_;
    }
    if (at_ == first) return Wanted(what);
    return std::string(Text(words_[first].begin, words_[at_ - 1].end));
  }

  Result<MergeClauseText> Clause() {
    MergeClauseText clause;
    Take("when");
    enum class Match : uint8_t { kMatched, kNotMatched, kBySource } match = Match::kMatched;
    if (Take("not")) {
      DELTIC_CHECK(Expect("matched"));
      match = Match::kNotMatched;
      if (Take("by")) {
        if (Take("source")) {
          match = Match::kBySource;
        } else {
          DELTIC_CHECK(Take("target") ? Status() : Wanted("SOURCE or TARGET"));
        }
      }
    } else {
      DELTIC_CHECK(Take("matched") ? Status() : Wanted("MATCHED or NOT MATCHED"));
    }
    if (Take("and")) {
      DELTIC_TRY(clause.condition, Expression([this] { return Is("then"); }, "a condition"));
    }
    DELTIC_CHECK(Take("then") ? Status() : Wanted("AND or THEN"));
    if (match == Match::kNotMatched) {
      clause.action = MergeAction::kNotMatchedInsert;
      DELTIC_CHECK(Expect("insert"));
      DELTIC_CHECK(Inserts(&clause));
      return clause;
    }
    if (Take("delete")) {
      clause.action = match == Match::kMatched ? MergeAction::kMatchedDelete : MergeAction::kNotMatchedBySourceDelete;
      return clause;
    }
    DELTIC_CHECK(Take("update") ? Status() : Wanted("UPDATE or DELETE"));
    clause.action = match == Match::kMatched ? MergeAction::kMatchedUpdate : MergeAction::kNotMatchedBySourceUpdate;
    DELTIC_CHECK(Expect("set"));
    DELTIC_CHECK(Sets(&clause));
    return clause;
  }

  Status Star(MergeClauseText* clause) {
    clause->star = StarColumns::kOfTable;
    if (!Take("except")) return {};
    DELTIC_TRY(clause->except, Columns());
    return {};
  }

  Status Sets(MergeClauseText* clause) {
    if (TakeSymbol("*")) return Star(clause);
    do {
      ColumnValue value;
      DELTIC_TRY(value.column, Column());
      DELTIC_CHECK(ExpectSymbol("="));
      DELTIC_TRY(value.sql, Expression([this] { return IsSymbol(",") || IsSymbol(";") || Is("when"); }, "a value"));
      clause->set.push_back(std::move(value));
    } while (TakeSymbol(","));
    return {};
  }

  Status Inserts(MergeClauseText* clause) {
    if (TakeSymbol("*")) return Star(clause);
    DELTIC_TRY(const std::vector<std::string> columns, Columns());
    DELTIC_CHECK(Expect("values"));
    DELTIC_CHECK(ExpectSymbol("("));
    ++depth_;
    std::vector<std::string> values;
    do {
      DELTIC_TRY(std::string value, Expression([this] { return IsSymbol(","); }, "a value"));
      values.push_back(std::move(value));
    } while (TakeSymbol(","));
    --depth_;
    DELTIC_CHECK(ExpectSymbol(")"));
    if (columns.size() != values.size()) {
      return InvalidArgument("INSERT names {} columns and gives {} values in: {}", columns.size(), values.size(),
                             text_);
    }
    for (size_t i = 0; i < columns.size(); i++) clause->set.push_back({.column = columns[i], .sql = values[i]});
    return {};
  }

  Result<std::vector<std::string>> Columns() {
    DELTIC_CHECK(ExpectSymbol("("));
    ++depth_;
    std::vector<std::string> columns;
    do {
      DELTIC_TRY(std::string column, Column());
      columns.push_back(std::move(column));
    } while (TakeSymbol(","));
    --depth_;
    DELTIC_CHECK(ExpectSymbol(")"));
    return columns;
  }

  Result<ColumnPath> Path() {
    ColumnPath path;
    do {
      const bool name = word().kind == SqlWordKind::kName || word().kind == SqlWordKind::kQuotedName;
      if (!name || word().depth != depth_) return Wanted("a column's name");
      path.push_back(word().text);
      ++at_;
    } while (TakeSymbol("."));
    return path;
  }

  Result<std::string> Column() {
    DELTIC_TRY(const ColumnPath path, Path());
    return ToString(path);
  }

  // A name, as "a.b" or delta.`/path`, or a path in quotes.
  Result<std::string> TargetName() {
    if (word().kind == SqlWordKind::kText) {
      const std::string quoted = word().text;
      if (quoted.size() < 2 || quoted.front() != '\'') return Wanted("the table's name");
      std::string name;
      for (size_t i = 1; i + 1 < quoted.size(); i++) {
        name += quoted[i];
        if (quoted[i] == '\'') ++i;  // doubled
      }
      ++at_;
      return name;
    }
    DELTIC_TRY(const ColumnPath path, Path());
    if (path.size() == 2 && Upper(path[0]) == "DELTA") return path[1];
    std::string name;
    for (const std::string& part : path) name += (name.empty() ? "" : ".") + part;
    return name;
  }

  // "" when the next word is `follows` or none that can be a name.
  std::string Alias(std::string_view follows) {
    const bool as = Take("as");
    const bool name = word().kind == SqlWordKind::kName || word().kind == SqlWordKind::kQuotedName;
    if (!name || (!as && Is(follows))) return "";
    return words_[at_++].text;
  }

  Status Source(MergeStatementText* statement) {
    const size_t first = at_;
    if (TakeSymbol("(")) {
      while (word().kind != SqlWordKind::kEnd && word().depth > depth_) ++at_;
      DELTIC_CHECK(ExpectSymbol(")"));
    } else if (word().kind == SqlWordKind::kText) {
      ++at_;
    } else {
      DELTIC_TRY(const ColumnPath path, Path());
      statement->source_alias = path.back();
      if (path.size() == 2 && Upper(path[0]) == "DELTA") {
        statement->source_sql = "SELECT * FROM delta_scan(" + QuoteSqlText(path[1]) + ")";
      } else if (TakeSymbol("(")) {  // a table function
        while (word().kind != SqlWordKind::kEnd && word().depth > depth_) ++at_;
        DELTIC_CHECK(ExpectSymbol(")"));
      }
    }
    const std::string text(Text(words_[first].begin, words_[at_ - 1].end));
    if (statement->source_sql.empty()) statement->source_sql = "SELECT * FROM " + text;
    std::string alias = Alias("on");
    if (IsSymbol("(")) {  // names for its columns
      const size_t names = at_++;
      while (word().kind != SqlWordKind::kEnd && word().depth > depth_) ++at_;
      DELTIC_CHECK(ExpectSymbol(")"));
      statement->source_sql +=
          " AS " + QuoteSqlName(alias) + std::string(Text(words_[names].begin, words_[at_ - 1].end));
    }
    if (!alias.empty()) statement->source_alias = std::move(alias);
    if (statement->source_alias.empty()) statement->source_alias = "source";
    return {};
  }

  // Of "db.t" or "/data/t": t.
  static std::string LastPart(const std::string& name) {
    const size_t end = name.find_last_not_of('/') + 1;
    const size_t cut = name.substr(0, end).find_last_of("./");
    return cut == std::string::npos ? name.substr(0, end) : name.substr(cut + 1, end - cut - 1);
  }

  const std::string_view text_;
  const std::vector<SqlWord> words_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<MergeClauseText> ParseClauseText(std::string_view text) {
  DELTIC_TRY(std::vector<SqlWord> words, SplitSqlWords(text));
  return Parser(text, std::move(words)).WholeClause();
}

Result<MergeStatementText> ParseStatementText(std::string_view text) {
  DELTIC_TRY(std::vector<SqlWord> words, SplitSqlWords(text));
  return Parser(text, std::move(words)).Statement();
}

}  // namespace deltic
