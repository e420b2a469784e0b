// Owns the sink of a write; see the header.
//
// Without partitions all threads share one open file: each fills a row group of its own, compresses it alone, and takes
// turns only to append it. So a small input makes one file, whatever the number of threads. With partitions the rows
// come sorted by them (DuckDB's sort spills to disk): each thread has one open file at a time, so memory does not grow
// with the number of partitions, and each partition has at most one file a thread where one would do. Where the order
// of rows is kept and the source numbers its batches, ordered_rows.h puts the threads' row groups in order. Where rows
// are to be sorted by a number (row_shares.h), they are all taken in first; then, as the source of an empty rest,
// threads take shares of them in turns.
#include "engine/duckdb/data_files.h"

#include <atomic>
#include <cstring>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <duckdb/execution/physical_operator.hpp>
#include <duckdb/execution/physical_plan_generator.hpp>
#include <duckdb/function/copy_function.hpp>
#include <duckdb/parallel/task_scheduler.hpp>
#include <duckdb/parser/parsed_data/create_copy_function_info.hpp>
#include <duckdb/parser/statement/copy_statement.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/operator/logical_extension_operator.hpp>
#include <set>

#include "base/error.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/data_file.h"
#include "engine/duckdb/ordered_rows.h"
#include "engine/duckdb/registry.h"
#include "engine/duckdb/row_shares.h"

namespace deltic {

namespace {

using duckdb::ColumnDataCollection;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;

constexpr int64_t kRowGroupBytes = 128LL << 20;  // in memory; wide rows must not fill it
constexpr int64_t kPieceRows = 10'240;           // of a share, on the way into row groups

// Chunks of rows on their way into a row group. One thread at a time.
class RowBuffer {
 public:
  RowBuffer(duckdb::ClientContext& context, const DataFileLayout& layout) : context_(context), layout_(layout) {}

  // The columns of the chunk that the file has, which come first.
  void Append(DataChunk& chunk) {
    if (rows_ == nullptr) {
      rows_ = duckdb::make_uniq<ColumnDataCollection>(context_, layout_.types);
      rows_->InitializeAppend(state_);
      // Once: it adds vectors to those that are there.
      if (view_.ColumnCount() == 0) view_.InitializeEmpty(layout_.types);
    }
    for (idx_t i = 0; i < layout_.types.size(); i++) view_.data[i].Reference(chunk.data[i]);
    view_.SetCardinality(chunk.size());
    rows_->Append(state_, view_);
  }
  idx_t count() const { return rows_ == nullptr ? 0 : rows_->Count(); }
  idx_t size_bytes() const { return rows_ == nullptr ? 0 : rows_->SizeInBytes(); }
  duckdb::unique_ptr<ColumnDataCollection> Take() {
    state_ = {};
    return std::move(rows_);
  }

 private:
  duckdb::ClientContext& context_;
  const DataFileLayout& layout_;
  duckdb::unique_ptr<ColumnDataCollection> rows_;
  duckdb::ColumnDataAppendState state_;
  DataChunk view_;
};

// An open file and those who write to it. The last one to leave a full file finishes it.
struct SharedFile {
  std::shared_ptr<OpenDataFile> open;
  int writers = 0;    // guarded by the slot's mutex
  bool full = false;  // guarded by the slot's mutex
};

// Where rows of one partition go now: a file, or none yet. Thread-safe.
class FileSlot {
 public:
  FileSlot(duckdb::ClientContext& context, DataFilesJob& job, std::shared_ptr<const DataFileLayout> layout)
      : context_(context), job_(job), layout_(std::move(layout)) {}

  void SetPartition(std::vector<Literal> partition) { partition_ = std::move(partition); }

  void Write(ColumnDataCollection& rows) {
    const auto shared = Enter();
    shared->open->file->AddRows(rows);
    Leave(shared);
  }

  // No more rows for the file that is open, if any.
  void Close() {
    if (auto open = Take(); open != nullptr) open->Finish(job_);
  }
  std::shared_ptr<OpenDataFile> Take() {
    std::lock_guard lock(mutex_);
    const auto shared = std::exchange(shared_, nullptr);
    return shared == nullptr ? nullptr : shared->open;
  }

 private:
  std::shared_ptr<SharedFile> Enter() {
    std::lock_guard lock(mutex_);
    if (shared_ == nullptr) {
      shared_ = std::make_shared<SharedFile>();
      shared_->open = std::make_shared<OpenDataFile>(context_, job_, layout_, partition_);
    }
    shared_->writers++;
    return shared_;
  }

  void Leave(const std::shared_ptr<SharedFile>& shared) {
    {
      std::lock_guard lock(mutex_);
      shared->writers--;
      const auto target = job_.spec.target_file_bytes;
      if (target > 0 && shared->open->file->size_bytes() >= target) {
        shared->full = true;
        if (shared_ == shared) shared_ = nullptr;
      }
      if (!shared->full || shared->writers > 0) return;
    }
    shared->open->Finish(job_);
  }

  duckdb::ClientContext& context_;
  DataFilesJob& job_;
  const std::shared_ptr<const DataFileLayout> layout_;
  std::vector<Literal> partition_;
  std::mutex mutex_;
  std::shared_ptr<SharedFile> shared_;
};

struct GlobalState : public duckdb::GlobalSinkState {
  GlobalState(duckdb::ClientContext& context, DataFilesJob& job, const std::shared_ptr<const DataFileLayout>& layout,
              const RowGroupLimits& limits)
      : slot(context, job, layout), ordered(context, job, layout, limits) {
    if (job.spec.one_partition) slot.SetPartition(*job.spec.one_partition);
    if (job.share_bounds) shares = std::make_unique<RowShares>(context, layout->types, *job.share_bounds);
  }
  FileSlot slot;                      // of a table without partitions
  OrderedRows ordered;                // of rows whose order is kept
  std::unique_ptr<RowShares> shares;  // of rows that are sorted here
  std::mutex mutex;
  duckdb::unique_ptr<ColumnDataCollection> left;  // rows of threads that ended, too few for a row group
  std::atomic<int64_t> rows{0};
};

struct LocalState : public duckdb::LocalSinkState {
  LocalState(duckdb::ClientContext& context, DataFilesJob& job, const std::shared_ptr<const DataFileLayout>& layout,
             RowShares* shares)
      : buffer(context, *layout), slot(context, job, layout) {
    if (shares != nullptr) appender = std::make_unique<RowSharesAppender>(*shares);
  }
  RowBuffer buffer;
  duckdb::idx_t batch = 0;  // that the thread is at, by the source's number
  int64_t piece = 0;        // the next one of that batch
  FileSlot slot;            // of the partition that the thread is at
  std::vector<Value> partition;
  bool started = false;
  std::unique_ptr<RowSharesAppender> appender;
};

// Which shares are taken. Thread-safe.
class ShareTurns : public duckdb::GlobalSourceState {
 public:
  ShareTurns(size_t shares, idx_t threads)
      : shares_(shares), threads_(std::min<idx_t>(std::max<idx_t>(shares, 1), threads)) {}

  idx_t MaxThreads() override { return threads_; }
  std::optional<size_t> Begin() {
    const std::lock_guard lock(mutex_);
    if (next_ == shares_) return std::nullopt;
    open_.insert(next_);
    return next_++;
  }
  // The first share of which rows may still come.
  size_t FirstOpen() {
    const std::lock_guard lock(mutex_);
    return open_.empty() ? next_ : *open_.begin();
  }
  size_t End(size_t share) {
    const std::lock_guard lock(mutex_);
    open_.erase(share);
    return open_.empty() ? next_ : *open_.begin();
  }
  // True for the last one.
  bool Written() {
    const std::lock_guard lock(mutex_);
    return ++written_ == shares_;
  }

 private:
  const size_t shares_;
  const idx_t threads_;
  std::mutex mutex_;
  size_t next_ = 0, written_ = 0;
  std::set<size_t> open_;
};

class DataFilesSink : public duckdb::PhysicalOperator {
 public:
  static constexpr const duckdb::PhysicalOperatorType TYPE = duckdb::PhysicalOperatorType::EXTENSION;

  DataFilesSink(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> types, idx_t cardinality,
                std::shared_ptr<DataFilesJob> job, std::shared_ptr<const DataFileLayout> layout, bool numbered)
      : PhysicalOperator(plan, TYPE, std::move(types), cardinality), job_(std::move(job)), layout_(std::move(layout)) {
    limits_.rows = job_->spec.parquet.row_group_rows > 0 ? job_->spec.parquet.row_group_rows : kRowGroupRows;
    limits_.bytes = job_->spec.parquet.row_group_bytes > 0 ? job_->spec.parquet.row_group_bytes : kRowGroupBytes;
    // A small target would be overshot by one row group of the usual size.
    if (job_->spec.target_file_bytes > 0) limits_.bytes = std::min(limits_.bytes, 2 * job_->spec.target_file_bytes);
    partitioned_ = !job_->spec.partitions.empty() && !job_->spec.one_partition;
    batches_ = job_->in_order && numbered && !partitioned_;
  }

  std::string GetName() const override { return "DELTIC_DATA_FILES"; }
  bool IsSink() const override { return true; }
  // Rows whose order is kept come from many threads only when the source numbers its batches.
  bool ParallelSink() const override { return !job_->in_order || batches_; }
  bool SinkOrderDependent() const override { return job_->in_order; }
  duckdb::OperatorPartitionInfo RequiredPartitionInfo() const override {
    return batches_ ? duckdb::OperatorPartitionInfo::BatchIndex() : duckdb::OperatorPartitionInfo::NoPartitionInfo();
  }
  bool IsSource() const override { return true; }
  bool ParallelSource() const override { return job_->share_bounds.has_value(); }
  duckdb::OrderPreservationType SourceOrder() const override { return duckdb::OrderPreservationType::NO_ORDER; }

  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(duckdb::ClientContext& context) const override {
    const auto threads = static_cast<idx_t>(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads());
    return duckdb::make_uniq<ShareTurns>(job_->share_bounds ? job_->share_bounds->size() + 1 : 0, threads);
  }
  duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(duckdb::ClientContext& context) const override {
    return duckdb::make_uniq<GlobalState>(context, *job_, layout_, limits_);
  }
  duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(duckdb::ExecutionContext& context) const override {
    RowShares* shares = job_->share_bounds ? sink_state->Cast<GlobalState>().shares.get() : nullptr;
    return duckdb::make_uniq<LocalState>(context.client, *job_, layout_, shares);
  }

  duckdb::SinkResultType Sink(duckdb::ExecutionContext&, DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override {
    auto& global = input.global_state.Cast<GlobalState>();
    auto& local = input.local_state.Cast<LocalState>();
    if (auto status = job_->cancel.Check(); !status.ok()) ThrowError(status.error());
    global.rows += static_cast<int64_t>(chunk.size());
    if (local.appender != nullptr) {
      local.appender->Append(chunk, chunk.data[layout_->types.size()]);
    } else if (batches_) {
      local.buffer.Append(chunk);
      if (IsFull(local.buffer)) HandOver(global, local);
    } else if (!partitioned_) {
      local.buffer.Append(chunk);
      FlushFull(global.slot, local.buffer);
    } else {
      AppendByPartition(chunk, local);
    }
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }

  // The thread goes on to another batch: partition_info has the number of that one already.
  duckdb::SinkNextBatchType NextBatch(duckdb::ExecutionContext&,
                                      duckdb::OperatorSinkNextBatchInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    HandOver(input.global_state.Cast<GlobalState>(), local);
    local.batch = local.partition_info.batch_index.GetIndex();
    local.piece = 0;
    return duckdb::SinkNextBatchType::READY;
  }

  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext&,
                                        duckdb::OperatorSinkCombineInput& input) const override {
    auto& global = input.global_state.Cast<GlobalState>();
    auto& local = input.local_state.Cast<LocalState>();
    if (local.appender != nullptr) {
      local.appender->Finish();
      return duckdb::SinkCombineResultType::FINISHED;
    }
    if (batches_) {
      HandOver(global, local);
      return duckdb::SinkCombineResultType::FINISHED;
    }
    if (partitioned_) {
      EndPartition(local);
      return duckdb::SinkCombineResultType::FINISHED;
    }
    auto rows = local.buffer.Take();
    if (rows == nullptr) return duckdb::SinkCombineResultType::FINISHED;
    if (static_cast<int64_t>(rows->Count()) < limits_.rows / 2) {
      std::lock_guard lock(global.mutex);
      if (global.left == nullptr) {
        global.left = std::move(rows);
        return duckdb::SinkCombineResultType::FINISHED;
      }
      global.left->Combine(*rows);
      if (static_cast<int64_t>(global.left->Count()) < limits_.rows / 2) return duckdb::SinkCombineResultType::FINISHED;
      rows = std::move(global.left);
    }
    global.slot.Write(*rows);
    return duckdb::SinkCombineResultType::FINISHED;
  }

  duckdb::SinkFinalizeType Finalize(duckdb::Pipeline&, duckdb::Event&, duckdb::ClientContext&,
                                    duckdb::OperatorSinkFinalizeInput& input) const override {
    auto& global = input.global_state.Cast<GlobalState>();
    if (job_->share_bounds) return duckdb::SinkFinalizeType::READY;
    if (global.left != nullptr) global.slot.Write(*global.left);
    global.left.reset();
    job_->last = batches_ ? global.ordered.WriteRest() : global.slot.Take();
    return duckdb::SinkFinalizeType::READY;
  }

  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context, DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override {
    if (job_->share_bounds) return WriteShare(context.client, input.global_state.Cast<ShareTurns>(), chunk);
    chunk.SetCardinality(1);
    chunk.SetValue(0, 0, Value::BIGINT(sink_state->Cast<GlobalState>().rows));
    return duckdb::SourceResultType::FINISHED;
  }

 private:
  // Answers how many rows the share had, for there must be a row to go on.
  duckdb::SourceResultType WriteShare(duckdb::ClientContext& context, ShareTurns& turns, DataChunk& answer) const {
    auto& global = sink_state->Cast<GlobalState>();
    const auto share = turns.Begin();
    if (!share) return duckdb::SourceResultType::FINISHED;
    RowBuffer buffer(context, *layout_);
    int64_t pieces = 0;
    int64_t rows = 0;
    global.shares->Take(*share, [&](DataChunk& chunk) {
      if (auto status = job_->cancel.Check(); !status.ok()) ThrowError(status.error());
      rows += static_cast<int64_t>(chunk.size());
      buffer.Append(chunk);
      if (static_cast<int64_t>(buffer.count()) < kPieceRows && !IsFull(buffer)) return;
      global.ordered.Add({.batch = *share, .piece = pieces++}, buffer.Take());
      global.ordered.WriteComplete(turns.FirstOpen());
    });
    if (auto rest = buffer.Take(); rest != nullptr) {
      global.ordered.Add({.batch = *share, .piece = pieces++}, std::move(rest));
    }
    global.ordered.WriteComplete(turns.End(*share));
    if (turns.Written()) job_->last = global.ordered.WriteRest();
    answer.SetCardinality(1);
    answer.SetValue(0, 0, Value::BIGINT(rows));
    return duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  }

  bool IsFull(const RowBuffer& buffer) const {
    return static_cast<int64_t>(buffer.count()) >= limits_.rows ||
           static_cast<int64_t>(buffer.size_bytes()) >= limits_.bytes;
  }

  void FlushFull(FileSlot& slot, RowBuffer& buffer) const {
    if (!IsFull(buffer)) return;
    if (auto rows = buffer.Take(); rows != nullptr) slot.Write(*rows);
  }

  static void HandOver(GlobalState& global, LocalState& local) {
    if (auto rows = local.buffer.Take(); rows != nullptr) {
      global.ordered.Add({.batch = local.batch, .piece = local.piece++}, std::move(rows));
    }
    // Set once the thread has begun; other threads' batches from it on may still miss rows.
    if (local.partition_info.min_batch_index.IsValid()) {
      global.ordered.WriteComplete(local.partition_info.min_batch_index.GetIndex());
    }
  }

  void EndPartition(LocalState& local) const {
    if (auto rows = local.buffer.Take(); rows != nullptr) local.slot.Write(*rows);
    local.slot.Close();
    local.started = false;
  }

  void StartPartition(std::vector<Value> values, LocalState& local) const {
    std::vector<Literal> literals;
    for (size_t i = 0; i < values.size(); i++) {
      const auto& type = job_->spec.partitions[i].field.type;
      auto literal = FromDuckValue(values[i]);
      if (!literal) throw duckdb::InternalException("a partition column is of a type without literals");
      literal->type = type;
      literals.push_back(std::move(*literal));
    }
    local.slot.SetPartition(std::move(literals));
    local.partition = std::move(values);
    local.started = true;
  }

  // Cuts the chunk where its partition changes: equal rows come together.
  void AppendByPartition(DataChunk& chunk, LocalState& local) const {
    const idx_t first_column = layout_->types.size();
    const idx_t columns = job_->spec.partitions.size();
    std::vector<duckdb::Vector*> vectors;
    for (idx_t i = 0; i < columns; i++) {
      chunk.data[first_column + i].Flatten(chunk.size());
      vectors.push_back(&chunk.data[first_column + i]);
    }
    idx_t start = 0;
    while (start < chunk.size()) {
      idx_t end = start + 1;
      while (end < chunk.size() && SameRow(vectors, start, end)) end++;
      std::vector<Value> values;
      for (auto* vector : vectors) values.push_back(vector->GetValue(start));
      if (!local.started || !SameValues(values, local.partition)) {
        if (local.started) EndPartition(local);
        StartPartition(std::move(values), local);
      }
      if (start == 0 && end == chunk.size()) {
        local.buffer.Append(chunk);
      } else {
        DataChunk part;
        part.InitializeEmpty(chunk.GetTypes());
        part.Reference(chunk);
        part.Slice(start, end - start);
        local.buffer.Append(part);
      }
      FlushFull(local.slot, local.buffer);
      start = end;
    }
  }

  // NaN is one value, and so are 0.0 and -0.0: as the sort has it.
  static bool SameValues(const std::vector<Value>& a, const std::vector<Value>& b) {
    for (size_t i = 0; i < a.size(); i++) {
      if (!Value::NotDistinctFrom(a[i], b[i])) return false;
    }
    return true;
  }

  static bool SameRow(const std::vector<duckdb::Vector*>& vectors, idx_t a, idx_t b) {
    for (auto* vector : vectors) {
      const auto& validity = duckdb::FlatVector::Validity(*vector);
      const bool valid = validity.RowIsValid(a);
      if (valid != validity.RowIsValid(b)) return false;
      if (!valid) continue;
      const auto type = vector->GetType().InternalType();
      if (type == duckdb::PhysicalType::VARCHAR) {
        const auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(*vector);
        if (!(data[a] == data[b])) return false;
      } else {
        // Different bytes of equal values are only found unequal here, and equal where it counts (SameValues).
        const auto width = duckdb::GetTypeIdSize(type);
        const auto* data = duckdb::FlatVector::GetData(*vector);
        if (std::memcmp(data + a * width, data + b * width, width) != 0) return false;
      }
    }
    return true;
  }

  const std::shared_ptr<DataFilesJob> job_;
  const std::shared_ptr<const DataFileLayout> layout_;
  RowGroupLimits limits_;
  bool partitioned_ = false;  // rows of several partitions may come
  bool batches_ = false;      // the order is kept by the numbers of the source's batches
};

class LogicalDataFiles : public duckdb::LogicalExtensionOperator {
 public:
  LogicalDataFiles(duckdb::idx_t table_index, std::shared_ptr<DataFilesJob> job,
                   std::shared_ptr<const DataFileLayout> layout)
      : table_index_(table_index), job_(std::move(job)), layout_(std::move(layout)) {}

  std::string GetName() const override { return "DELTIC_DATA_FILES"; }
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override { return {{table_index_, 0}}; }
  duckdb::vector<duckdb::idx_t> GetTableIndex() const override { return {table_index_}; }
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override {
    auto& child = planner.CreatePlan(*children[0]);
    const bool numbered = duckdb::PhysicalPlanGenerator::UseBatchIndex(context, child);
    auto& sink = planner.Make<DataFilesSink>(types, estimated_cardinality, job_, layout_, numbered);
    sink.children.push_back(child);
    return sink;
  }

 protected:
  void ResolveTypes() override { types = {LogicalType::BIGINT}; }

 private:
  const duckdb::idx_t table_index_;
  const std::shared_ptr<DataFilesJob> job_;
  const std::shared_ptr<const DataFileLayout> layout_;
};

// The same vectors, whatever the fields are called.
bool SameLayout(const LogicalType& a, const LogicalType& b) {
  if (a.id() != b.id()) return false;
  switch (a.id()) {
    case duckdb::LogicalTypeId::DECIMAL:
      return a == b;
    case duckdb::LogicalTypeId::LIST:
      return SameLayout(duckdb::ListType::GetChildType(a), duckdb::ListType::GetChildType(b));
    case duckdb::LogicalTypeId::MAP:
      return SameLayout(duckdb::MapType::KeyType(a), duckdb::MapType::KeyType(b)) &&
             SameLayout(duckdb::MapType::ValueType(a), duckdb::MapType::ValueType(b));
    case duckdb::LogicalTypeId::STRUCT: {
      const auto& ours = duckdb::StructType::GetChildTypes(a);
      const auto& theirs = duckdb::StructType::GetChildTypes(b);
      if (ours.size() != theirs.size()) return false;
      for (size_t i = 0; i < ours.size(); i++) {
        if (!SameLayout(ours[i].second, theirs[i].second)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

duckdb::BoundStatement PlanDataFiles(duckdb::Binder& binder, duckdb::CopyStatement& statement) {
  auto job = Registry<DataFilesJob>::Get().Find(statement.info->file_path);
  if (job == nullptr) throw duckdb::BinderException("%s is deltic's own", kDataFilesFormat);
  auto layout = MakeLayout(job->spec.columns, job->spec.parquet);
  if (!layout.ok()) ThrowError(layout.error());
  auto query = statement.info->select_statement->Copy();
  auto select = binder.Bind(*query);
  for (size_t i = 0; i < layout->types.size(); i++) {
    if (i < select.types.size() && SameLayout(select.types[i], layout->types[i])) continue;
    throw duckdb::BinderException("column %s is to be %s, and its expression gives %s", layout->names[i],
                                  layout->types[i].ToString(),
                                  i < select.types.size() ? select.types[i].ToString() : "nothing");
  }
  auto plan = duckdb::make_uniq<LogicalDataFiles>(binder.GenerateTableIndex(), job,
                                                  std::make_shared<DataFileLayout>(std::move(layout).value()));
  plan->children.push_back(std::move(select.plan));
  duckdb::BoundStatement bound;
  bound.types = {LogicalType::BIGINT};
  bound.names = {"Count"};
  bound.plan = std::move(plan);
  auto& properties = binder.GetStatementProperties();
  properties.output_type = duckdb::QueryResultOutputType::FORCE_MATERIALIZED;
  properties.return_type = duckdb::StatementReturnType::CHANGED_ROWS;
  return bound;
}

}  // namespace

DataFilesJob::~DataFilesJob() = default;

void DataFilesJob::FinishLast() {
  if (const auto open = std::exchange(last, nullptr); open != nullptr) open->Finish(*this);
}

OpenDataFile::OpenDataFile(duckdb::ClientContext& context, DataFilesJob& job,
                           const std::shared_ptr<const DataFileLayout>& layout, std::vector<Literal> the_partition)
    : key(job.spec.new_key(the_partition)),
      partition(std::move(the_partition)),
      file(std::make_unique<DataFile>(context, layout, job.store_prefix + key)) {}

void OpenDataFile::Finish(DataFilesJob& job) {
  {
    std::lock_guard lock(job.mutex);
    job.doubtful.push_back(key);
  }
  auto written = file->Finish();
  file.reset();
  written.key = key;
  written.partition = partition;
  std::lock_guard lock(job.mutex);
  std::erase(job.doubtful, key);
  job.written.push_back(std::move(written));
}

void RegisterDataFiles(duckdb::DatabaseInstance& database) {
  duckdb::CopyFunction function(kDataFilesFormat);
  function.plan = PlanDataFiles;
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  duckdb::CreateCopyFunctionInfo info(std::move(function));
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(*connection.context).CreateCopyFunction(*connection.context, info);
  connection.Commit();
}

}  // namespace deltic
