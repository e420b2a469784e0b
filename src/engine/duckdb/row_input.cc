// Owns the Arrow stream as a table function, and the Delta types of what comes in; see the header.
#include "engine/duckdb/row_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/types/decimal.hpp>
#include <duckdb/function/table/arrow.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <set>

#include "base/error.h"

namespace deltic {

// An Arrow stream between its producer and DuckDB: asks the cancel token before each batch, checks what it hands on,
// and marks the producer's errors as such.
class InputStream {
 public:
  explicit InputStream(ArrowArrayStream* stream) : stream_(*stream) { stream->release = nullptr; }
  ~InputStream() {
    if (stream_.release != nullptr) stream_.release(&stream_);
  }
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  Status GetSchema(ArrowSchema* out) {
    if (stream_.release == nullptr) return InvalidArgument("the input stream is released already");
    out->release = nullptr;
    if (const int code = stream_.get_schema(&stream_, out); code != 0 || out->release == nullptr) {
      return InvalidArgument("the input stream has no schema: {}", Failure(code));
    }
    return {};
  }

  Status GetNext(ArrowArray* out) {
    out->release = nullptr;
    DELTIC_CHECK(cancel->Check());
    const int code = stream_.get_next(&stream_, out);
    if (code != 0) return InvalidArgument("the input stream failed: {}", Failure(code));
    if (out->release == nullptr) return {};
    // A record batch is a struct without rows of its own missing; a batch with other columns would be read as garbage.
    if (out->n_children != columns || out->length < 0 || out->offset < 0 || out->null_count > 0) {
      out->release(out);
      out->release = nullptr;
      return InvalidArgument("the input stream gave a batch that is not of its schema");
    }
    return {};
  }

  std::shared_ptr<CancelToken> cancel;
  int64_t columns = 0;
  bool opened = false;

 private:
  std::string Failure(int code) {
    const char* text = stream_.get_last_error != nullptr ? stream_.get_last_error(&stream_) : nullptr;
    return text != nullptr && *text != '\0' ? text : std::strerror(code);
  }

  ArrowArrayStream stream_;
};

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

constexpr const char* kArrowFunction = "deltic_arrow";

// The C callbacks of the stream that DuckDB sees; private_data holds this.
struct StreamView {
  std::shared_ptr<InputStream> stream;
  std::string error;
};

int ViewSchema(ArrowArrayStream* view, ArrowSchema* out) {
  auto& state = *static_cast<StreamView*>(view->private_data);
  auto status = state.stream->GetSchema(out);
  if (status.ok()) return 0;
  state.error = EncodeError(status.error());
  return EINVAL;
}
int ViewNext(ArrowArrayStream* view, ArrowArray* out) {
  auto& state = *static_cast<StreamView*>(view->private_data);
  auto status = state.stream->GetNext(out);
  if (status.ok()) return 0;
  state.error = EncodeError(status.error());
  return EIO;
}
const char* ViewError(ArrowArrayStream* view) { return static_cast<StreamView*>(view->private_data)->error.c_str(); }
void ViewRelease(ArrowArrayStream* view) {
  delete static_cast<StreamView*>(view->private_data);
  view->release = nullptr;
}

// What DuckDB's arrow_scan calls: the pointer is an InputStream that the bind data's handle keeps alive.
duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> Produce(uintptr_t pointer, duckdb::ArrowStreamParameters&) {
  auto stream = Registry<InputStream>::Get().Find(std::to_string(pointer));
  if (stream == nullptr || stream->opened) throw duckdb::InvalidInputException("an input stream can be read once only");
  stream->opened = true;
  auto wrapper = duckdb::make_uniq<duckdb::ArrowArrayStreamWrapper>();
  auto& view = wrapper->arrow_array_stream;
  view.get_schema = ViewSchema;
  view.get_next = ViewNext;
  view.get_last_error = ViewError;
  view.release = ViewRelease;
  view.private_data = new StreamView{.stream = std::move(stream), .error = {}};
  return wrapper;
}
void ProduceSchema(ArrowArrayStream* pointer, ArrowSchema& out) {
  auto stream = Registry<InputStream>::Get().Find(std::to_string(reinterpret_cast<uintptr_t>(pointer)));
  if (stream == nullptr) throw duckdb::InvalidInputException("no input stream of that handle");
  auto status = stream->GetSchema(&out);
  if (!status.ok()) ThrowError(status.error());
}

duckdb::table_function_bind_t arrow_scan_bind = nullptr;

duckdb::unique_ptr<duckdb::FunctionData> BindArrow(duckdb::ClientContext& context,
                                                   duckdb::TableFunctionBindInput& input,
                                                   duckdb::vector<LogicalType>& types,
                                                   duckdb::vector<std::string>& names) {
  // DuckDB hands the first "pointer" back to the two functions untouched: it is the number of our handle.
  const auto handle = static_cast<uintptr_t>(std::stoull(duckdb::StringValue::Get(input.inputs[0])));
  const auto original = input.inputs;
  input.inputs = {Value::POINTER(handle), Value::POINTER(reinterpret_cast<uintptr_t>(&Produce)),
                  Value::POINTER(reinterpret_cast<uintptr_t>(&ProduceSchema))};
  auto data = arrow_scan_bind(context, input, types, names);
  input.inputs = original;
  // Names may repeat or be empty; what they mean is decided outside.
  for (size_t i = 0; i < names.size(); i++) names[i] = "c" + std::to_string(i);
  return data;
}

// Fills in which nested fields may be NULL: DuckDB's types do not know.
DataType WithNullability(const DataType& type, const ArrowSchema& arrow) {
  const ArrowSchema* schema = &arrow;
  if (schema->format != nullptr && std::strcmp(schema->format, "+r") == 0 && schema->n_children == 2) {
    schema = schema->children[1];
  }
  if (schema->dictionary != nullptr) schema = schema->dictionary;
  const auto nullable = [](const ArrowSchema* child) { return (child->flags & ARROW_FLAG_NULLABLE) != 0; };
  switch (type.kind()) {
    case TypeKind::kStruct: {
      if (schema->n_children != static_cast<int64_t>(type.fields().size())) return type;
      Fields fields = type.fields();
      for (size_t i = 0; i < fields.size(); i++) {
        fields[i].nullable = nullable(schema->children[i]);
        fields[i].type = WithNullability(fields[i].type, *schema->children[i]);
      }
      return DataType::Struct(std::move(fields));
    }
    case TypeKind::kArray:
      if (schema->n_children != 1) return type;
      return DataType::Array(WithNullability(type.element(), *schema->children[0]), nullable(schema->children[0]));
    case TypeKind::kMap: {
      if (schema->n_children != 1 || schema->children[0]->n_children != 2) return type;
      const auto* entries = schema->children[0];
      return DataType::Map(WithNullability(type.key(), *entries->children[0]),
                           WithNullability(type.value(), *entries->children[1]), nullable(entries->children[1]));
    }
    default:
      return type;
  }
}

// The Delta type for a DuckDB type. `in`: where it is, for the message.
Result<DataType> DeltaType(const LogicalType& type, const std::string& in) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return DataType(TypeKind::kVoid);
    case LogicalTypeId::BOOLEAN:
      return DataType(TypeKind::kBoolean);
    case LogicalTypeId::TINYINT:
      return DataType(TypeKind::kByte);
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::SMALLINT:
      return DataType(TypeKind::kShort);
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::INTEGER:
      return DataType(TypeKind::kInteger);
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::BIGINT:
      return DataType(TypeKind::kLong);
    case LogicalTypeId::UBIGINT:
      return DataType::Decimal(20, 0);
    // DuckDB's sums of integers are of this type. A value beyond 38 digits fails when it is cast.
    case LogicalTypeId::HUGEINT:
      return DataType::Decimal(38, 0);
    case LogicalTypeId::FLOAT:
      return DataType(TypeKind::kFloat);
    case LogicalTypeId::DOUBLE:
      return DataType(TypeKind::kDouble);
    case LogicalTypeId::DECIMAL:
      return DataType::Decimal(duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type));
    // A UUID has one text form, and text is how the other writers keep it.
    case LogicalTypeId::UUID:
    case LogicalTypeId::ENUM:
    case LogicalTypeId::VARCHAR:
      return DataType(TypeKind::kString);
    case LogicalTypeId::BLOB:
      return DataType(TypeKind::kBinary);
    case LogicalTypeId::DATE:
      return DataType(TypeKind::kDate);
    case LogicalTypeId::TIMESTAMP_TZ:
      return DataType(TypeKind::kTimestamp);
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
      return DataType(TypeKind::kTimestampNtz);
    case LogicalTypeId::VARIANT:
      return DataType(TypeKind::kVariant);
    case LogicalTypeId::STRUCT: {
      Fields fields;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        StructField field;
        field.name = name;
        DELTIC_TRY(field.type, DeltaType(child, in + "." + name));
        fields.push_back(std::move(field));
      }
      return DataType::Struct(std::move(fields));
    }
    case LogicalTypeId::LIST: {
      DELTIC_TRY(auto element, DeltaType(duckdb::ListType::GetChildType(type), in + ".element"));
      return DataType::Array(std::move(element), true);
    }
    case LogicalTypeId::ARRAY: {
      DELTIC_TRY(auto element, DeltaType(duckdb::ArrayType::GetChildType(type), in + ".element"));
      return DataType::Array(std::move(element), true);
    }
    case LogicalTypeId::MAP: {
      DELTIC_TRY(auto key, DeltaType(duckdb::MapType::KeyType(type), in + ".key"));
      DELTIC_TRY(auto value, DeltaType(duckdb::MapType::ValueType(type), in + ".value"));
      return DataType::Map(std::move(key), std::move(value), true);
    }
    default:
      return Unsupported("column {} is of type {}, which Delta tables do not have: cast it to one that they have", in,
                         type.ToString());
  }
}

// Types that DuckDB would take for something that they are not, or not read at all.
Status CheckArrow(const ArrowSchema& schema, const std::string& in) {
  const std::string_view format = schema.format == nullptr ? "" : schema.format;
  if (format == "e")
    return Unsupported("column {} is of type float16, which Delta tables do not have: cast it to float", in);
  for (int64_t i = 0; i < schema.n_children; i++) {
    const char* name = schema.children[i]->name;
    DELTIC_CHECK(CheckArrow(*schema.children[i], in + "." + (name == nullptr ? "" : name)));
  }
  if (schema.dictionary != nullptr) DELTIC_CHECK(CheckArrow(*schema.dictionary, in));
  return {};
}

}  // namespace

Result<DeltaColumn> ToDelta(const SourceColumn& column) {
  DeltaColumn delta;
  DELTIC_TRY(delta.type, DeltaType(column.type, column.name));
  const auto wanted = ToDuckType(delta.type);
  // JSON is text with a name, which the writer would pass on into the file's schema.
  const bool same = wanted == column.type && !column.type.IsJSONType();
  delta.sql = same ? column.expression : "CAST(" + column.expression + " AS " + wanted.ToString() + ")";
  return delta;
}

Status SetColumns(const std::vector<SourceColumn>& columns, const std::string& from, DuckRowInput* input) {
  std::set<std::string> seen;
  input->sql = "SELECT ";
  for (const auto& column : columns) {
    if (!seen.insert(duckdb::StringUtil::Lower(column.name)).second) {
      return InvalidArgument("the input has two columns named {} (case does not count)", column.name);
    }
    DELTIC_TRY(auto delta, ToDelta(column));
    if (!input->fields.empty()) input->sql += ", ";
    input->sql += delta.sql + " AS " + QuoteName(column.name);
    StructField field;
    field.name = column.name;
    field.type = std::move(delta.type);
    field.nullable = column.nullable;
    input->fields.push_back(std::move(field));
  }
  if (input->fields.empty()) return InvalidArgument("the input has no columns");
  input->sql += " FROM " + from;
  return {};
}

Result<std::unique_ptr<RowInput>> MakeArrowInput(std::shared_ptr<Session> session, ArrowArrayStream* stream) {
  auto input = std::make_unique<DuckRowInput>();
  input->session = std::move(session);
  input->polls = true;
  auto source = std::make_shared<InputStream>(stream);
  source->cancel = input->cancel;

  duckdb::ArrowSchemaWrapper schema;
  DELTIC_CHECK(source->GetSchema(&schema.arrow_schema));
  const auto& arrow = schema.arrow_schema;
  if (arrow.format == nullptr || std::strcmp(arrow.format, "+s") != 0) {
    return InvalidArgument("the input stream is not one of record batches");
  }
  source->columns = arrow.n_children;
  for (int64_t i = 0; i < arrow.n_children; i++) {
    const char* name = arrow.children[i]->name;
    if (name == nullptr || *name == '\0') return InvalidArgument("column {} of the input has no name", i + 1);
    DELTIC_CHECK(CheckArrow(*arrow.children[i], name));
  }
  duckdb::ArrowTableSchema table;
  duckdb::ArrowTableFunction::PopulateArrowTableSchema(*input->session->connection.context, table, arrow);
  const auto types = table.GetTypes();
  std::vector<SourceColumn> columns;
  for (int64_t i = 0; i < arrow.n_children; i++) {
    columns.push_back({.name = arrow.children[i]->name,
                       .expression = "c" + std::to_string(i),
                       .type = types[static_cast<size_t>(i)],
                       .nullable = (arrow.children[i]->flags & ARROW_FLAG_NULLABLE) != 0});
  }
  input->session->streams.emplace_back(source);
  const auto& handle = input->session->streams.back().name();
  DELTIC_CHECK(SetColumns(columns, std::string(kArrowFunction) + "('" + handle + "')", input.get()));
  for (size_t i = 0; i < input->fields.size(); i++) {
    input->fields[i].type = WithNullability(input->fields[i].type, *arrow.children[i]);
  }
  return std::unique_ptr<RowInput>(std::move(input));
}

void RegisterArrowInput(duckdb::DatabaseInstance& database) {
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  auto& context = *connection.context;
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  // The "dumb" scan asks nothing of the stream but its batches: ours cannot project or filter.
  auto& entry = catalog.GetEntry<duckdb::TableFunctionCatalogEntry>(context, DEFAULT_SCHEMA, "arrow_scan_dumb");
  auto function = entry.functions.GetFunctionByOffset(0);
  arrow_scan_bind = function.bind;
  function.name = kArrowFunction;
  function.arguments = {LogicalType::VARCHAR};
  function.bind = BindArrow;
  duckdb::CreateTableFunctionInfo info(std::move(function));
  info.internal = true;
  catalog.CreateTableFunction(context, info);
  connection.Commit();
}

}  // namespace deltic
