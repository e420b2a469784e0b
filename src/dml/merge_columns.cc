// Owns the assignments of a clause as a tree over the table's columns, and the expressions made of it; see the header.
#include "dml/merge_columns.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/error.h"
#include "dml/merge_plan.h"
#include "schema/column_text.h"
#include "schema/edit.h"
#include "schema/engine_sql.h"
#include "sparksql/translate.h"

namespace deltic {
namespace {

constexpr const char* kGenerationKey = "delta.generationExpression";
constexpr const char* kIdentityStart = "delta.identity.start";
constexpr const char* kDefaultKey = "CURRENT_DEFAULT";

// What is set of a column: all of it, or fields of it.
struct Setting {
  std::optional<std::string> value;          // the SQL text as given
  std::map<std::string, Setting> of_fields;  // by the table's spelling
  std::string of_struct;                     // with fields of a star: the source's struct they come from
};

std::string JoinNames(const Fields& fields) {
  std::string names;
  for (const StructField& field : fields) names += (names.empty() ? "" : ", ") + field.name;
  return names;
}

// Whether the text is this one word.
bool Says(const std::string& sql, const char* word) {
  const size_t first = sql.find_first_not_of(" \t\r\n");
  const size_t last = sql.find_last_not_of(" \t\r\n");
  return first != std::string::npos && SameNameIgnoringCase(sql.substr(first, last + 1 - first), word);
}

std::string TypedNull(const DataType& type) { return "CAST(NULL AS " + EngineTypeName(type) + ")"; }

// A value as an expression. The engine takes a bare NULL for an integer, which is no value of most types.
std::string Expression(const std::string& sql, const DataType& type) {
  return Says(sql, "null") ? TypedNull(type) : "(" + sql + "\n)";
}

class Columns {
 public:
  explicit Columns(const ColumnSides& sides, const MergeClauseText& clause) : sides_(sides), clause_(clause) {}

  bool Generated(const StructField& field) const {
    return SupportsFeature(sides_.after.protocol, "generatedColumns") &&
           MetadataText(field, kGenerationKey).has_value();
  }
  bool Identity(const StructField& field) const {
    return SupportsFeature(sides_.after.protocol, "identityColumns") && field.metadata.contains(kIdentityStart);
  }
  static bool Void(const StructField& field) { return field.type.kind() == TypeKind::kVoid; }

  // The columns that the star sets, each from the source's of its name.
  Result<std::map<std::string, Setting>> OfStar() const {
    std::map<std::string, Setting> settings;
    const auto excepted = [&](const std::string& name) {
      return std::any_of(clause_.except.begin(), clause_.except.end(),
                         [&](const std::string& one) { return SameNameIgnoringCase(one, name); });
    };
    if (clause_.star == StarColumns::kOfSource) {
      for (const StructField& field : sides_.source) {
        if (excepted(field.name)) continue;
        const StructField* column = FindField(sides_.after.schema, field.name);
        if (column == nullptr) {
          return InvalidArgument("the table has no column {} (it has {}): merge the schema to add it, or leave it out",
                                 field.name, JoinNames(sides_.after.schema));
        }
        DELTIC_TRY(settings[column->name], OfStarColumn(*column, field));
      }
      return settings;
    }
    for (const StructField& column : sides_.after.schema) {
      if (excepted(column.name) || Void(column)) continue;
      const StructField* field = FindField(sides_.source, column.name);
      if (field != nullptr) {
        DELTIC_TRY(settings[column.name], OfStarColumn(column, *field));
      } else if (!sides_.evolve && !Generated(column) && !Identity(column)) {
        return InvalidArgument("the source has no column {} (it has {}): name the columns to set, or merge the schema",
                               column.name, JoinNames(sides_.source));
      }
    }
    return settings;
  }

  Result<std::map<std::string, Setting>> OfSet() const {
    std::map<std::string, Setting> settings;
    for (const ColumnValue& given : clause_.set) {
      DELTIC_TRY(const ColumnPath path, Resolve(given.column));
      std::map<std::string, Setting>* level = &settings;
      for (size_t i = 0; i < path.size(); i++) {
        Setting& setting = (*level)[path[i]];
        if (setting.value) return InvalidArgument("column {} is set twice", given.column);
        if (i + 1 == path.size()) {
          if (!setting.of_fields.empty()) return InvalidArgument("column {} is set twice", given.column);
          setting.value = given.sql;
        }
        level = &setting.of_fields;
      }
    }
    return settings;
  }

  // The value of a column of the updated row. `old` is its SQL in the row as it was, "" where it is new to the table.
  Result<std::string> ValueSql(const StructField& field, const std::string& old, const DataType& old_type,
                               const Setting& setting) const {
    if (setting.value) {
      if (Says(*setting.value, "default")) return DefaultSql(field);
      return Expression(*setting.value, field.type);
    }
    std::string fields;
    for (const StructField& part : field.type.fields()) {
      const StructField* before =
          old.empty() || old_type.kind() != TypeKind::kStruct ? nullptr : FindField(old_type.fields(), part.name);
      const std::string old_part =
          before == nullptr ? "" : "struct_extract(" + old + ", " + QuoteSqlText(before->name) + ")";
      std::string sql = old_part.empty() ? TypedNull(part.type) : old_part;
      const auto found = setting.of_fields.find(part.name);
      if (found != setting.of_fields.end()) {
        DELTIC_TRY(sql, ValueSql(part, old_part, before == nullptr ? DataType() : before->type, found->second));
      }
      fields += (fields.empty() ? "" : ", ") + QuoteSqlName(part.name) + " := " + sql;
    }
    const std::string made = "struct_pack(" + fields + ")";
    if (setting.of_struct.empty() || old.empty()) return made;
    return "CASE WHEN " + setting.of_struct + " IS NULL AND " + old + " IS NULL THEN NULL ELSE " + made + " END";
  }

  std::string TargetColumn(const StructField& field) const {
    return QuoteSqlName(sides_.target_alias) + "." + QuoteSqlName(field.name);
  }
  std::string SourceColumn(const StructField& field) const {
    return QuoteSqlName(sides_.source_alias) + "." + QuoteSqlName(field.name);
  }

 private:
  Result<Setting> OfStarColumn(const StructField& column, const StructField& field) const {
    if (!IsUpdate(clause_.action)) return Setting{.value = SourceColumn(field), .of_fields = {}, .of_struct = ""};
    return StarSetting(column.name, column.type, SourceColumn(field), field.type);
  }

  // As Spark when the schema may be merged: fields of a struct that the source's struct lacks stay what they are, which
  // a whole new struct would lose. Otherwise such a struct is refused.
  Result<Setting> StarSetting(const std::string& name, const DataType& to, const std::string& value,
                              const DataType& from) const {
    Setting whole{.value = value, .of_fields = {}, .of_struct = ""};
    if (to.kind() != TypeKind::kStruct || from.kind() != TypeKind::kStruct) return whole;
    Setting parts{.value = {}, .of_fields = {}, .of_struct = value};
    bool keeps = false;
    for (const StructField& part : to.fields()) {
      const StructField* field = FindField(from.fields(), part.name);
      if (field == nullptr) {
        if (!sides_.evolve) {
          return InvalidArgument(
              "column {}: the source's struct has no field {}, so it would be lost: set the other "
              "fields by name, or merge the schema",
              name, part.name);
        }
        keeps = true;
        continue;
      }
      DELTIC_TRY(Setting setting,
                 StarSetting(name + "." + part.name, part.type,
                             "struct_extract(" + value + ", " + QuoteSqlText(field->name) + ")", field->type));
      keeps = keeps || !setting.value;
      parts.of_fields.emplace(part.name, std::move(setting));
    }
    return keeps ? parts : whole;
  }

  // In the table's spelling. A leading alias of the table is not part of it, unless the table has such a column.
  Result<ColumnPath> Resolve(const std::string& text) const {
    DELTIC_TRY(ColumnPath path, ParseColumnText(text, sides_.after.schema));
    if (path.size() > 1 && SameNameIgnoringCase(path.front(), sides_.target_alias) &&
        FindField(sides_.after.schema, path.front()) == nullptr) {
      path.erase(path.begin());
    }
    const Fields* level = &sides_.after.schema;
    for (size_t i = 0; i < path.size(); i++) {
      const StructField* field = FindField(*level, path[i]);
      if (field == nullptr) {
        return InvalidArgument("there is no column {} in the table (at that place it has {})", text, JoinNames(*level));
      }
      path[i] = field->name;
      if (i + 1 == path.size()) break;
      if (field->type.kind() != TypeKind::kStruct) {
        return InvalidArgument("column {}: {} is of type {}, which has no fields that can be set", text, field->name,
                               field->type.ToString());
      }
      level = &field->type.fields();
    }
    return path;
  }

  Result<std::string> DefaultSql(const StructField& field) const {
    const std::string null = TypedNull(field.type);
    const auto text = MetadataText(field, kDefaultKey);
    if (!text || !SupportsFeature(sides_.after.protocol, "allowColumnDefaults")) return null;
    auto translated = TranslateSparkSql(*text, {});
    if (!translated.ok()) {
      return std::move(translated).error().Wrap("the default of column " + field.name + " (" + *text + ")");
    }
    return "(" + translated->sql + ")";
  }

  const ColumnSides& sides_;
  const MergeClauseText& clause_;
};

}  // namespace

Status MakeUpdateColumns(const ColumnSides& sides, const MergeClauseText& clause, PlannedClause* planned) {
  const Columns columns(sides, clause);
  const bool star = clause.star != StarColumns::kNone;
  DELTIC_TRY(const auto settings, star ? columns.OfStar() : columns.OfSet());
  planned->from_source_alone = star;  // until a column says otherwise
  for (const StructField& field : sides.after.schema) {
    if (Columns::Void(field)) continue;
    const StructField* before = FindField(sides.before, field.name);
    const auto found = settings.find(field.name);
    if (found != settings.end()) {
      if (columns.Identity(field))
        return InvalidArgument("column {} is an identity column: it cannot be set", field.name);
      const std::string old = before == nullptr ? "" : columns.TargetColumn(*before);
      DELTIC_TRY(std::string sql,
                 columns.ValueSql(field, old, before == nullptr ? DataType() : before->type, found->second));
      planned->columns.push_back({.name = field.name, .sql = std::move(sql)});
      planned->from_source_alone = planned->from_source_alone && found->second.value.has_value();
      continue;
    }
    if (columns.Generated(field)) continue;  // follows the others
    if (before == nullptr) {
      planned->columns.push_back({.name = field.name, .sql = TypedNull(field.type)});
      continue;
    }
    planned->columns.push_back({.name = field.name, .sql = columns.TargetColumn(*before)});
    planned->from_source_alone = false;
  }
  return {};
}

Status MakeInsertColumns(const ColumnSides& sides, const MergeClauseText& clause, PlannedClause* planned) {
  const Columns columns(sides, clause);
  DELTIC_TRY(const auto settings, clause.star != StarColumns::kNone ? columns.OfStar() : columns.OfSet());
  for (const StructField& field : sides.after.schema) {
    const auto found = settings.find(field.name);
    if (found == settings.end()) continue;
    if (!found->second.value) {
      return InvalidArgument("column {}: an insert sets whole columns, not fields of them", field.name);
    }
    if (Says(*found->second.value, "default")) continue;  // as if it were not named
    planned->columns.push_back({.name = field.name, .sql = Expression(*found->second.value, field.type)});
  }
  return {};
}

}  // namespace deltic
