// Owns the plan of a write's rows; see the header.
//
// Two or three steps, each a SELECT over the one before: the table's columns from the input's; those that are generated
// from them (they may read defaults); and the checks, which see all columns as they will be stored.
#include "write/row_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "sparksql/translate.h"
#include "write/cast_sql.h"

namespace deltic {
namespace {

constexpr const char* kGenerationKey = "delta.generationExpression";
constexpr const char* kInvariantsKey = "delta.invariants";
constexpr const char* kDefaultKey = "CURRENT_DEFAULT";
constexpr const char* kCharVarcharKey = "__CHAR_VARCHAR_TYPE_STRING";
constexpr const char* kIdentityStart = "delta.identity.start";
constexpr const char* kIdentityStep = "delta.identity.step";
constexpr const char* kIdentityMark = "delta.identity.highWaterMark";
constexpr const char* kIdentityExplicit = "delta.identity.allowExplicitInsert";
constexpr const char* kRowId = "_row_id";
constexpr const char* kRowCommitVersion = "_row_commit_version";

// The text that a metadata key holds as a JSON string; nullopt when the key is not there or holds something else.
std::optional<std::string> Text(const StructField& field, const char* key) {
  const auto found = field.metadata.find(key);
  if (found == field.metadata.end()) return std::nullopt;
  const auto json = nlohmann::json::parse(found->second, nullptr, false);
  if (!json.is_string()) return std::nullopt;
  return json.get<std::string>();
}

std::optional<int64_t> Number(const StructField& field, const char* key) {
  const auto found = field.metadata.find(key);
  if (found == field.metadata.end()) return std::nullopt;
  const auto json = nlohmann::json::parse(found->second, nullptr, false);
  if (!json.is_number_integer()) return std::nullopt;
  return json.get<int64_t>();
}

bool Flag(const StructField& field, const char* key) {
  const auto found = field.metadata.find(key);
  return found != field.metadata.end() && found->second == "true";
}

// A condition that is true when nothing below `value` is NULL that may not be; "" when nothing may not. `value` itself
// is not looked at. A NULL struct has no field that could be NULL, but Spark asks its fields all the same, where it is
// no part of a list or map (depth 0), and other readers cannot show such a row in types that say NOT NULL: so do we.
std::string NestedNulls(const std::string& value, const DataType& type, int depth) {
  const auto join = [](std::string& all, const std::string& one) {
    if (one.empty()) return;
    all += (all.empty() ? "" : " AND ") + one;
  };
  const auto each = [&](const std::string& list, const DataType& of, bool may_be_null) -> std::string {
    const auto item = "deltic_item_" + std::to_string(depth);
    std::string bad;
    if (!may_be_null) bad = item + " IS NULL";
    if (const auto below = NestedNulls(item, of, depth + 1); !below.empty()) {
      bad += (bad.empty() ? "" : " OR ") + ("NOT (" + below + ")");
    }
    if (bad.empty()) return "";
    return "coalesce(len(list_filter(" + list + ", lambda " + item + ": " + bad + ")), 0) = 0";
  };
  std::string condition;
  switch (type.kind()) {
    case TypeKind::kStruct:
      for (const auto& field : type.fields()) {
        const auto child = "struct_extract(" + value + ", " + QuoteSqlText(field.name) + ")";
        if (!field.nullable) join(condition, child + " IS NOT NULL");
        join(condition, NestedNulls(child, field.type, depth));
      }
      if (condition.empty() || depth == 0) return condition;
      return "(" + value + " IS NULL OR (" + condition + "))";
    case TypeKind::kArray:
      return each(value, type.element(), type.contains_null());
    case TypeKind::kMap:
      // The engine has no NULL keys; a key may be a struct with fields that must not be NULL.
      join(condition, each("map_keys(" + value + ")", type.key(), true));
      join(condition, each("map_values(" + value + ")", type.value(), type.contains_null()));
      return condition;
    default:
      return "";
  }
}

// "varchar(10)" -> {varchar, 10}.
struct LengthLimit {
  bool pads = false;  // char
  int64_t length = 0;
};
std::optional<LengthLimit> ParseLimit(const std::string& text) {
  LengthLimit limit;
  size_t at = 0;
  if (text.starts_with("char(")) {
    limit.pads = true;
    at = 5;
  } else if (text.starts_with("varchar(")) {
    at = 8;
  } else {
    return std::nullopt;
  }
  size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9')
    limit.length = limit.length * 10 + (text[end++] - '0');
  if (end == at || end - at > 9 || text.substr(end) != ")") return std::nullopt;
  return limit;
}

class Planner {
 public:
  Planner(const Fields& input, const WriteTarget& target, RowOrigin rows, const std::string& extra)
      : input_(input), target_(target), rows_(rows), extra_(extra) {}

  Result<RowPlan> Run() {
    DELTIC_CHECK(CheckInputColumns());
    std::vector<StepColumn> columns;
    for (const auto& field : target_.schema) {
      DELTIC_TRY(auto sql, ColumnSql(field));
      if (sql) columns.push_back({.name = field.name, .sql = std::move(*sql)});
    }
    for (const auto& name : RowIdColumns()) columns.push_back({.name = name, .sql = QuoteSqlName(name)});
    if (!extra_.empty()) columns.push_back({.name = extra_, .sql = QuoteSqlName(extra_)});
    plan_.row_ids = !RowIdColumns().empty();
    plan_.steps.push_back(std::move(columns));
    if (rows_ != RowOrigin::kOwn) {
      DELTIC_CHECK(AddGenerated());
      DELTIC_CHECK(AddChecks());
    }
    return std::move(plan_);
  }

 private:
  std::vector<std::string> RowIdColumns() const {
    std::vector<std::string> names;
    if (rows_ == RowOrigin::kNew || target_.config.row_id_column.empty()) return names;
    for (const char* name : {kRowId, kRowCommitVersion}) {
      if (FindField(input_, name) != nullptr && FindField(target_.schema, name) == nullptr) names.emplace_back(name);
    }
    if (names.size() != 2) names.clear();
    return names;
  }

  Status CheckInputColumns() const {
    const auto row_ids = RowIdColumns();
    std::string unknown;
    for (const auto& field : input_) {
      if (FindField(target_.schema, field.name) != nullptr || field.name == extra_) continue;
      if (std::find(row_ids.begin(), row_ids.end(), field.name) != row_ids.end()) continue;
      unknown += (unknown.empty() ? "" : ", ") + field.name;
    }
    if (unknown.empty()) return {};
    std::string known;
    for (const auto& field : target_.schema) known += (known.empty() ? "" : ", ") + field.name;
    return InvalidArgument(
        "the table has no column {} (it has {}): leave it out, or let the write add it (schema merge)", unknown, known);
  }

  bool Generated(const StructField& field) const {
    return rows_ != RowOrigin::kOwn && SupportsFeature(target_.protocol, "generatedColumns") &&
           Text(field, kGenerationKey);
  }
  bool Identity(const StructField& field) const {
    return rows_ == RowOrigin::kNew && SupportsFeature(target_.protocol, "identityColumns") &&
           Number(field, kIdentityStart);
  }

  // nullopt for a void column: files do not have it.
  Result<std::optional<std::string>> ColumnSql(const StructField& field) {
    using Sql = std::optional<std::string>;
    const auto* source = FindField(input_, field.name);
    if (field.type.kind() == TypeKind::kVoid) {
      if (source != nullptr && source->type.kind() != TypeKind::kVoid) {
        return Unsupported("column {} of the table is of type void, so it can hold nothing: leave it out", field.name);
      }
      return Sql();
    }
    if (Identity(field)) return IdentitySql(field, source);
    if (source == nullptr) {
      if (Generated(field)) return Sql("CAST(NULL AS " + SqlType(field.type) + ")");  // the next step makes it
      return MissingSql(field);
    }
    DELTIC_TRY(
        auto sql,
        CastSql({.value = QuoteSqlName(source->name), .from = source->type, .to = field.type, .column = field.name}));
    if (rows_ == RowOrigin::kOwn) return Sql(std::move(sql));
    DELTIC_TRY(sql, LimitSql(field, std::move(sql)));
    return Sql(std::move(sql));
  }

  Result<std::optional<std::string>> MissingSql(const StructField& field) {
    using Sql = std::optional<std::string>;
    const auto null = "CAST(NULL AS " + SqlType(field.type) + ")";
    if (rows_ == RowOrigin::kOwn) return Sql(null);
    if (const auto text = Text(field, kDefaultKey);
        text && rows_ == RowOrigin::kNew && target_.config.column_defaults_supported) {
      auto translated = TranslateSparkSql(*text, {});
      if (!translated.ok()) {
        return std::move(translated).error().Wrap("the default of column " + field.name + " (" + *text + ")");
      }
      DELTIC_TRY(auto sql, CastSql({.value = "(" + translated->sql + ")",
                                    .from = translated->type,
                                    .to = field.type,
                                    .column = field.name}));
      DELTIC_TRY(sql, LimitSql(field, std::move(sql)));
      return Sql(std::move(sql));
    }
    if (!field.nullable) {
      return ConstraintViolation("column {} may not be NULL, and the rows to be written do not have it", field.name);
    }
    return Sql(null);
  }

  Result<std::optional<std::string>> IdentitySql(const StructField& field, const StructField* source) {
    using Sql = std::optional<std::string>;
    if (field.type.kind() != TypeKind::kLong) {
      return Corrupt("identity column {} is of type {}, not bigint", field.name, field.type.ToString());
    }
    if (source != nullptr) {
      if (!Flag(field, kIdentityExplicit)) {
        return InvalidArgument("column {} is generated always as identity: its values cannot be given", field.name);
      }
      DELTIC_TRY(
          auto sql,
          CastSql({.value = QuoteSqlName(source->name), .from = source->type, .to = field.type, .column = field.name}));
      return Sql(std::move(sql));
    }
    const auto start = Number(field, kIdentityStart), step = Number(field, kIdentityStep);
    const auto mark = Number(field, kIdentityMark);
    if (!start || !step || *step == 0) {
      return Corrupt("identity column {} has no step ({}), or one of 0", field.name, kIdentityStep);
    }
    IdentityRun run{.first = *start, .step = *step};
    if (mark && __builtin_add_overflow(*mark, *step, &run.first)) {
      return ConstraintViolation("identity column {} is used up: its last value is {}", field.name, *mark);
    }
    plan_.identities[field.name] = run;
    // In 128 bits, so that the end of bigint is told as what it is.
    const auto value =
        fmt::format("(CAST({} AS HUGEINT) + CAST({} AS HUGEINT) * (row_number() OVER () - 1))", run.first, run.step);
    return Sql("coalesce(TRY_CAST(" + value + " AS BIGINT), " +
               RefuseSql(Code::kConstraintViolation,
                         QuoteSqlText("identity column " + field.name + " is used up: it has no more values"),
                         field.type) +
               ")");
  }

  // As Spark stores them: too long by trailing blanks is cut to the limit, too short a char is padded with blanks.
  Result<std::string> LimitSql(const StructField& field, std::string sql) const {
    const auto text = Text(field, kCharVarcharKey);
    if (!text) return sql;
    const auto limit = ParseLimit(*text);
    if (field.type.kind() != TypeKind::kString || !limit) {
      if (text->find("char(") == std::string::npos) return sql;
      return Unsupported(
          "column {} holds strings of limited length inside other values ({}): this build cannot check them",
          field.name, *text);
    }
    const auto n = std::to_string(limit->length);
    const auto too_long =
        RefuseSql(Code::kConstraintViolation,
                  QuoteSqlText("column " + field.name + ": longer than " + *text + ": ") + " || left(" + sql + ", 100)",
                  field.type);
    std::string fits = sql;
    if (limit->pads) fits = "rpad(" + sql + ", " + n + ", ' ')";
    // Blanks only: what Spark's check trims.
    return "CASE WHEN " + sql + " IS NULL THEN NULL WHEN length(" + sql + ") <= " + n + " THEN " + fits +
           " WHEN length(rtrim(" + sql + ", ' ')) <= " + n + " THEN left(" + sql + ", " + n + ") ELSE " + too_long +
           " END";
  }

  // What Spark's expressions of the table may read: its columns as the first step has them.
  Fields Readable(const StructField* without) const {
    Fields fields;
    for (const auto& field : target_.schema) {
      if (&field != without && field.type.kind() != TypeKind::kVoid) fields.push_back(field);
    }
    return fields;
  }

  Result<std::string> Translate(const std::string& expression, const std::string& what, const StructField* without,
                                DataType* type) const {
    auto translated = TranslateSparkSql(expression, Readable(without));
    if (!translated.ok()) return std::move(translated).error().Wrap(what + " (" + expression + ")");
    if (translated->depends_on_the_clock) {
      return Unsupported("{} ({}) depends on the current time, so it does not stay true", what, expression);
    }
    *type = translated->type;
    return std::move(translated->sql);
  }

  Status AddGenerated() {
    std::map<std::string, std::string> made;
    for (const auto& field : target_.schema) {
      if (!Generated(field)) continue;
      const auto expression = *Text(field, kGenerationKey);
      const auto what = "generated column " + field.name;
      DataType type;
      DELTIC_TRY(const auto sql, Translate(expression, what, &field, &type));
      DELTIC_TRY(const auto cast,
                 CastSql({.value = "(" + sql + ")", .from = type, .to = field.type, .column = field.name}));
      if (FindField(input_, field.name) == nullptr) {
        made[field.name] = cast;
        continue;
      }
      plan_.checks.push_back(
          {.sql = QuoteSqlName(field.name) + " IS NOT DISTINCT FROM (" + cast + ")",
           .failure = fmt::format("generated column {} is not what its expression ({}) gives", field.name, expression),
           .shown = {{field.name, QuoteSqlName(field.name)}, {expression, cast}}});
    }
    if (made.empty()) return {};
    std::vector<StepColumn> step;
    for (const auto& column : plan_.steps.back()) {
      const auto found = made.find(column.name);
      step.push_back({.name = column.name, .sql = found == made.end() ? QuoteSqlName(column.name) : found->second});
    }
    plan_.steps.push_back(std::move(step));
    return {};
  }

  std::vector<StepColumn> Shown(const std::vector<ColumnPath>& columns) const {
    std::vector<StepColumn> shown;
    for (const auto& path : columns) {
      if (path.empty()) continue;
      std::string sql = QuoteSqlName(path[0]);
      for (size_t i = 1; i < path.size(); i++) sql = "struct_extract(" + sql + ", " + QuoteSqlText(path[i]) + ")";
      shown.push_back({.name = ToString(path), .sql = std::move(sql)});
    }
    return shown;
  }

  Status AddCondition(const std::string& expression, const std::string& what) {
    auto translated = TranslateSparkSql(expression, Readable(nullptr));
    if (!translated.ok()) return std::move(translated).error().Wrap(what + " (" + expression + ")");
    if (translated->depends_on_the_clock) {
      return Unsupported("{} ({}) depends on the current time, so it does not stay true", what, expression);
    }
    plan_.checks.push_back({.sql = std::move(translated->sql),
                            .failure = fmt::format("{} ({}) is violated", what, expression),
                            .shown = Shown(translated->columns)});
    return {};
  }

  Status AddChecks() {
    for (const auto& field : target_.schema) {
      if (field.type.kind() == TypeKind::kVoid) continue;
      const auto column = QuoteSqlName(field.name);
      if (!field.nullable) {
        const bool partition = IsPartition(field);
        // The empty string in a partition column is NULL to every reader.
        plan_.checks.push_back({.sql = partition && field.type.kind() == TypeKind::kString
                                           ? "nullif(" + column + ", '') IS NOT NULL"
                                           : column + " IS NOT NULL",
                                .failure = "column " + field.name + " may not be NULL",
                                .shown = Others(field)});
      }
      if (const auto nested = NestedNulls(column, field.type, 0); !nested.empty()) {
        plan_.checks.push_back({.sql = nested,
                                .failure = "a part of column " + field.name + " is NULL that may not be",
                                .shown = {{field.name, column}}});
      }
    }
    if (SupportsFeature(target_.protocol, "invariants")) DELTIC_CHECK(AddInvariants(target_.schema, {}));
    if (SupportsFeature(target_.protocol, "checkConstraints")) {
      for (const auto& constraint : target_.config.constraints) {
        DELTIC_CHECK(AddCondition(constraint.expression, "CHECK constraint " + constraint.name));
      }
    }
    return {};
  }

  // A row is found by its other values: the first three, scalars only.
  std::vector<StepColumn> Others(const StructField& field) const {
    std::vector<StepColumn> shown;
    for (const auto& other : target_.schema) {
      if (shown.size() == 3) break;
      if (&other == &field || other.type.nested() || other.type.kind() == TypeKind::kVoid ||
          other.type.kind() == TypeKind::kVariant) {
        continue;
      }
      shown.push_back({.name = other.name, .sql = QuoteSqlName(other.name)});
    }
    return shown;
  }

  // {"expression": {"expression": "a > 3"}}, at any depth of structs.
  Status AddInvariants(const Fields& fields, const ColumnPath& above) {
    for (const auto& field : fields) {
      ColumnPath path = above;
      path.push_back(field.name);
      if (const auto text = Text(field, kInvariantsKey)) {
        const auto json = nlohmann::json::parse(*text, nullptr, false);
        const auto outer = json.is_object() ? json.value("expression", nlohmann::json()) : nlohmann::json();
        if (!outer.is_object() || !outer.contains("expression") || !outer["expression"].is_string()) {
          return Corrupt("the invariant of column {} cannot be understood: {}", ToString(path), *text);
        }
        DELTIC_CHECK(AddCondition(outer["expression"].get<std::string>(), "the invariant of column " + ToString(path)));
      }
      if (field.type.kind() == TypeKind::kStruct) DELTIC_CHECK(AddInvariants(field.type.fields(), path));
    }
    return {};
  }

  bool IsPartition(const StructField& field) const {
    for (const auto& name : target_.metadata.partition_columns) {
      if (FindField({field}, name) != nullptr) return true;
    }
    return false;
  }

  const Fields& input_;
  const WriteTarget& target_;
  const RowOrigin rows_;
  const std::string extra_;
  RowPlan plan_;
};

}  // namespace

Result<RowPlan> PlanRows(const Fields& input, const WriteTarget& target, RowOrigin rows, const std::string& extra) {
  return Planner(input, target, rows, extra).Run();
}

}  // namespace deltic
