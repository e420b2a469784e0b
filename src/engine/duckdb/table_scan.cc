// Owns the subclasses of DuckDB's multi-file reader that make a Parquet scan a table scan.
//
// How a scan runs: binding takes names and types from the table's schema, so no file is opened to plan. Filter pushdown
// turns the bound filters into a Predicate, with which the FileSource is opened lazily: files stream in while others
// are read. Each file, when opened, gets its constants (partition values), its deletion mask and its own column match.
//
// Filters are attached to a file here and not by DuckDB's mapper: that one casts a filter's constant to the file's
// type, which rounds (x = 1.5 on a file that holds x as INTEGER would find 2).
#include "engine/duckdb/table_scan.h"

#include <sys/stat.h>

#include <atomic>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/multi_file/multi_file_function.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/cast/default_casts.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>
#include <map>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "engine/duckdb/columns.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/legacy_calendar.h"
#include "engine/duckdb/predicate.h"
#include "engine/duckdb/query_stop.h"
#include "engine/duckdb/read_plan.h"
#include "engine/duckdb/registry.h"
#include "engine/duckdb/store_files.h"
#include "engine/duckdb/table_filters.h"

namespace deltic {
namespace {

using duckdb::ClientContext;
using duckdb::ColumnIndex;
using duckdb::DataChunk;
using duckdb::Expression;
using duckdb::ExpressionType;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::make_uniq;
using duckdb::MultiFileGlobalIndex;
using duckdb::MultiFileReader;
using duckdb::OpenFileInfo;
using duckdb::optional_ptr;
using duckdb::ReaderInitializeType;
using duckdb::TableFilter;
using duckdb::TableFilterSet;
using duckdb::TableFilterType;
using duckdb::unique_ptr;
using duckdb::Value;

// How many files after one that is opened are opened ahead, of a store behind a network: a few at first, as a reader
// may want but a few rows.
idx_t FilesAhead(idx_t index) { return std::min<idx_t>(32, 4 + 4 * index); }

// A deletion mask that is loaded once, by whom it is asked of first.
class MaskJob {
 public:
  using Mask = Result<std::shared_ptr<const RowMask>>;
  MaskJob(std::shared_ptr<FileSource> source, std::shared_ptr<const ScanFile> file)
      : source_(std::move(source)), file_(std::move(file)) {}
  const Mask& Get() {
    std::call_once(once_, [this] { mask_ = source_->LoadMask(*file_); });
    return *mask_;
  }

 private:
  const std::shared_ptr<FileSource> source_;
  const std::shared_ptr<const ScanFile> file_;
  std::once_flag once_;
  std::optional<Mask> mask_;
};

// The files that one predicate keeps, pulled from the source as far as the scan has come. Shared by the copies that
// DuckDB makes of a plan, so that a file's index means the same file in all of them. Thread-safe.
class PulledFiles {
 public:
  PulledFiles(std::shared_ptr<ScanTable> table, Predicate predicate, StopSign sign)
      : table_(std::move(table)), predicate_(std::move(predicate)), sign_(std::move(sign)) {}
  // Of a session's table the read-ahead outlives the scan, which may have ended before it came to what it expected.
  ~PulledFiles() {
    for (const std::string& name : names_) table_->store_files->ahead().Unexpect(name);
  }
  PulledFiles(const PulledFiles&) = delete;
  PulledFiles& operator=(const PulledFiles&) = delete;

  // Null at the end.
  std::shared_ptr<const ScanFile> At(idx_t index) {
    const CancelScope scope(sign_);
    std::lock_guard lock(mutex_);
    PullThrough(index);
    if (scanning_) ExpectAfter(index);
    return index < files_.size() ? files_[index] : nullptr;
  }

  // From here on files are asked for because they are read.
  void BeginScan() {
    std::lock_guard lock(mutex_);
    scanning_ = table_->store_files != nullptr && table_->spec.store->remote();
  }

  MaskJob::Mask LoadMask(idx_t index, const ScanFile& file) {
    const CancelScope scope(sign_);
    std::shared_ptr<MaskJob> job;
    {
      std::lock_guard lock(mutex_);
      const auto found = masks_.find(index);
      if (found != masks_.end()) {
        job = std::move(found->second);
        masks_.erase(found);
      }
    }
    // What failed before it mattered is tried again.
    if (job != nullptr && job->Get().ok()) return job->Get();
    return table_->spec.files->LoadMask(file);
  }

  // What an opened file reads is read ahead, and of the files after it what this one reads.
  void Plan(duckdb::BaseFileReader& reader) {
    const auto& path = reader.GetFileName();
    if (table_->store_files == nullptr || !path.starts_with(table_->store_prefix)) return;
    const CancelScope scope(sign_);
    auto& ahead = table_->store_files->ahead();
    const auto columns = ColumnsOf(reader);
    if (!planned_.exchange(true)) {
      ahead.SetPlan([columns](const ObjectMeta& meta, std::string_view tail) { return RangesOf(meta, tail, columns); });
    }
    ahead.ExpectRanges(path.substr(table_->store_prefix.size()), RangesOf(reader, columns));
  }

  idx_t Count() {
    for (idx_t i = Known().first; At(i) != nullptr;) i = Known().first;
    return Known().first;
  }
  std::pair<idx_t, bool> Known() {
    std::lock_guard lock(mutex_);
    return {files_.size(), done_};
  }
  const std::shared_ptr<ScanTable>& table() const { return table_; }
  const Predicate& predicate() const { return predicate_; }

 private:
  void PullThrough(idx_t index) {
    // A cursor that failed must not go on: it may have passed over a commit.
    if (failed_) ThrowError(*failed_);
    while (files_.size() <= index && !done_) {
      if (cursor_ == nullptr) {
        auto opened = table_->spec.files->Open(predicate_);
        if (!opened.ok()) ThrowError(opened.error());
        cursor_ = std::move(opened).value();
      }
      auto next = cursor_->Next();
      if (!next.ok()) {
        failed_ = next.error();
        ThrowError(*failed_);
      }
      if (next.value().has_value()) {
        files_.push_back(std::make_shared<const ScanFile>(std::move(*next.value())));
      } else {
        done_ = true;
        cursor_.reset();
      }
    }
  }

  void ExpectAfter(idx_t index) {
    const idx_t until = index + 1 + FilesAhead(index);
    PullThrough(until - 1);
    auto& ahead = table_->store_files->ahead();
    for (expected_ = std::max(expected_, index + 1); expected_ < std::min<idx_t>(until, files_.size()); ++expected_) {
      const auto& file = files_[expected_];
      if (file->local_path.empty()) {
        auto target = table_->store_files->Find(StoreName(file->key, file->url), file->size_bytes);
        // What cannot be found is told when it is opened.
        if (target.ok() && target->place.store->remote()) {
          names_.push_back(target->name);
          ahead.Expect(*target);
        }
      }
      if (file->has_deletions && table_->spec.store->remote()) {
        const auto job = std::make_shared<MaskJob>(table_->spec.files, file);
        masks_.emplace(expected_, job);
        ahead.ExpectTask([job] { job->Get(); });
      }
    }
  }

  std::shared_ptr<ScanTable> table_;
  const Predicate predicate_;
  const StopSign sign_;  // of the query
  std::atomic<bool> planned_{false};
  std::mutex mutex_;
  bool scanning_ = false;
  idx_t expected_ = 0;                               // files before it were opened, or are expected
  std::map<idx_t, std::shared_ptr<MaskJob>> masks_;  // of files that are expected
  std::vector<std::string> names_;                   // of those that were
  std::unique_ptr<FileCursor> cursor_;
  std::vector<std::shared_ptr<const ScanFile>> files_;
  bool done_ = false;
  std::optional<Error> failed_;
};

class TableFileList : public duckdb::MultiFileList {
 public:
  explicit TableFileList(std::shared_ptr<PulledFiles> files) : files_(std::move(files)) {}

  duckdb::vector<OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<OpenFileInfo> all;
    for (idx_t i = 0; files_->At(i) != nullptr; i++) all.push_back(GetFile(i));
    return all;
  }
  // Always "multiple": to know better would mean to plan files before the filters are known.
  duckdb::FileExpandResult GetExpandResult() const override { return duckdb::FileExpandResult::MULTIPLE_FILES; }
  idx_t GetTotalFileCount() const override { return files_->Count(); }
  duckdb::MultiFileCount GetFileCount(idx_t) const override {
    auto [count, done] = files_->Known();
    return duckdb::MultiFileCount(
        count, done ? duckdb::FileExpansionType::ALL_FILES_EXPANDED : duckdb::FileExpansionType::NOT_ALL_FILES_KNOWN);
  }
  duckdb::vector<OpenFileInfo> GetDisplayFileList(duckdb::optional_idx) const override { return {}; }
  unique_ptr<duckdb::NodeStatistics> GetCardinality(ClientContext&) const override {
    return make_uniq<duckdb::NodeStatistics>(static_cast<idx_t>(files_->table()->spec.files->EstimatedRows()));
  }
  unique_ptr<MultiFileList> Copy() const override { return make_uniq<TableFileList>(files_); }

  const std::shared_ptr<PulledFiles>& files() const { return files_; }

 protected:
  bool FileIsAvailable(idx_t i) const override { return i < files_->Known().first; }
  OpenFileInfo GetFile(idx_t i) const override {
    auto file = files_->At(i);
    if (file == nullptr) return OpenFileInfo();
    OpenFileInfo info(file->local_path.empty() ? files_->table()->store_prefix + StoreName(file->key, file->url)
                                               : file->local_path);
    info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    if (file->local_path.empty()) {
      // Data files never change, so what the log says of them spares asking the store.
      info.extended_info->options["file_size"] = Value::UBIGINT(static_cast<uint64_t>(file->size_bytes));
      info.extended_info->options["last_modified"] = Value::TIMESTAMP(duckdb::timestamp_t(file->modified_ms * 1000));
    }
    return info;
  }

 private:
  std::shared_ptr<PulledFiles> files_;
};

// Hides deleted rows from a Parquet reader. One for each opened file; called from its scanning threads.
class MaskFilter : public duckdb::DeleteFilter {
 public:
  explicit MaskFilter(std::shared_ptr<const RowMask> mask) : mask_(std::move(mask)) {}
  idx_t Filter(duckdb::row_t start, idx_t count, duckdb::SelectionVector& selection) override {
    if (count == 0) return 0;
    selection.Initialize(STANDARD_VECTOR_SIZE);
    return mask_->Keep(static_cast<uint64_t>(start), count, selection.data());
  }

 private:
  std::shared_ptr<const RowMask> mask_;
};

// Casts that only give the same bits another type. DuckDB's own casts between these either depend on the session's time
// zone or translate escapes.
bool SameBits(const LogicalType& from, const LogicalType& to) {
  return (from.id() == LogicalTypeId::TIMESTAMP && to.id() == LogicalTypeId::TIMESTAMP_TZ) ||
         (from.id() == LogicalTypeId::TIMESTAMP_TZ && to.id() == LogicalTypeId::TIMESTAMP) ||
         (from.id() == LogicalTypeId::VARCHAR && to.id() == LogicalTypeId::BLOB);
}

bool ReinterpretBlobAsText(duckdb::Vector& source, duckdb::Vector& result, idx_t count,
                           duckdb::CastParameters& parameters) {
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  auto values = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  for (idx_t i = 0; i < count; i++) {
    const auto row = format.sel->get_index(i);
    if (format.validity.RowIsValid(row) && !Value::StringIsValid(values[row].GetData(), values[row].GetSize())) {
      throw duckdb::ConversionException("a string column holds bytes that are not UTF-8");
    }
  }
  return duckdb::DefaultCasts::ReinterpretCast(source, result, count, parameters);
}

void UseBitCasts(unique_ptr<Expression>& expression) {
  duckdb::ExpressionIterator::EnumerateChildren(*expression, [](unique_ptr<Expression>& child) { UseBitCasts(child); });
  if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CAST) return;
  auto& cast = expression->Cast<duckdb::BoundCastExpression>();
  const auto& from = cast.child->return_type;
  const auto to = cast.return_type;
  if (SameBits(from, to)) {
    expression = make_uniq<duckdb::BoundCastExpression>(std::move(cast.child), to,
                                                        duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast));
  } else if (from.id() == LogicalTypeId::BLOB && to.id() == LogicalTypeId::VARCHAR) {
    expression =
        make_uniq<duckdb::BoundCastExpression>(std::move(cast.child), to, duckdb::BoundCastInfo(ReinterpretBlobAsText));
  }
}

// The one column of the reader's output that an expression uses; nullopt when it uses none.
std::optional<idx_t> UsedColumn(Expression& expression) {
  std::optional<idx_t> used;
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_REF) {
    return expression.Cast<duckdb::BoundReferenceExpression>().index;
  }
  duckdb::ExpressionIterator::EnumerateChildren(expression, [&](Expression& child) {
    if (auto found = UsedColumn(child)) used = found;
  });
  return used;
}

void PointAtFirst(unique_ptr<Expression>& expression) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::BOUND_REF) {
    expression->Cast<duckdb::BoundReferenceExpression>().index = 0;
  }
  duckdb::ExpressionIterator::EnumerateChildren(*expression,
                                                [](unique_ptr<Expression>& child) { PointAtFirst(child); });
}

// DuckDB's Parquet errors do not always name the file: passes on what was thrown, with the file in front. Only for what
// is wrong with the file; an interrupt, or a bug, is not.
[[noreturn]] void RethrowNaming(const std::exception& exception, const std::string& file) {
  auto error = FromException(exception);
  if (error.code() != Code::kCorrupt || error.message().find(file) != std::string::npos) throw;
  ThrowError(std::move(error).Wrap(file));
}

// A pipe or a device would be waited for, or never end.
void CheckRegular(const std::string& path) {
  struct stat status {};
  if (path.find("://") != std::string::npos || ::stat(path.c_str(), &status) != 0) return;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) ThrowError(Corrupt("{} is no regular file", path));
}

// Opens files so that every error names its file.
class NamingReader : public MultiFileReader {
 public:
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(ClientContext& context,
                                                          duckdb::GlobalTableFunctionState& state,
                                                          duckdb::BaseUnionData& data,
                                                          const duckdb::MultiFileBindData& bind) override {
    return Naming(data.GetFileName(), [&] { return MultiFileReader::CreateReader(context, state, data, bind); });
  }
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(ClientContext& context,
                                                          duckdb::GlobalTableFunctionState& state,
                                                          const OpenFileInfo& file, idx_t index,
                                                          const duckdb::MultiFileBindData& bind) override {
    return Naming(file.path, [&] { return MultiFileReader::CreateReader(context, state, file, index, bind); });
  }
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(ClientContext& context, const OpenFileInfo& file,
                                                          duckdb::BaseFileReaderOptions& options,
                                                          const duckdb::MultiFileOptions& file_options,
                                                          duckdb::MultiFileReaderInterface& interface) override {
    return Naming(file.path,
                  [&] { return MultiFileReader::CreateReader(context, file, options, file_options, interface); });
  }

 private:
  template <class Open>
  static duckdb::shared_ptr<duckdb::BaseFileReader> Naming(const std::string& path, Open open) {
    CheckRegular(path);
    try {
      return open();
    } catch (const std::exception& exception) {
      RethrowNaming(exception, path);
    }
  }
};

Predicate True() {
  return {.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
}

// Set once, when the functions are registered: DuckDB's own scan of opened files, and its columns beside the files'.
duckdb::table_function_t parquet_scan_rows = nullptr;
duckdb::table_function_get_virtual_columns_t parquet_scan_virtual_columns = nullptr;

// The row's number in its file under a name that no table has: a table's own column file_row_number would hide
// DuckDB's.
duckdb::virtual_column_map_t VirtualColumns(ClientContext& context, optional_ptr<duckdb::FunctionData> data) {
  auto columns = parquet_scan_virtual_columns(context, data);
  const auto number = columns.find(MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER);
  if (number != columns.end()) number->second = duckdb::TableColumn(kRowNumberColumn, LogicalType::BIGINT);
  return columns;
}

void ScanNaming(ClientContext& context, duckdb::TableFunctionInput& input, DataChunk& output) {
  try {
    parquet_scan_rows(context, input, output);
  } catch (const std::exception& exception) {
    if (!input.local_state) throw;
    auto& local = input.local_state->Cast<duckdb::MultiFileLocalState>();
    if (!local.reader) throw;
    RethrowNaming(exception, local.reader->GetFileName());
  }
}

class TableReader : public NamingReader {
 public:
  explicit TableReader(std::shared_ptr<ScanTable> table = nullptr) : table_(std::move(table)) {
    function_name = "deltic_scan";
  }

  static unique_ptr<MultiFileReader> Make(const duckdb::TableFunction&) { return make_uniq<TableReader>(); }
  unique_ptr<MultiFileReader> Copy() const override { return make_uniq<TableReader>(table_); }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext& context,
                                                           const duckdb::vector<std::string>& paths,
                                                           const duckdb::FileGlobInput&) override {
    table_ = paths.size() == 1 ? Registry<ScanTable>::Get().Find(paths[0]) : nullptr;
    if (table_ == nullptr) throw duckdb::BinderException("deltic_scan takes a handle that deltic made");
    // What was pushed into another scan of the same handle, or an earlier plan of this one, says nothing here.
    return duckdb::make_shared_ptr<TableFileList>(std::make_shared<PulledFiles>(table_, True(), StopSignOf(&context)));
  }

  bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList&, duckdb::vector<LogicalType>& types,
            duckdb::vector<std::string>& names, duckdb::MultiFileReaderBindData& bind) override {
    options.auto_detect_hive_partitioning = false;
    options.hive_partitioning = false;
    options.union_by_name = false;
    bind.schema = MakeColumns(table_->spec.schema);
    if (table_->row_ids) {
      for (const char* name :
           {kBaseRowIdColumn, kDefaultCommitVersionColumn, kStoredRowIdColumn, kStoredCommitVersionColumn}) {
        bind.schema.emplace_back(name, LogicalType::BIGINT);
        bind.schema.back().default_expression = make_uniq<duckdb::ConstantExpression>(Value(LogicalType::BIGINT));
      }
    }
    if (table_->places) {
      bind.schema.emplace_back(kFileNumberColumn, LogicalType::BIGINT);
      bind.schema.back().default_expression = make_uniq<duckdb::ConstantExpression>(Value(LogicalType::BIGINT));
    }
    for (const auto& column : bind.schema) {
      names.push_back(column.name);
      types.push_back(column.type);
    }
    bind.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
    return true;
  }

  unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(ClientContext& context, duckdb::MultiFileList& files,
                                                          const duckdb::MultiFileOptions&,
                                                          duckdb::MultiFilePushdownInfo& info,
                                                          duckdb::vector<unique_ptr<Expression>>& filters) override {
    const auto lookup = [&](const Expression& reference) -> const StructField* {
      if (reference.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return nullptr;
      const auto& binding = reference.Cast<duckdb::BoundColumnRefExpression>().binding;
      if (binding.table_index != info.table_index || binding.column_index >= info.column_ids.size()) return nullptr;
      const auto column = info.column_ids[binding.column_index];
      return column < table_->spec.schema.size() ? &table_->spec.schema[column] : nullptr;
    };
    // The optimizer comes here several times, later without the filters that the Parquet reader took over meanwhile:
    // what was said once stays true of this scan.
    auto& before = static_cast<TableFileList&>(files).files()->predicate();
    auto predicate = And(before, ToPredicate(context, filters, lookup));
    if (predicate.ToString() == before.ToString()) return nullptr;
    {
      std::lock_guard lock(table_->mutex);
      table_->pushed = predicate;
    }
    return make_uniq<TableFileList>(std::make_shared<PulledFiles>(table_, std::move(predicate), StopSignOf(&context)));
  }

  // Filters that are known only when the scan starts, such as the key range of a join's other side, drop files too.
  unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(ClientContext& context, const duckdb::MultiFileList& files,
                                                          const duckdb::MultiFileOptions&,
                                                          const duckdb::vector<std::string>&,
                                                          const duckdb::vector<LogicalType>&,
                                                          const duckdb::vector<duckdb::column_t>& column_ids,
                                                          TableFilterSet& filters) override {
    const auto& before = static_cast<const TableFileList&>(files).files()->predicate();
    Predicate late{.kind = Predicate::Kind::kAnd};
    for (auto& [index, filter] : filters.filters) {
      if (index >= column_ids.size() || column_ids[index] >= table_->spec.schema.size()) continue;
      late.children.push_back(FilterPredicate({table_->spec.schema[column_ids[index]].name}, *filter));
    }
    auto predicate = And(before, late);
    if (predicate.ToString() == before.ToString()) return nullptr;
    return make_uniq<TableFileList>(std::make_shared<PulledFiles>(table_, std::move(predicate), StopSignOf(&context)));
  }

  ReaderInitializeType InitializeReader(duckdb::MultiFileReaderData& reader_data,
                                        const duckdb::MultiFileBindData& bind_data,
                                        const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                        const duckdb::vector<ColumnIndex>& column_ids,
                                        optional_ptr<TableFilterSet> filters, ClientContext& context,
                                        duckdb::MultiFileGlobalState& state) override {
    auto& reader = *reader_data.reader;
    auto& list = static_cast<TableFileList&>(state.file_list);
    const auto file = list.files()->At(reader.file_list_idx.GetIndex());
    if (file == nullptr) throw duckdb::InternalException("deltic_scan opened a file that is not in its list");

    FinalizeBind(reader_data, bind_data.file_options, bind_data.reader_bind, columns, column_ids, context,
                 state.multi_file_reader_state.get());
    AddConstants(*file, reader_data, column_ids);
    if (file->has_deletions) {
      auto mask = list.files()->LoadMask(reader.file_list_idx.GetIndex(), *file);
      if (!mask.ok()) ThrowError(mask.error());
      reader.deletion_filter = make_uniq<MaskFilter>(std::move(mask).value());
    }
    UseStandardNames(reader.columns);
    auto matched = MatchColumns(columns, table_->spec.schema, table_->spec.mode, reader.columns, reader.GetFileName());
    for (size_t i = table_->spec.schema.size(); i < matched.size(); i++) {
      std::string stored;
      if (matched[i].name == kStoredRowIdColumn) stored = table_->spec.row_id_column;
      if (matched[i].name == kStoredCommitVersionColumn) stored = table_->spec.row_commit_version_column;
      matched[i].identifier = Value(stored.empty() ? std::string("\0absent", 7) : stored);
    }
    const auto result =
        CreateMapping(context, reader_data, matched, column_ids, nullptr, state.file_list, bind_data.reader_bind,
                      bind_data.virtual_columns, duckdb::MultiFileColumnMappingMode::BY_NAME);
    if (result == ReaderInitializeType::SKIP_READING_FILE) return result;
    for (auto& expression : reader_data.expressions) UseBitCasts(expression);
    if (const auto calendar = FindLegacyCalendar(reader)) {
      for (auto& expression : reader_data.expressions) {
        if (UsedColumn(*expression)) RebaseLegacy(expression, *calendar, reader.GetFileName());
      }
    }
    const auto outcome = filters ? AttachFilters(context, reader_data, *filters) : ReaderInitializeType::INITIALIZED;
    if (outcome == ReaderInitializeType::INITIALIZED) list.files()->Plan(reader);
    return outcome;
  }

  unique_ptr<duckdb::MultiFileReaderGlobalState> InitializeGlobalState(
      ClientContext& context, const duckdb::MultiFileOptions& options, const duckdb::MultiFileReaderBindData& bind,
      const duckdb::MultiFileList& files, const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
      const duckdb::vector<ColumnIndex>& column_ids) override {
    static_cast<const TableFileList&>(files).files()->BeginScan();
    return MultiFileReader::InitializeGlobalState(context, options, bind, files, columns, column_ids);
  }

 private:
  void AddConstants(const ScanFile& file, duckdb::MultiFileReaderData& reader_data,
                    const duckdb::vector<ColumnIndex>& column_ids) {
    const auto& schema = table_->spec.schema;
    const auto& partitions = table_->spec.partition_columns;
    for (idx_t i = 0; i < column_ids.size(); i++) {
      if (column_ids[i].IsVirtualColumn()) continue;
      const auto column = column_ids[i].GetPrimaryIndex();
      const MultiFileGlobalIndex index(i);
      if (column < schema.size()) {
        for (size_t p = 0; p < partitions.size(); p++) {
          if (partitions[p] == schema[column].name) {
            const auto& stored = file.stored_partition_columns;
            if (std::find(stored.begin(), stored.end(), p) != stored.end()) break;
            reader_data.constant_map.Add(index, ToDuckValue(file.partition_values[p]));
            break;
          }
        }
        continue;
      }
      const auto extra = column - schema.size();
      const idx_t row_id_columns = table_->row_ids ? 4 : 0;
      if (extra == row_id_columns) {
        reader_data.constant_map.Add(index, Value::BIGINT(file.number));
      } else if (extra == 0) {
        reader_data.constant_map.Add(index, BigIntOrNull(file.base_row_id));
      } else if (extra == 1) {
        reader_data.constant_map.Add(index, BigIntOrNull(file.default_row_commit_version));
      }
    }
  }

  static Value BigIntOrNull(const std::optional<int64_t>& value) {
    return value ? Value::BIGINT(*value) : Value(LogicalType::BIGINT);
  }

  ReaderInitializeType AttachFilters(ClientContext& context, duckdb::MultiFileReaderData& reader_data,
                                     TableFilterSet& filters) {
    auto& reader = *reader_data.reader;
    auto local_filters = make_uniq<TableFilterSet>();
    for (auto& [index, filter] : filters.filters) {
      auto& expression = reader_data.expressions[index];
      const auto used = UsedColumn(*expression);
      if (!used) {
        const auto constant = duckdb::ExpressionExecutor::EvaluateScalar(context, *expression);
        if (!Passes(context, *filter, constant)) return ReaderInitializeType::SKIP_READING_FILE;
        continue;
      }
      if (expression->type != ExpressionType::BOUND_REF) {
        // The reader computes the table's value first and filters that.
        const auto type = expression->return_type;
        PointAtFirst(expression);
        reader.expression_map[reader.column_indexes[*used].GetPrimaryIndex()] = std::move(expression);
        expression = make_uniq<duckdb::BoundReferenceExpression>(type, *used);
      }
      local_filters->filters.emplace(*used, filter->Copy());
    }
    if (!local_filters->filters.empty()) reader.filters = std::move(local_filters);
    return ReaderInitializeType::INITIALIZED;
  }

  std::shared_ptr<ScanTable> table_;
};

// Reads named Parquet files as they are.
class NamedFilesReader : public NamingReader {
 public:
  explicit NamedFilesReader(std::shared_ptr<FileNames> names = nullptr) : names_(std::move(names)) {}
  static unique_ptr<MultiFileReader> Make(const duckdb::TableFunction&) { return make_uniq<NamedFilesReader>(); }
  unique_ptr<MultiFileReader> Copy() const override { return make_uniq<NamedFilesReader>(names_); }
  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext&, const duckdb::vector<std::string>& paths,
                                                           const duckdb::FileGlobInput&) override {
    auto names = paths.size() == 1 ? Registry<FileNames>::Get().Find(paths[0]) : nullptr;
    if (names == nullptr) throw duckdb::BinderException("deltic_files takes a handle that deltic made");
    names_ = names;
    return duckdb::make_shared_ptr<duckdb::SimpleMultiFileList>(names->files);
  }

  ReaderInitializeType InitializeReader(duckdb::MultiFileReaderData& reader_data,
                                        const duckdb::MultiFileBindData& bind_data,
                                        const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                        const duckdb::vector<ColumnIndex>& column_ids,
                                        optional_ptr<TableFilterSet> filters, ClientContext& context,
                                        duckdb::MultiFileGlobalState& state) override {
    if (names_ != nullptr && names_->check) {
      FileNames::Columns found;
      for (const auto& column : reader_data.reader->columns) found.emplace_back(column.name, column.type);
      const auto status = names_->check(reader_data.reader->GetFileName(), found);
      if (!status.ok()) ThrowError(status.error());
    }
    return MultiFileReader::InitializeReader(reader_data, bind_data, columns, column_ids, filters, context, state);
  }

 private:
  std::shared_ptr<FileNames> names_;
};

}  // namespace

std::string RowIdExpression(const std::string& name) {
  if (name == "_row_id") {
    return fmt::format("coalesce({}, {} + {})", QuoteName(kStoredRowIdColumn), QuoteName(kBaseRowIdColumn),
                       QuoteName(kRowNumberColumn));
  }
  if (name == "_row_commit_version") {
    return fmt::format("coalesce({}, {})", QuoteName(kStoredCommitVersionColumn),
                       QuoteName(kDefaultCommitVersionColumn));
  }
  return "";
}

std::optional<BoundScan> FindScan(const duckdb::LogicalGet& get) {
  if (get.function.name != kTableScanName || !get.bind_data) return std::nullopt;
  const auto& bind = get.bind_data->Cast<duckdb::MultiFileBindData>();
  const auto* list = dynamic_cast<const TableFileList*>(bind.file_list.get());
  if (list == nullptr) return std::nullopt;
  return BoundScan{.table = list->files()->table(), .predicate = list->files()->predicate()};
}

void RegisterScans(duckdb::DatabaseInstance& database) {
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  auto& context = *connection.context;
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry = catalog.GetEntry<duckdb::TableFunctionCatalogEntry>(context, DEFAULT_SCHEMA, "parquet_scan");
  const auto parquet_scan = entry.functions.GetFunctionByArguments(context, {LogicalType::VARCHAR});

  parquet_scan_rows = parquet_scan.function;
  parquet_scan_virtual_columns = parquet_scan.get_virtual_columns;
  auto add = [&](const std::string& name, duckdb::table_function_get_multi_file_reader_t reader) {
    auto function = parquet_scan;
    function.function = ScanNaming;
    function.name = name;
    function.get_multi_file_reader = reader;
    // Plans that hold a handle must not be written down, and a file's own row counts know nothing of deleted rows.
    function.serialize = nullptr;
    function.deserialize = nullptr;
    function.statistics = nullptr;
    function.get_partition_stats = nullptr;
    function.late_materialization = false;
    if (name == kTableScanName) function.get_virtual_columns = VirtualColumns;
    duckdb::CreateTableFunctionInfo info(std::move(function));
    info.internal = true;
    catalog.CreateTableFunction(context, info);
  };
  add(kTableScanName, TableReader::Make);
  add("deltic_files", NamedFilesReader::Make);
  connection.Commit();
}

}  // namespace deltic
