// Owns the mapping of writer properties.
#include "table/parquet_text.h"

namespace deltic {
namespace {

bool SaysNothing(const WriterProperties& properties) {
  return !properties.compression && !properties.compression_level && !properties.max_row_group_rows &&
         !properties.max_row_group_bytes && !properties.dictionary_size_limit && !properties.bloom_filters &&
         !properties.bloom_filter_false_positive_ratio;
}

}  // namespace

std::optional<ParquetOptions> ToParquet(const WriterProperties& properties) {
  if (SaysNothing(properties)) return std::nullopt;
  ParquetOptions options;
  options.compression = properties.compression.value_or("");
  options.compression_level = properties.compression_level;
  options.row_group_rows = properties.max_row_group_rows.value_or(0);
  options.row_group_bytes = properties.max_row_group_bytes.value_or(0);
  options.dictionary_size_limit = properties.dictionary_size_limit;
  options.bloom_filters = properties.bloom_filters.value_or(true);
  options.bloom_filter_false_positive_ratio = properties.bloom_filter_false_positive_ratio;
  return options;
}

}  // namespace deltic
