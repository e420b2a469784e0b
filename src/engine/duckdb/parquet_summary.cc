// Owns the reading of footers and the judging of their statistics: which can be believed is said in
// engine/parquet_summary.h, and why beside each rule here.
#include "engine/duckdb/parquet_summary.h"

#include <cmath>
#include <cstring>
#include <parquet_reader.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/legacy_calendar.h"
#include "engine/duckdb/parquet_columns.h"
#include "engine/duckdb/registry.h"
#include "engine/duckdb/store_files.h"

namespace deltic {
namespace {

using duckdb_parquet::Type;

// Before 1900 files in the hybrid calendar hold other numbers than they mean.
constexpr int64_t kYear1900Days = -25'567;
constexpr int64_t kYear1900Micros = -2'208'988'800'000'000;

template <class T>
std::optional<T> Plain(const std::string& bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));  // little-endian, as every machine that deltic runs on
  return value;
}

// Big-endian two's complement.
std::optional<Int128> Unscaled(const std::string& bytes) {
  if (bytes.empty()) return std::nullopt;
  const bool negative = static_cast<signed char>(bytes[0]) < 0;
  const char fill = negative ? '\xFF' : '\0';
  size_t begin = 0;
  while (bytes.size() - begin > sizeof(Int128)) {
    if (bytes[begin++] != fill) return std::nullopt;
  }
  unsigned __int128 value = negative ? ~static_cast<unsigned __int128>(0) : 0;
  for (size_t i = begin; i < bytes.size(); ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  const auto number = static_cast<Int128>(value);
  if ((number < 0) != negative) return std::nullopt;
  return number;
}

// "parquet-mr version 1.12.3 (build ...)": whether it is at least this version of that writer.
bool IsWriter(const std::string& created_by, std::string_view name, int major, int minor) {
  if (!created_by.starts_with(name)) return false;
  int has_major = 0, has_minor = 0;
  if (std::sscanf(created_by.c_str() + name.size(), "%d.%d", &has_major, &has_minor) != 2) return false;
  return has_major > major || (has_major == major && has_minor >= minor);
}

// Parquet says that readers should not believe bounds beside NaN, and lets writers leave NaN out of them; to Delta NaN
// is above all, so that a maximum that knows nothing of it would hide rows. These writers leave no bound where there is
// a NaN, or leave the NaN in it: parquet-mr since PARQUET-1246, DuckDB as read in its source.
bool TellsNan(const std::string& created_by) {
  return IsWriter(created_by, "parquet-mr version ", 1, 10) || IsWriter(created_by, "DuckDB version v", 1, 5);
}

// One bound as a literal of the leaf's type; nullopt when it is none.
std::optional<Literal> Decode(const std::string& bytes, const ParquetLeaf& leaf, Type::type physical) {
  const auto literal = [&](auto value) { return std::optional(Literal{leaf.type, value}); };
  switch (leaf.type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
    case TypeKind::kDate: {
      if (physical == Type::INT64) {
        const auto value = Plain<int64_t>(bytes);
        return value ? literal(*value) : std::nullopt;
      }
      if (leaf.is_unsigned) {
        const auto value = Plain<uint32_t>(bytes);
        return value ? literal(int64_t{*value}) : std::nullopt;
      }
      const auto value = Plain<int32_t>(bytes);
      return value ? literal(int64_t{*value}) : std::nullopt;
    }
    case TypeKind::kFloat: {
      const auto value = Plain<float>(bytes);
      return value && !std::isnan(*value) ? literal(static_cast<double>(*value)) : std::nullopt;
    }
    case TypeKind::kDouble: {
      const auto value = Plain<double>(bytes);
      return value && !std::isnan(*value) ? literal(*value) : std::nullopt;
    }
    case TypeKind::kDecimal: {
      if (physical == Type::INT32) {
        const auto value = Plain<int32_t>(bytes);
        return value ? literal(Int128{*value}) : std::nullopt;
      }
      if (physical == Type::INT64 && leaf.is_unsigned) {
        const auto value = Plain<uint64_t>(bytes);
        return value ? literal(static_cast<Int128>(*value)) : std::nullopt;
      }
      if (physical == Type::INT64) {
        const auto value = Plain<int64_t>(bytes);
        return value ? literal(Int128{*value}) : std::nullopt;
      }
      const auto value = Unscaled(bytes);
      return value ? literal(*value) : std::nullopt;
    }
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: {
      const auto value = physical == Type::INT64 ? Plain<int64_t>(bytes) : std::nullopt;
      int64_t micros = 0;
      if (!value || __builtin_mul_overflow(*value, leaf.micros_per_unit, &micros)) return std::nullopt;
      return literal(micros);
    }
    case TypeKind::kString:
      return literal(bytes);
    default:
      return std::nullopt;
  }
}

// Types that have bounds in Delta's statistics.
bool HasBounds(const ParquetLeaf& leaf, Type::type physical) {
  switch (leaf.type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
    case TypeKind::kVoid:
      return false;
    default:
      return physical != Type::INT96;  // no order is defined for it
  }
}

class LeafSum {
 public:
  LeafSum(const ParquetLeaf& leaf, Type::type physical, const std::string& created_by,
          const std::optional<LegacyCalendar>& calendar)
      : leaf_(leaf), physical_(physical), calendar_(calendar) {
    const TypeKind kind = leaf.type.kind();
    floating_ = kind == TypeKind::kFloat || kind == TypeKind::kDouble;
    bounded_ = HasBounds(leaf, physical) && (!floating_ || TellsNan(created_by));
  }

  void Add(const duckdb_parquet::ColumnMetaData& chunk) {
    const auto& statistics = chunk.statistics;
    const bool has = chunk.__isset.statistics;
    if (leaf_.only_nulls) {
      nulls_ += chunk.num_values;
      return;
    }
    if (!leaf_.may_be_null) {
      // No definition levels: there can be no NULL, whatever is written.
    } else if (has && statistics.__isset.null_count && statistics.null_count >= 0 &&
               statistics.null_count <= chunk.num_values) {
      nulls_ += statistics.null_count;
      if (statistics.null_count == chunk.num_values) return;
    } else {
      nulls_known_ = false;
    }
    if (chunk.num_values == 0) return;
    if (!bounded_ || !has || !AddBounds(statistics)) bounded_ = false;
  }

  std::optional<LeafStatistics> Take() const {
    if (!nulls_known_) return std::nullopt;
    LeafStatistics statistics{.path = leaf_.path, .null_count = nulls_};
    if (bounded_ && min_ && max_ && Credible()) {
      statistics.min = min_;
      statistics.max = max_;
    }
    return statistics;
  }

  // Whether reading the rows could tell more.
  bool Lacks(const std::optional<LeafStatistics>& taken, int64_t rows) const {
    if (!taken) return true;
    const bool could = HasBounds(leaf_, Type::INT32);
    return could && !taken->min && taken->null_count < rows;
  }

 private:
  bool AddBounds(const duckdb_parquet::Statistics& statistics) {
    const std::string* min = nullptr;
    const std::string* max = nullptr;
    if (statistics.__isset.min_value && statistics.__isset.max_value) {
      min = &statistics.min_value;
      max = &statistics.max_value;
    } else if (statistics.__isset.min && statistics.__isset.max && SignedOrder()) {
      min = &statistics.min;  // the old fields, which every writer filled as for signed numbers
      max = &statistics.max;
    }
    if (min == nullptr) return false;
    std::optional<Literal> low = Decode(*min, leaf_, physical_);
    std::optional<Literal> high = Decode(*max, leaf_, physical_);
    if (!low || !high) return false;
    const auto order = Compare(*low, *high);
    if (!order || *order > 0) return false;  // written by somebody who compared otherwise
    if (!min_ || *Compare(*low, *min_) < 0) min_ = std::move(low);
    if (!max_ || *Compare(*high, *max_) > 0) max_ = std::move(high);
    return true;
  }

  bool SignedOrder() const {
    const bool number = physical_ == Type::INT32 || physical_ == Type::INT64 || floating_;
    return number && !leaf_.is_unsigned;
  }

  bool Credible() const {
    if (!calendar_) return true;
    const TypeKind kind = leaf_.type.kind();
    if (kind == TypeKind::kDate) return !calendar_->dates || std::get<int64_t>(min_->value) >= kYear1900Days;
    if (kind != TypeKind::kTimestamp && kind != TypeKind::kTimestampNtz) return true;
    return !calendar_->timestamps || std::get<int64_t>(min_->value) >= kYear1900Micros;
  }

  const ParquetLeaf& leaf_;
  const Type::type physical_;
  const std::optional<LegacyCalendar>& calendar_;
  bool floating_ = false;
  bool bounded_ = false;
  bool nulls_known_ = true;
  int64_t nulls_ = 0;
  std::optional<Literal> min_;
  std::optional<Literal> max_;
};

Result<ParquetSummary> Summarize(duckdb::ClientContext& context, const std::string& key, const std::string& path) {
  duckdb::ParquetReader reader(context, duckdb::OpenFileInfo(path), duckdb::ParquetOptions());
  const duckdb_parquet::FileMetaData& footer = *reader.GetFileMetadata();
  DELTIC_TRY(ParquetColumns columns, ReadParquetColumns(footer.schema));
  const std::string created_by = footer.__isset.created_by ? footer.created_by : "";
  const std::optional<LegacyCalendar> calendar = FindLegacyCalendar(reader);
  ParquetSummary summary{.key = key, .schema = std::move(columns.fields), .num_rows = footer.num_rows};
  summary.shredded_variants = columns.shredded_variants;
  for (const ParquetLeaf& leaf : columns.leaves) {
    LeafSum sum(leaf, footer.schema[leaf.element].type, created_by, calendar);
    for (const auto& group : footer.row_groups) {
      if (leaf.column >= group.columns.size()) return Corrupt("a row group lacks the column {}", ToString(leaf.path));
      sum.Add(group.columns[leaf.column].meta_data);
    }
    const bool is_variant = leaf.type.kind() == TypeKind::kVariant;
    std::optional<LeafStatistics> taken = sum.Take();
    if (!is_variant && sum.Lacks(taken, footer.num_rows)) summary.num_columns_without_statistics++;
    if (taken) summary.statistics.push_back(std::move(*taken));
  }
  return summary;
}

}  // namespace

Result<std::vector<ParquetSummary>> ReadParquetSummaries(duckdb::DatabaseInstance& database,
                                                         const std::shared_ptr<ObjectStore>& store,
                                                         const std::vector<std::string>& keys, size_t threads,
                                                         const CancelToken& cancel) {
  const Handle<StoreFiles> handle(std::make_shared<StoreFiles>(store));
  const std::string prefix = StoreFilesPrefix(handle.name());
  std::vector<ParquetSummary> summaries(keys.size());
  // Consecutive files share a connection; each of these runs is one job.
  constexpr size_t kRun = 16;
  const size_t runs = (keys.size() + kRun - 1) / kRun;
  DELTIC_CHECK(ForEachParallel(runs, threads, [&](size_t run) -> Status {
    return Guard([&]() -> Status {
      duckdb::Connection connection(database);
      connection.BeginTransaction();
      for (size_t i = run * kRun; i < std::min(keys.size(), (run + 1) * kRun); ++i) {
        DELTIC_CHECK(cancel.Check());
        const auto local = store->LocalPath(keys[i]);
        Result<ParquetSummary> summary = Guard([&]() -> Result<ParquetSummary> {
          return Summarize(*connection.context, keys[i], local ? *local : prefix + keys[i]);
        });
        if (!summary.ok()) return std::move(summary).error().Wrap("reading the footer of " + keys[i]);
        summaries[i] = std::move(*summary);
      }
      connection.Rollback();
      return {};
    });
  }));
  return summaries;
}

}  // namespace deltic
