// Owns the text; see the header.
#include "dml/joined_rows.h"

#include "base/error.h"
#include "schema/engine_sql.h"
#include "write/cast_sql.h"

namespace deltic {
namespace {

constexpr const char* kRowIdColumns[] = {"_row_id", "_row_commit_version"};

std::string NullOf(const DataType& type) { return "CAST(NULL AS " + EngineTypeName(type) + ")"; }

void Append(std::string* list, const std::string& sql, const std::string& name) {
  *list += (list->empty() ? "" : ", ") + sql + " AS " + QuoteSqlName(name);
}

}  // namespace

bool AreAllColumns(const Fields& table, const std::vector<MadeColumn>& columns) {
  size_t stored = 0;
  for (const StructField& field : table) {
    if (field.type.kind() != TypeKind::kVoid) ++stored;
    if (field.type.ToString().find("variant") != std::string::npos) return false;
  }
  return stored == columns.size();
}

Result<std::string> RowsOfTable(WorkSession& session, const std::string& query, const Fields& table, bool row_ids) {
  DELTIC_TRY(const Fields given, session.Describe(query));
  std::string columns;
  for (const StructField& field : table) {
    if (field.type.kind() == TypeKind::kVoid) continue;
    const StructField* from = FindField(given, field.name);
    if (from == nullptr) return Internal("the rows to write have no column {}", field.name);
    const std::string name = QuoteSqlName(from->name);
    DELTIC_TRY(const std::string sql,
               CastSql({.value = name, .from = from->type, .to = field.type, .column = field.name}));
    Append(&columns, sql, field.name);
  }
  if (row_ids) {
    for (const char* name : kRowIdColumns) {
      const bool has = FindField(given, name) != nullptr;
      Append(&columns, has ? QuoteSqlName(name) : NullOf(DataType(TypeKind::kLong)), name);
    }
  }
  return "SELECT " + columns + " FROM (" + query + ") AS made";
}

Result<std::string> KeptRowsOfTable(const std::string& name, const Fields& before, const Fields& table, bool row_ids) {
  std::string columns;
  for (const StructField& field : table) {
    if (field.type.kind() == TypeKind::kVoid) continue;
    const StructField* from = FindField(before, field.name);
    if (from == nullptr || from->type.kind() == TypeKind::kVoid) {
      Append(&columns, NullOf(field.type), field.name);
      continue;
    }
    std::string sql = QuoteSqlName(from->name);
    if (from->type.ToString() != field.type.ToString()) {
      DELTIC_TRY(sql, CastSql({.value = sql, .from = from->type, .to = field.type, .column = field.name}));
    }
    Append(&columns, sql, field.name);
  }
  if (row_ids) {
    for (const char* id : kRowIdColumns) Append(&columns, QuoteSqlName(id), id);
  }
  return "SELECT " + columns + " FROM " + name;
}

}  // namespace deltic
