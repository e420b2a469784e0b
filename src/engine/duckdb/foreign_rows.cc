// Owns the table function that pulls another session's rows; see the header. Chunks are passed on by reference: their
// buffers count who holds them.
#include "engine/duckdb/foreign_rows.h"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>

namespace deltic {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

struct ForeignBind : public duckdb::TableFunctionData {
  std::shared_ptr<ForeignRows> rows;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  auto bind = duckdb::make_uniq<ForeignBind>();
  bind->rows = Registry<ForeignRows>::Get().Find(duckdb::StringValue::Get(input.inputs[0]));
  if (bind->rows == nullptr) throw duckdb::BinderException("%s is deltic's own", kForeignRowsFunction);
  types = bind->rows->types;
  names = bind->rows->names;
  return bind;
}

void Pull(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& rows = *input.bind_data->Cast<ForeignBind>().rows;
  if (rows.stream == nullptr) return;
  auto chunk = rows.stream->Fetch();
  if (rows.stream->HasError()) rows.stream->ThrowError();
  if (chunk == nullptr || chunk->size() == 0) {
    rows.stream.reset();
    return;
  }
  for (idx_t i = 0; i < chunk->ColumnCount(); i++) output.data[i].Reference(chunk->data[i]);
  if (rows.numbered) {
    auto* numbers = duckdb::FlatVector::GetData<int64_t>(output.data[chunk->ColumnCount()]);
    for (idx_t i = 0; i < chunk->size(); i++) numbers[i] = rows.next++;
  }
  output.SetCardinality(chunk->size());
}

}  // namespace

void RegisterForeignRows(duckdb::DatabaseInstance& database) {
  // Without an own global state DuckDB scans with one thread, which the order and the count need.
  duckdb::TableFunction function(kForeignRowsFunction, {LogicalType::VARCHAR}, Pull, Bind);
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  duckdb::CreateTableFunctionInfo info(std::move(function));
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(*connection.context).CreateTableFunction(*connection.context, info);
  connection.Commit();
}

}  // namespace deltic
