// Owns the way from footers and rows to statistics.
#include "clone/file_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "schema/engine_sql.h"
#include "write/statistics.h"

namespace deltic {
namespace {

constexpr int kStringPrefix = 32;

const DataType* TypeAt(const Fields& fields, const ColumnPath& path, ColumnPath* spelled) {
  const Fields* level = &fields;
  const DataType* type = nullptr;
  for (const std::string& name : path) {
    if (level == nullptr) return nullptr;
    const StructField* field = FindField(*level, name);
    if (field == nullptr) return nullptr;
    if (spelled != nullptr) spelled->push_back(field->name);
    type = &field->type;
    level = type->kind() == TypeKind::kStruct ? &type->fields() : nullptr;
  }
  return type;
}

// One file as a table of its own.
class OneFile : public FileSource {
 public:
  explicit OneFile(ScanFile file) : file_(std::move(file)) {}
  Result<std::unique_ptr<FileCursor>> Open(const Predicate& /*filter*/) override {
    return std::unique_ptr<FileCursor>(std::make_unique<Cursor>(file_));
  }
  Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile& /*file*/) override {
    return Internal("a converted file has no deletion vector");
  }
  int64_t EstimatedRows() const override { return 1'000'000; }

 private:
  class Cursor : public FileCursor {
   public:
    explicit Cursor(const ScanFile& file) : file_(file) {}
    Result<std::optional<ScanFile>> Next() override { return std::exchange(file_, std::nullopt); }

   private:
    std::optional<ScanFile> file_;
  };
  const ScanFile file_;
};

// Expressions whose text is a bound of the type, read back by ReadBound.
std::string BoundSql(const std::string& function, const std::string& column, const DataType& type) {
  const std::string value = function + "(" + column + ")";
  switch (type.kind()) {
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return "CAST(CAST(" + value + " AS DOUBLE) AS VARCHAR)";
    case TypeKind::kDate:
      return "CAST(date_diff('day', DATE '1970-01-01', " + value + ") AS VARCHAR)";
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return "CAST(epoch_us(" + value + ") AS VARCHAR)";
    case TypeKind::kBoolean:
    case TypeKind::kBinary:
      return "CAST(NULL AS VARCHAR)";
    default:
      return "CAST(" + value + " AS VARCHAR)";
  }
}

std::optional<Literal> ReadBound(const std::optional<std::string>& text, const DataType& type) {
  if (!text) return std::nullopt;
  const char* const end = text->data() + text->size();
  switch (type.kind()) {
    case TypeKind::kString:
      return Literal{type, *text};
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      double value = 0;
      const auto [at, error] = std::from_chars(text->data(), end, value);
      return error == std::errc() && at == end ? std::optional(Literal{type, value}) : std::nullopt;
    }
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: {
      int64_t value = 0;
      const auto [at, error] = std::from_chars(text->data(), end, value);
      return error == std::errc() && at == end ? std::optional(Literal{type, value}) : std::nullopt;
    }
    default: {
      Result<Literal> literal = ParsePartitionValue(text, type);
      return literal.ok() && !literal->is_null() ? std::optional(std::move(*literal)) : std::nullopt;
    }
  }
}

std::string ColumnSql(const ColumnPath& path) {
  std::string sql;
  for (const std::string& name : path) sql += (sql.empty() ? "" : ".") + QuoteSqlName(name);
  return path.size() == 1 ? sql : "rows_of_file." + sql;
}

}  // namespace

FileStatistics::FileStatistics(Engine& engine, const std::shared_ptr<ObjectStore>& store, const TableDefinition& table,
                               const TableConfig& config)
    : engine_(engine),
      store_(store),
      table_(table),
      config_(config),
      columns_(StatisticsColumns(table.schema, table.metadata.partition_columns, config)) {
  FindLeaves(table.schema, {});
}

void FileStatistics::FindLeaves(const Fields& fields, const ColumnPath& above) {
  for (const StructField& field : fields) {
    ColumnPath path = above;
    path.push_back(field.name);
    if (field.type.kind() == TypeKind::kStruct) {
      FindLeaves(field.type.fields(), path);
    } else if (!field.type.nested() && field.type.kind() != TypeKind::kVariant && columns_.contains(path)) {
      leaves_.push_back({.path = std::move(path), .type = field.type});
    }
  }
}

std::vector<LeafStatistics> FileStatistics::Known(const ParquetSummary& file) const {
  std::vector<LeafStatistics> known;
  for (const LeafStatistics& leaf : file.statistics) {
    LeafStatistics mine = leaf;
    mine.path.clear();
    if (TypeAt(table_.schema, leaf.path, &mine.path) != nullptr) known.push_back(std::move(mine));
  }
  for (const Leaf& leaf : leaves_) {
    if (TypeAt(file.schema, leaf.path, nullptr) != nullptr) continue;
    known.push_back({.path = leaf.path, .null_count = file.num_rows});
  }
  return known;
}

std::string FileStatistics::ToJson(const ParquetSummary& file, std::vector<LeafStatistics> statistics) const {
  // In the order of the table's columns.
  std::vector<LeafStatistics> ordered;
  for (const Leaf& leaf : leaves_) {
    const auto found = std::find_if(statistics.begin(), statistics.end(),
                                    [&](const LeafStatistics& known) { return known.path == leaf.path; });
    if (found != statistics.end()) ordered.push_back(std::move(*found));
  }
  WrittenFile written{.key = file.key, .num_rows = file.num_rows, .statistics = std::move(ordered)};
  return StatisticsJson(written, columns_, config_.stats_string_prefix.value_or(kStringPrefix));
}

std::string FileStatistics::OfFooter(const ParquetSummary& file) const { return ToJson(file, Known(file)); }

Result<std::string> FileStatistics::OfRows(const ParquetSummary& file, const AddFile& add,
                                           const CancelToken& cancel) const {
  std::vector<LeafStatistics> statistics = Known(file);
  std::vector<const Leaf*> asked;
  std::string select = "SELECT CAST(count(*) AS VARCHAR)";
  for (const Leaf& leaf : leaves_) {
    const auto known = std::find_if(statistics.begin(), statistics.end(),
                                    [&](const LeafStatistics& one) { return one.path == leaf.path; });
    if (known != statistics.end() && (known->min || known->null_count == file.num_rows)) continue;
    if (known != statistics.end()) statistics.erase(known);
    asked.push_back(&leaf);
    const std::string column = ColumnSql(leaf.path);
    const bool floating = leaf.type.kind() == TypeKind::kFloat || leaf.type.kind() == TypeKind::kDouble;
    select += fmt::format(", CAST(count({}) AS VARCHAR), {}, {}, {}", column, BoundSql("min", column, leaf.type),
                          BoundSql("max", column, leaf.type),
                          floating ? "CAST(coalesce(bool_or(isnan(" + column + ")), false) AS VARCHAR)" : "'false'");
  }
  if (asked.empty()) return ToJson(file, std::move(statistics));
  ScanFile scan_file{.key = file.key, .size_bytes = add.size, .modified_ms = add.modification_time};
  if (auto local = store_->LocalPath(file.key)) scan_file.local_path = std::move(*local);
  ScanSpec scan{.store = store_, .schema = table_.schema, .partition_columns = table_.metadata.partition_columns};
  for (const std::string& name : scan.partition_columns) {
    const StructField* field = FindField(table_.schema, name);
    const auto value = add.partition_values.find(name);
    DELTIC_TRY(Literal literal,
               ParsePartitionValue(value == add.partition_values.end() ? std::nullopt : value->second, field->type));
    scan_file.partition_values.push_back(std::move(literal));
  }
  scan.files = std::make_shared<OneFile>(std::move(scan_file));
  DELTIC_TRY(const auto session, engine_.OpenSql(TableResolver()));
  DELTIC_CHECK(session->Register("rows_of_file", scan));
  DELTIC_TRY(const auto rows, session->ReadText(select + " FROM rows_of_file", cancel));
  DELTIC_TRY(const auto batch, rows->Next());
  if (batch.empty() || batch[0].size() != 1 + 4 * asked.size()) return Internal("statistics were asked for in vain");
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto* cells = &batch[0][1 + 4 * i];
    LeafStatistics leaf{.path = asked[i]->path};
    leaf.null_count = file.num_rows - std::stoll(cells[0].value_or("0"));
    leaf.has_nan = cells[3] == "true";
    if (!leaf.has_nan) {
      leaf.min = ReadBound(cells[1], asked[i]->type);
      leaf.max = ReadBound(cells[2], asked[i]->type);
    }
    statistics.push_back(std::move(leaf));
  }
  return ToJson(file, std::move(statistics));
}

}  // namespace deltic
