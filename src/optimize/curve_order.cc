// Owns the sampling. A sample of some 50,000 rows tells 1,024 ranges well enough: each is off by a few percent of its
// own width and none is missed.
#include "optimize/curve_order.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "engine/curve.h"
#include "scan/table_files.h"
#include "schema/column_text.h"
#include "schema/engine_sql.h"
#include "write/statistics.h"

namespace deltic {
namespace {

constexpr double kSampleRows = 50'000;

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

// For each column its ranges' bounds, as deltic_range_number takes them.
std::string BoundsSql(const std::vector<ColumnPath>& columns, std::optional<int64_t> rows) {
  std::string fractions;
  for (size_t i = 1; i < kRanges; ++i) {
    fractions += (i > 1 ? "," : "[") + fmt::format("{}::DOUBLE", static_cast<double>(i) / static_cast<double>(kRanges));
  }
  fractions += "]";
  std::string keys;
  std::string bounds;
  for (size_t i = 0; i < columns.size(); ++i) {
    keys += fmt::format("{}deltic_order_key({}) AS k{}", i > 0 ? ", " : "", ColumnSql(columns[i]), i);
    bounds += fmt::format("{}array_to_string(list_transform(quantile_disc(k{}, {}), lambda key: hex(key)), ',')",
                          i > 0 ? ", " : "", i, fractions);
  }
  // A seed: the same files are ordered the same way.
  const double percent = rows ? 100 * kSampleRows / static_cast<double>(std::max<int64_t>(*rows, 1)) : 10;
  const std::string sample = percent < 100 ? fmt::format(" TABLESAMPLE {:.6f}% (bernoulli, 42)", percent) : "";
  return fmt::format("SELECT {} FROM (SELECT {} FROM deltic_group{})", bounds, keys, sample);
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

Result<std::string> CurveOrder(Engine& engine, const std::shared_ptr<const Snapshot>& table, const FileGroup& group,
                               const std::vector<ColumnPath>& columns, Curve curve, const CancelToken& cancel) {
  if (columns.size() == 1) return ColumnSql(columns[0]);
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(table, {}));
  spec.scan.files = MakeFileSource(table, group.files);
  DELTIC_TRY(auto session, engine.OpenSql([](const TableReference&) -> Result<ScanSpec> {
    return Error(Code::kInternal, "ordering rows reads no other table");
  }));
  DELTIC_CHECK(session->Register("deltic_group", spec.scan));
  DELTIC_TRY(auto rows, session->ReadText(BoundsSql(columns, group.rows), cancel));
  DELTIC_TRY(const auto batch, rows->Next());
  if (batch.empty()) return Internal("the sample of a group of files has no answer");
  std::string numbers;
  for (size_t i = 0; i < columns.size(); ++i) {
    numbers += fmt::format("{}deltic_range_number({}, {})", i > 0 ? ", " : "", ColumnSql(columns[i]),
                           QuoteSqlText(batch[0][i].value_or("")));
  }
  return (curve == Curve::kHilbert ? "deltic_hilbert(" : "deltic_zorder(") + numbers + ")";
}

}  // namespace deltic
