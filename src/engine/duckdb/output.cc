// Owns the Arrow stream, the text rows and the file writing of a query.
#include "engine/duckdb/output.h"

#include <unistd.h>

#include <cstring>

#include <duckdb/common/arrow/result_arrow_wrapper.hpp>

#include "base/error.h"
#include "engine/duckdb/url_files.h"

namespace deltic {
namespace {

using duckdb::idx_t;

// Rows of one Arrow batch: as many as a Parquet row group of DuckDB has, a few MB of typical rows.
constexpr idx_t kArrowBatchRows = 122880;

// An Arrow stream that keeps its session, and stops when its token is cancelled.
struct Stream {
  std::shared_ptr<Session> session;
  std::weak_ptr<CancelWatch> watch;                        // over this stream
  duckdb::ResultArrowArrayStreamWrapper* inner = nullptr;  // owned: freed by its own stream's release
  std::string error;

  static Stream* Of(ArrowArrayStream* stream) { return static_cast<Stream*>(stream->private_data); }

  static int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
    auto* self = Of(stream);
    return self->inner->stream.get_schema(&self->inner->stream, out);
  }
  static int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
    auto* self = Of(stream);
    return self->inner->stream.get_next(&self->inner->stream, out);
  }
  static const char* GetLastError(ArrowArrayStream* stream) {
    auto* self = Of(stream);
    const auto& error = self->inner->last_error;
    if (!error.HasError()) return "";
    self->error = FromDuckError(error).ToString();
    return self->error.c_str();
  }
  static void Release(ArrowArrayStream* stream) {
    if (stream->release == nullptr) return;
    auto* self = Of(stream);
    self->session->EndWatch(self->watch);
    self->inner->stream.release(&self->inner->stream);
    delete self;
    stream->release = nullptr;
  }
};

class TextStream : public TextRows {
 public:
  TextStream(std::shared_ptr<Session> session, duckdb::unique_ptr<duckdb::QueryResult> result,
             std::vector<std::string> names, std::vector<bool> right)
      : session_(std::move(session)),
        watch_(session_->watch),
        result_(std::move(result)),
        names_(std::move(names)),
        right_(std::move(right)) {}
  ~TextStream() override {
    session_->EndWatch(watch_);
    result_.reset();
  }

  const std::vector<std::string>& names() const override { return names_; }
  const std::vector<bool>& right_aligned() const override { return right_; }

  Result<std::vector<std::vector<std::optional<std::string>>>> Next() override {
    using Rows = std::vector<std::vector<std::optional<std::string>>>;
    return Guard([&]() -> Result<Rows> {
      Rows rows;
      auto chunk = result_->Fetch();
      if (result_->HasError()) return FromDuckError(result_->GetErrorObject());
      if (chunk == nullptr) return rows;
      rows.resize(chunk->size());
      for (idx_t column = 0; column < chunk->ColumnCount(); column++) {
        duckdb::UnifiedVectorFormat format;
        chunk->data[column].ToUnifiedFormat(chunk->size(), format);
        const auto* values = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
        for (idx_t row = 0; row < chunk->size(); row++) {
          const auto index = format.sel->get_index(row);
          rows[row].push_back(format.validity.RowIsValid(index) ? std::optional(values[index].GetString())
                                                                : std::nullopt);
        }
      }
      return rows;
    });
  }

 private:
  std::shared_ptr<Session> session_;
  std::weak_ptr<CancelWatch> watch_;  // over this stream
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::vector<std::string> names_;
  std::vector<bool> right_;
};

std::string CopyOptions(const ExportOptions& options, bool json_rows) {
  std::string text = options.format == FileFormat::kParquet ? "FORMAT parquet"
                     : options.format == FileFormat::kCsv   ? "FORMAT csv, HEADER true"
                     : json_rows ? "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER e'\\x01'"
                                 : "FORMAT json";
  if (!options.compression.empty()) text += ", COMPRESSION " + QuoteText(options.compression);
  return text + ", USE_TMP_FILE false";
}

// A query's start ends the stream before it, and so the watch over that: first, for scopes end in the reverse order.
void Watch(Session& session, const CancelToken& cancel) {
  session.watch.reset();
  session.watch = std::make_shared<CancelWatch>(cancel, session.connection.context);
}

}  // namespace

Status StartArrow(std::shared_ptr<Session> session, const std::string& sql, const CancelToken& cancel,
                  ArrowArrayStream* out) {
  // Watched from the start: a query that sorts or aggregates does all of its work before its first batch.
  Watch(*session, cancel);
  auto result = session->connection.SendQuery(sql);
  if (result->HasError()) {
    session->watch.reset();
    return FromDuckError(result->GetErrorObject());
  }
  auto stream = std::make_unique<Stream>();
  stream->session = std::move(session);
  stream->watch = stream->session->watch;
  stream->inner = new duckdb::ResultArrowArrayStreamWrapper(std::move(result), kArrowBatchRows);
  out->get_schema = Stream::GetSchema;
  out->get_next = Stream::GetNext;
  out->get_last_error = Stream::GetLastError;
  out->release = Stream::Release;
  out->private_data = stream.release();
  return {};
}

Result<std::unique_ptr<TextRows>> StartText(std::shared_ptr<Session> session, const std::string& sql,
                                            std::vector<std::string> names, std::vector<bool> right,
                                            const CancelToken& cancel) {
  Watch(*session, cancel);
  duckdb::unique_ptr<duckdb::QueryResult> result = session->connection.SendQuery(sql);
  if (result->HasError()) {
    session->watch.reset();
    return FromDuckError(result->GetErrorObject());
  }
  return std::unique_ptr<TextRows>(
      new TextStream(std::move(session), std::move(result), std::move(names), std::move(right)));
}

Result<int64_t> RunExport(Session& session, const std::string& sql, const ExportOptions& options, bool json_rows,
                          const CancelToken& cancel) {
  // An object appears whole, when it is closed: it needs no name of its own before that.
  const bool streams = options.path == "/dev/stdout" || IsStoreUrl(options.path);
  const auto target = streams ? options.path : options.path + ".deltic-tmp-" + std::to_string(getpid());
  auto result = [&] {
    CancelWatch watch(cancel, session.connection.context);
    return session.connection.Query("COPY (" + sql + "\n) TO " + QuoteText(target) + " (" +
                                    CopyOptions(options, json_rows) + ")");
  }();
  if (result->HasError()) {
    if (!streams) unlink(target.c_str());
    return FromDuckError(result->GetErrorObject());
  }
  if (!streams && rename(target.c_str(), options.path.c_str()) != 0) {
    const int error = errno;
    unlink(target.c_str());
    return Unavailable("naming the finished output {}: {}", options.path, strerror(error));
  }
  return result->GetValue(0, 0).GetValue<int64_t>();
}

}  // namespace deltic
