// Owns the SQL and the run of a write; see the header.
#include "engine/duckdb/data_writer.h"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/vector_operations/binary_executor.hpp>
#include <duckdb/common/vector_operations/unary_executor.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/parallel/task_scheduler.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <optional>

#include "base/error.h"
#include "engine/duckdb/data_files.h"
#include "engine/duckdb/row_shares.h"
#include "engine/duckdb/run_query.h"
#include "engine/duckdb/store_files.h"
#include "engine/variant_encode.h"

namespace deltic {
namespace {

using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::Vector;

constexpr const char* kRows = "deltic_rows";

std::string Check(const RowCheck& check) {
  std::string message = QuoteText(check.failure);
  bool first = true;
  for (const auto& [name, sql] : check.shown) {
    message += " || " + QuoteText((first ? ": " : ", ") + name + " = ") + " || coalesce(left(CAST((" + sql +
               "\n) AS VARCHAR), 200), 'NULL')";
    first = false;
  }
  return "CASE WHEN (" + check.sql + "\n) THEN NULL ELSE deltic_refuse(" +
         std::to_string(static_cast<int>(Code::kConstraintViolation)) + ", " + message + ") END";
}

// `by_share`: the sink sorts, and is told each row's number.
std::string Query(const DuckRowInput& input, const WriteSpec& spec, bool by_share) {
  std::string from = input.sql;
  for (const auto& step : spec.steps) {
    std::string columns;
    for (const auto& column : step) {
      columns += (columns.empty() ? "" : ", ") + column.sql + "\n AS " + QuoteName(column.name);
    }
    from = "SELECT " + columns + " FROM (" + from + ") AS " + kRows;
  }
  std::string columns;
  std::string order;
  int number = 0;
  const auto add = [&](const std::string& sql) {
    const auto name = "deltic_column_" + std::to_string(number++);
    columns += (columns.empty() ? "" : ", ") + sql + "\n AS " + name;
    return name;
  };
  for (const auto& column : spec.columns) add(column.sql);
  if (by_share) add("CAST((" + spec.order.sql + ") AS UBIGINT)");
  if (!spec.one_partition) {
    for (const auto& column : spec.partitions) order += (order.empty() ? "" : ", ") + add(column.sql);
  }
  for (const auto& check : spec.checks) add(Check(check));
  if (!spec.order.sql.empty() && !by_share) order += (order.empty() ? "" : ", ") + spec.order.sql;
  return "SELECT " + columns + " FROM (" + from + ") AS " + kRows + (order.empty() ? "" : " ORDER BY " + order);
}

// How the sink can sort the rows itself; nullopt when it cannot, and DuckDB sorts.
Result<std::optional<std::vector<uint64_t>>> Shares(Session& session, const WriteSpec& spec) {
  std::optional<std::vector<uint64_t>> none;
  if (spec.order.bounds.empty() || (!spec.partitions.empty() && !spec.one_partition)) return none;
  DELTIC_TRY(const auto layout, MakeLayout(spec.columns, spec.parquet));
  if (!PackedRowFormat::Fits(layout.types)) return none;
  auto& context = *session.connection.context;
  return ChooseShares(
      spec.order,
      {.memory_bytes = static_cast<int64_t>(duckdb::BufferManager::GetBufferManager(context).GetMaxMemory()),
       .threads = static_cast<int64_t>(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads()),
       .row_group_rows = spec.parquet.row_group_rows > 0 ? spec.parquet.row_group_rows : kRowGroupRows});
}

// The error with the files named that could not be deleted.
Error Discard(ObjectStore& store, const DataFilesJob& job, Error error) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  std::vector<std::string> keys = job.doubtful;
  for (const auto& file : job.written) keys.push_back(file.key);
  const auto deleted = store.DeleteMany(keys);
  std::string left;
  for (size_t i = 0; i < keys.size(); i++) {
    if (!deleted[i].ok()) left += (left.empty() ? "" : ", ") + keys[i];
  }
  if (left.empty()) return error;
  return Error(error.code(), error.message() + "; these files of the failed write could not be deleted: " + left,
               error.conflict());
}

// Values that an expression cannot take (a cast, an overflow) are the rows' fault here, not a broken file's. An Arrow
// stream reads no files at all.
Error WriteError(const duckdb::ErrorData& error, bool from_arrow) {
  auto told = FromDuckError(error);
  const auto type = error.Type();
  const bool value = type == duckdb::ExceptionType::CONVERSION || type == duckdb::ExceptionType::OUT_OF_RANGE ||
                     (from_arrow && type == duckdb::ExceptionType::INVALID_INPUT);
  return told.code() == Code::kCorrupt && value ? Error(Code::kInvalidArgument, told.message()) : told;
}

void RunRefuse(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<int32_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(), [](int32_t code, string_t message) -> string_t {
        ThrowError(Error(static_cast<Code>(code), message.GetString()));
      });
}

void RunParseVariant(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  const auto count = arguments.size();
  auto& input = arguments.data[0];
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  const auto* texts = duckdb::UnifiedVectorFormat::GetData<string_t>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto& fields = duckdb::StructVector::GetEntries(result);
  auto* metadata = duckdb::FlatVector::GetData<string_t>(*fields[0]);
  auto* values = duckdb::FlatVector::GetData<string_t>(*fields[1]);
  for (duckdb::idx_t row = 0; row < count; row++) {
    const auto at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    auto variant = VariantFromJson({texts[at].GetData(), texts[at].GetSize()});
    if (!variant.ok()) ThrowError(variant.error());
    metadata[row] = duckdb::StringVector::AddStringOrBlob(*fields[0], variant->metadata);
    values[row] = duckdb::StringVector::AddStringOrBlob(*fields[1], variant->value);
  }
  if (input.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

}  // namespace

Result<std::vector<WrittenFile>> RunWrite(DuckRowInput& input, const WriteSpec& spec, const CancelToken& cancel) {
  if (input.session == nullptr) return Internal("these rows were written already: an input is used once");
  if (spec.store == nullptr || !spec.new_key) return Internal("a write needs a store and names for its files");
  const auto session = std::exchange(input.session, nullptr);
  auto job = std::make_shared<DataFilesJob>();
  job->spec = spec;
  job->cancel = cancel;
  DELTIC_TRY(job->share_bounds, Shares(*session, spec));
  job->in_order = !job->share_bounds && (!spec.order.sql.empty() || spec.keep_order);
  *input.cancel = cancel;
  const Handle<ObjectStore> store(spec.store);
  job->store_prefix = StorePrefix(store.name());
  const Handle<DataFilesJob> handle(job);
  const auto sql = "COPY (" + Query(input, spec, job->share_bounds.has_value()) + ") TO " + QuoteText(handle.name()) +
                   " (FORMAT " + kDataFilesFormat + ")";
  auto status = Guard([&]() -> Status {
    const QueryScope scope(cancel, session->connection.context);
    std::optional<CancelWatch> watch;
    if (!input.polls) watch.emplace(cancel, session->connection.context);
    auto result = RunQuery(session->connection, sql);
    if (result->HasError()) return WriteError(result->GetErrorObject(), input.polls);
    DELTIC_CHECK(cancel.Check());
    job->FinishLast();
    return {};
  });
  job->last.reset();  // after a failure: a file that is dropped open leaves nothing
  if (!status.ok()) return Discard(*spec.store, *job, std::move(status).error());
  return std::move(job->written);
}

void RegisterWriteFunctions(duckdb::DatabaseInstance& database) {
  duckdb::ScalarFunction refuse("deltic_refuse", {LogicalType::INTEGER, LogicalType::VARCHAR}, LogicalType::VARCHAR,
                                RunRefuse);
  // Must run for the rows that reach it and for no others: never while the query is planned.
  refuse.SetStability(duckdb::FunctionStability::VOLATILE);
  const auto binary = LogicalType::STRUCT({{"metadata", LogicalType::BLOB}, {"value", LogicalType::BLOB}});
  duckdb::ScalarFunction parse("deltic_parse_variant", {LogicalType::VARCHAR}, binary, RunParseVariant);
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  for (auto* function : {&refuse, &parse}) {
    duckdb::CreateScalarFunctionInfo info(*function);
    info.internal = true;
    duckdb::Catalog::GetSystemCatalog(*connection.context).CreateFunction(*connection.context, info);
  }
  connection.Commit();
}

}  // namespace deltic
