// Owns the facade over change feeds. Decides nothing about the protocol.
#include "deltic/changes.h"

#include "table/changes_text.h"
#include "table/state.h"

namespace deltic {
namespace {

Result<ReadSpec> MakeSpec(const Changes& changes, const ScanOptions& options) {
  return MakeChangeReadSpec(changes.state()->feed, {.columns = options.columns,
                                                    .where = options.where,
                                                    .limit = options.limit,
                                                    .row_ids = options.row_ids,
                                                    .skipping = options.skipping});
}

}  // namespace

Result<Changes> Changes::Open(const Table& table, const ChangesOptions& options) {
  auto state = std::make_shared<State>();
  DELTIC_TRY(state->feed, PlanChangeFeed(table.state()->snapshot, {.from_version = options.from_version,
                                                                   .from_timestamp_ms = options.from_timestamp_ms,
                                                                   .to_version = options.to_version,
                                                                   .to_timestamp_ms = options.to_timestamp_ms,
                                                                   .schema_version = options.schema_version}));
  return Changes(std::move(state));
}

int64_t Changes::first_version() const { return state_->feed->first_version; }

int64_t Changes::last_version() const { return state_->feed->last_version; }

Status Changes::Scan(const ScanOptions& options, ArrowArrayStream* out) const {
  return ScanChanges(*this, options, CancelToken(), out);
}

Result<int64_t> Changes::Count(const ScanOptions& options) const { return CountChanges(*this, options, CancelToken()); }

Result<int64_t> Changes::Export(const ScanOptions& options, ExportFormat format, const std::string& path) const {
  const auto to = format == ExportFormat::kParquet ? FileFormat::kParquet
                  : format == ExportFormat::kCsv   ? FileFormat::kCsv
                                                   : FileFormat::kJsonLines;
  return ExportChanges(*this, options, {.format = to, .path = path, .compression = ""}, CancelToken());
}

Status ScanChanges(const Changes& changes, const ScanOptions& options, const CancelToken& cancel,
                   ArrowArrayStream* out) {
  DELTIC_TRY(auto spec, MakeSpec(changes, options));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->ReadArrow(spec, cancel, out);
}

Result<int64_t> CountChanges(const Changes& changes, const ScanOptions& options, const CancelToken& cancel) {
  DELTIC_TRY(auto spec, MakeSpec(changes, options));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->Count(spec, cancel);
}

Result<std::unique_ptr<TextRows>> ReadText(const Changes& changes, const ScanOptions& options,
                                           const CancelToken& cancel) {
  DELTIC_TRY(auto spec, MakeSpec(changes, options));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->ReadText(spec, cancel);
}

Result<int64_t> ExportChanges(const Changes& changes, const ScanOptions& options, const ExportOptions& to,
                              const CancelToken& cancel) {
  DELTIC_TRY(auto spec, MakeSpec(changes, options));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->Export(spec, to, cancel);
}

}  // namespace deltic
