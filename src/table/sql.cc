// Owns the facade over the engine's SQL sessions: how a location in SQL text becomes a scan.
#include "deltic/sql.h"

#include <utility>

#include "base/error.h"
#include "scan/row_estimate.h"
#include "scan/table_files.h"
#include "snapshot/paths.h"
#include "stores/open_store.h"
#include "table/sources.h"
#include "table/sql_state.h"
#include "table/state.h"
#include "table/stoppable.h"

namespace deltic {
namespace {

// A table among others: how large each is decides the order of joins.
Result<ScanSpec> MakeSqlTable(const std::shared_ptr<const Snapshot>& snapshot) {
  DELTIC_TRY(auto spec, MakeReadSpec(snapshot, {}));
  spec.scan.files = WithRowEstimate(std::move(spec.scan.files), snapshot);
  return std::move(spec.scan);
}

Result<ScanSpec> OpenSqlTable(const std::shared_ptr<ObjectStore>& store, const TableReference& reference) {
  if (reference.version && reference.timestamp_ms) {
    return InvalidArgument("a table is opened at a version or at a timestamp, not at both");
  }
  DELTIC_TRY(const auto snapshot,
             Snapshot::Open(store, {.version = reference.version, .timestamp_ms = reference.timestamp_ms}));
  return MakeSqlTable(snapshot);
}

}  // namespace

TableResolver ResolveBy(std::shared_ptr<StoreOpener> opener) {
  TableResolver resolver = [opener](const TableReference& reference) -> Result<ScanSpec> {
    DELTIC_TRY(const auto store, opener->Open(reference.location));
    return OpenSqlTable(store, reference);
  };
  resolver.files = std::move(opener);
  return resolver;
}

TableResolver ResolveNoting(std::shared_ptr<SelfRead> self) {
  std::shared_ptr<StoreOpener> opener = self->store->opener();
  if (opener == nullptr) opener = MakeStoreOpener({});
  TableResolver resolver = [self = std::move(self), opener](const TableReference& reference) -> Result<ScanSpec> {
    DELTIC_TRY(const auto store, opener->Open(reference.location));
    const bool newest = !reference.version && !reference.timestamp_ms;
    if (newest && CanonicalRoot(*store) == CanonicalRoot(*self->store)) self->seen = true;
    return OpenSqlTable(store, reference);
  };
  resolver.files = std::move(opener);
  return resolver;
}

Result<Sql> Sql::Open(const std::map<std::string, std::string>& storage_options) {
  DELTIC_TRY(auto engine, GetEngine());
  auto state = std::make_shared<State>();
  DELTIC_TRY(state->session, engine->OpenSql(ResolveBy(MakeStoreOpener(storage_options))));
  return Sql(std::move(state));
}

Status Sql::Register(const std::string& name, const Table& table) {
  DELTIC_TRY(const auto spec, MakeSqlTable(table.state()->snapshot));
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
