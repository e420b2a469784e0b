// Owns the parts of requests that most operations have: see requests.h.
#include "requests.h"

#include "base/error.h"

namespace deltic::python {

CommitProperties ToCommit(const nb::dict& given) {
  CommitProperties commit;
  Set(commit.user_metadata, given, "user_metadata");
  Set(commit.custom_metadata, given, "custom_metadata");
  Set(commit.app_transactions, given, "app_transactions");
  Set(commit.app_transactions_updated_ms, given, "app_transactions_updated_ms");
  Set(commit.max_retries, given, "max_retries");
  Set(commit.upkeep, given, "upkeep");
  return commit;
}

CommitProperties CommitOf(const nb::dict& request) {
  auto commit = Get<nb::dict>(request, "commit");
  return commit ? ToCommit(*commit) : CommitProperties();
}

WriterProperties ParquetOf(const nb::dict& request) {
  WriterProperties parquet;
  const auto given = Get<nb::dict>(request, "parquet");
  if (!given) return parquet;
  Set(parquet.compression, *given, "compression");
  Set(parquet.compression_level, *given, "compression_level");
  Set(parquet.max_row_group_rows, *given, "max_row_group_rows");
  Set(parquet.dictionary_size_limit, *given, "dictionary_size_limit");
  Set(parquet.bloom_filters, *given, "bloom_filters");
  Set(parquet.bloom_filter_false_positive_ratio, *given, "bloom_filter_false_positive_ratio");
  return parquet;
}

ArrowArrayStream TakeStream(const nb::object& capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  if (stream->release == nullptr) Raise(InvalidArgument("these rows have been read already"));
  ArrowArrayStream taken = *stream;
  stream->release = nullptr;
  return taken;
}

nb::object ProgressOf(const nb::dict& request) {
  return request.contains("progress") ? nb::object(request["progress"]) : nb::none();
}

}  // namespace deltic::python
