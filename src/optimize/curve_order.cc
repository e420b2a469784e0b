// Owns the sampling. A sample of some 50,000 rows tells 1,024 ranges well enough: each is off by a few percent of its
// own width and none is missed.
#include "optimize/curve_order.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/error.h"
#include "engine/curve.h"
#include "engine/work_session.h"
#include "scan/table_files.h"
#include "schema/column_text.h"
#include "schema/engine_sql.h"
#include "write/statistics.h"

namespace deltic {
namespace {

constexpr int64_t kSampleRows = 50'000;
// Of a row in a file, where nobody says how many there are.
constexpr int64_t kBytesOfRow = 32;

struct FoundColumn {
  ColumnPath logical, physical;
  const StructField* field = nullptr;
};

// Through structs only. A field that is not there leaves `field` null.
FoundColumn Find(const Fields& schema, const ColumnPath& path, MappingMode mode) {
  FoundColumn found;
  const Fields* level = &schema;
  for (size_t i = 0; i < path.size(); ++i) {
    found.field = level == nullptr ? nullptr : FindField(*level, path[i]);
    if (found.field == nullptr) return found;
    found.logical.push_back(found.field->name);
    found.physical.push_back(PhysicalName(*found.field, mode));
    level = found.field->type.kind() == TypeKind::kStruct ? &found.field->type.fields() : nullptr;
  }
  return found;
}

std::string ColumnSql(const ColumnPath& path) {
  std::string sql = QuoteSqlName(path[0]);
  for (size_t i = 1; i < path.size(); ++i) sql = "struct_extract(" + sql + ", " + QuoteSqlText(path[i]) + ")";
  return sql;
}

// Some 50,000 of the files' rows, chosen by a hash of their places: the same files are ordered the same way, and
// threads need not wait for each other as they do for a seeded TABLESAMPLE.
std::string SampleSql(const std::vector<ColumnPath>& columns, std::optional<int64_t> rows) {
  std::string keys;
  for (const ColumnPath& column : columns) {
    keys += fmt::format("{}hex(deltic_order_key({}))", keys.empty() ? "" : ", ", ColumnSql(column));
  }
  const int64_t one_of = rows ? *rows / kSampleRows : 10;
  std::string sql = "SELECT " + keys + " FROM deltic_group";
  if (one_of > 1) {
    sql += fmt::format(" WHERE hash({}, {}) % {} = 0", QuoteSqlName(kFileNumberColumn), QuoteSqlName(kRowNumberColumn),
                       one_of);
  }
  return sql;
}

// For each column the sampled rows' keys, as hexadecimal digits: they compare as the bytes do.
using Sample = std::vector<std::vector<std::string>>;

Result<Sample> ReadSample(Engine& engine, const std::shared_ptr<const Snapshot>& table, const FileGroup& group,
                          const std::vector<ColumnPath>& columns, const CancelToken& cancel) {
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(table, {}));
  spec.scan.files = MakeFileSource(table, group.files);
  DELTIC_TRY(auto session, engine.OpenWork(nullptr));
  DELTIC_CHECK(session->AddScan("deltic_group", spec.scan, {.places = true}));
  DELTIC_TRY(auto rows, session->ReadText(SampleSql(columns, group.rows), cancel));
  Sample sample(columns.size());
  while (true) {
    DELTIC_TRY(auto batch, rows->Next());
    if (batch.empty()) return sample;
    for (auto& row : batch) {
      for (size_t i = 0; i < columns.size(); ++i) sample[i].push_back(std::move(row[i]).value_or(""));
    }
  }
}

// kRanges - 1 values that cut the ascending ones into equal shares, repeats and all.
template <class T>
std::vector<T> Quantiles(const std::vector<T>& ascending) {
  std::vector<T> quantiles;
  if (ascending.empty()) return quantiles;
  for (size_t i = 1; i < kRanges; ++i) quantiles.push_back(ascending[ascending.size() * i / kRanges]);
  return quantiles;
}

std::vector<std::string> RangeBounds(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  return Quantiles(keys);
}

// The curve's numbers of the sampled rows, ascending.
std::vector<uint64_t> CurveNumbers(const Sample& sample, const std::vector<std::vector<std::string>>& bounds,
                                   Curve curve) {
  const int bits = BitsPerAxis(sample.size());
  std::vector<RangeNumbers> ranges;
  for (const std::vector<std::string>& of_column : bounds) ranges.emplace_back(of_column);
  std::vector<uint64_t> numbers;
  std::vector<uint32_t> cell(sample.size());
  for (size_t row = 0; row < sample[0].size(); ++row) {
    for (size_t i = 0; i < sample.size(); ++i) cell[i] = AxisCell(ranges[i].Of(std::string_view(sample[i][row])), bits);
    numbers.push_back(curve == Curve::kHilbert ? Hilbert(cell.data(), cell.size(), bits)
                                               : ZOrder(cell.data(), cell.size(), bits));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (size_t i = 0; i < texts.size(); ++i) joined += (i > 0 ? "," : "") + texts[i];
  return joined;
}

}  // namespace

Result<std::vector<ColumnPath>> FindCurveColumns(const Snapshot& table, const std::vector<std::string>& names) {
  if (names.size() > kMaxCurveColumns) {
    return InvalidArgument("Z-order by {} columns: at most {} are possible, and more than four hardly help any of them",
                           names.size(), kMaxCurveColumns);
  }
  const auto statistics = StatisticsColumns(table.schema(), table.metadata().partition_columns, table.config());
  std::vector<ColumnPath> columns;
  for (const std::string& name : names) {
    DELTIC_TRY(const ColumnPath path, ParseColumnText(name, table.schema()));
    FoundColumn column = Find(table.schema(), path, table.config().mapping_mode);
    if (column.field == nullptr) {
      std::string known;
      for (const StructField& field : table.schema()) known += (known.empty() ? "" : ", ") + field.name;
      return InvalidArgument("Z-order by {}: the table has no such column; it has {}", name, known);
    }
    for (const std::string& partition : table.metadata().partition_columns) {
      if (path.size() == 1 && FindField({*column.field}, partition) != nullptr) {
        return InvalidArgument("Z-order by {}: it is a partition column, whose values stand apart already", name);
      }
    }
    const TypeKind kind = column.field->type.kind();
    if (column.field->type.nested() || kind == TypeKind::kVariant || kind == TypeKind::kVoid) {
      return InvalidArgument("Z-order by {}: values of type {} have no order", name, column.field->type.ToString());
    }
    if (!statistics.contains(column.physical)) {
      return InvalidArgument(
          "Z-order by {}: the table keeps no statistics of the column, so no reader could skip files by it: raise "
          "delta.dataSkippingNumIndexedCols or name it in delta.dataSkippingStatsColumns",
          name);
    }
    if (std::find(columns.begin(), columns.end(), column.logical) != columns.end()) {
      return InvalidArgument("Z-order by {}: the column is named twice", name);
    }
    columns.push_back(std::move(column.logical));
  }
  return columns;
}

namespace {

// Whether deltic_order_number takes the column: its values and their order fit into eight bytes.
bool IsShortNumber(const StructField& field) {
  switch (field.type.kind()) {
    case TypeKind::kString:
    case TypeKind::kBinary:
      return false;
    case TypeKind::kDecimal:
      return field.type.precision() <= 18;
    default:
      return true;
  }
}

// By the column itself. Where it is a number, a sample of it makes the sort cheaper.
Result<RowOrder> ColumnOrder(Engine& engine, const std::shared_ptr<const Snapshot>& table, const FileGroup& group,
                             const ColumnPath& column, const CancelToken& cancel) {
  RowOrder order;
  order.sql = ColumnSql(column);
  const StructField* field = Find(table->schema(), column, table->config().mapping_mode).field;
  if (field == nullptr || !IsShortNumber(*field)) return order;
  DELTIC_TRY(const Sample sample, ReadSample(engine, table, group, {column}, cancel));
  std::vector<uint64_t> numbers;
  for (const std::string& key : sample[0]) {
    uint64_t number = ~uint64_t{0};  // NULLs are last
    std::from_chars(key.data(), key.data() + key.size(), number, 16);
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  order.sql = "deltic_order_number(" + order.sql + ")";
  order.bounds = Quantiles(numbers);
  order.expected_rows = group.rows.value_or(group.bytes / kBytesOfRow);
  return order;
}

}  // namespace

Result<RowOrder> CurveOrder(Engine& engine, const std::shared_ptr<const Snapshot>& table, const FileGroup& group,
                            const std::vector<ColumnPath>& columns, Curve curve, const CancelToken& cancel) {
  RowOrder order;
  if (columns.size() == 1) return ColumnOrder(engine, table, group, columns[0], cancel);
  DELTIC_TRY(const Sample sample, ReadSample(engine, table, group, columns, cancel));
  std::vector<std::vector<std::string>> bounds;
  std::string numbers;
  for (size_t i = 0; i < columns.size(); ++i) {
    bounds.push_back(RangeBounds(sample[i]));
    numbers += fmt::format("{}deltic_range_number({}, {})", i > 0 ? ", " : "", ColumnSql(columns[i]),
                           QuoteSqlText(Joined(bounds.back())));
  }
  order.sql = (curve == Curve::kHilbert ? "deltic_hilbert(" : "deltic_zorder(") + numbers + ")";
  order.bounds = Quantiles(CurveNumbers(sample, bounds, curve));
  order.expected_rows = group.rows.value_or(group.bytes / kBytesOfRow);
  return order;
}

}  // namespace deltic
