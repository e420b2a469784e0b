// Owns the facade over the engine's SQL sessions: how a location in SQL text becomes a scan.
#include "deltic/sql.h"

#include <utility>

#include "scan/row_estimate.h"
#include "scan/table_files.h"
#include "table/sources.h"
#include "table/sql_state.h"
#include "table/state.h"
#include "table/stoppable.h"

namespace deltic {
namespace {

// A table among others: how large each is decides the order of joins.
Result<ScanSpec> MakeSqlTable(const Table& table) {
  const auto& snapshot = table.state()->snapshot;
  DELTIC_TRY(auto spec, MakeReadSpec(snapshot, {}));
  spec.scan.files = WithRowEstimate(std::move(spec.scan.files), snapshot);
  return std::move(spec.scan);
}

}  // namespace

Result<ScanSpec> ResolveTable(const TableReference& reference) {
  DELTIC_TRY(auto table, Table::Open(reference.location, {.version = reference.version,
                                                          .timestamp_ms = reference.timestamp_ms,
                                                          .storage_options = {}}));
  return MakeSqlTable(table);
}

TableResolver ResolveNoting(std::shared_ptr<SelfRead> self) {
  return [self = std::move(self)](const TableReference& reference) -> Result<ScanSpec> {
    if (!reference.version && !reference.timestamp_ms) {
      DELTIC_TRY(const auto store, OpenStore(reference.location));
      if (store->uri() == self->uri) self->seen = true;
    }
    return ResolveTable(reference);
  };
}

Result<Sql> Sql::Open() {
  DELTIC_TRY(auto engine, GetEngine());
  auto state = std::make_shared<State>();
  DELTIC_TRY(state->session, engine->OpenSql(ResolveTable));
  return Sql(std::move(state));
}

Status Sql::Register(const std::string& name, const Table& table) {
  DELTIC_TRY(const auto spec, MakeSqlTable(table));
  return state_->session->Register(name, spec);
}

Status Sql::Query(const std::string& sql, ArrowArrayStream* out) { return QuerySql(*this, sql, CancelToken(), out); }

Status QuerySql(const Sql& sql, const std::string& text, const CancelToken& cancel, ArrowArrayStream* out) {
  return sql.state()->session->ReadArrow(text, cancel, out);
}

Result<int64_t> Sql::Export(const std::string& sql, ExportFormat format, const std::string& path) {
  const auto to = format == ExportFormat::kParquet ? FileFormat::kParquet
                  : format == ExportFormat::kCsv   ? FileFormat::kCsv
                                                   : FileFormat::kJsonLines;
  return state_->session->Export(sql, {.format = to, .path = path, .compression = ""}, CancelToken());
}

}  // namespace deltic
