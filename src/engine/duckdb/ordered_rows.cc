// Owns the taking of turns; see the header.
#include "engine/duckdb/ordered_rows.h"

namespace deltic {

using duckdb::ColumnDataCollection;
using duckdb::idx_t;

namespace {

constexpr int64_t kSmallPieceRows = 4 * STANDARD_VECTOR_SIZE;

}  // namespace

// A file and the row groups that are on their way into it. All but `open` is guarded by the owner's mutex.
struct OrderedRows::File {
  std::shared_ptr<OpenDataFile> open;
  int64_t taken = 0;       // row groups that were given numbers 0, 1, ...
  int64_t appended = 0;    // those that are in the file
  bool appending = false;  // somebody is
  bool full = false;       // no more are taken
  std::map<int64_t, std::unique_ptr<PreparedRows>> prepared;
  int64_t rows_taken = 0;
  int64_t rows_appended = 0;
};

struct OrderedRows::RowGroup {
  std::shared_ptr<File> file;
  int64_t number = 0;
  duckdb::unique_ptr<ColumnDataCollection> rows;
};

OrderedRows::OrderedRows(duckdb::ClientContext& context, DataFilesJob& job,
                         std::shared_ptr<const DataFileLayout> layout, const RowGroupLimits& limits)
    : context_(context), job_(job), layout_(std::move(layout)), limits_(limits) {}

OrderedRows::~OrderedRows() = default;

void OrderedRows::Add(const BatchPlace& place, duckdb::unique_ptr<ColumnDataCollection> rows) {
  auto piece = std::make_unique<Piece>();
  piece->bytes = static_cast<int64_t>(rows->SizeInBytes());
  piece->rows = std::move(rows);
  std::lock_guard lock(mutex_);
  waiting_[place] = std::move(piece);
}

void OrderedRows::WriteComplete(idx_t first_open) {
  while (true) {
    RowGroup group = Take(first_open, false);
    if (group.rows == nullptr) return;
    Write(std::move(group));
  }
}

std::shared_ptr<OpenDataFile> OrderedRows::WriteRest() {
  while (true) {
    RowGroup group = Take(duckdb::DConstants::INVALID_INDEX, true);
    if (group.rows == nullptr) break;
    Write(std::move(group));
  }
  const auto file = std::exchange(file_, nullptr);
  return file == nullptr ? nullptr : file->open;
}

bool OrderedRows::IsFull() const {
  return next_ != nullptr &&
         (static_cast<int64_t>(next_->rows->Count()) >= limits_.rows || next_->bytes >= limits_.bytes);
}

// Behind those that are next. Small pieces (of small files) are copied: a row group of thousands of them would take
// longer to go through than the copying.
void OrderedRows::Join(std::unique_ptr<Piece> piece) {
  if (next_ == nullptr) {
    next_ = std::move(piece);
    return;
  }
  next_->bytes += piece->bytes;
  if (static_cast<int64_t>(piece->rows->Count()) >= kSmallPieceRows) {
    next_->rows->Combine(*piece->rows);
    return;
  }
  duckdb::ColumnDataAppendState state;
  next_->rows->InitializeAppend(state);
  for (auto& chunk : piece->rows->Chunks()) next_->rows->Append(state, chunk);
}

// With the row groups that are not in it yet, taken to be as large as those that are.
int64_t OrderedRows::ExpectedBytes(const File& file) const {
  const int64_t bytes = file.open->file->size_bytes();
  if (file.rows_appended == 0) return bytes;
  return static_cast<int64_t>(static_cast<double>(bytes) * static_cast<double>(file.rows_taken) /
                              static_cast<double>(file.rows_appended));
}

OrderedRows::RowGroup OrderedRows::Take(idx_t first_open, bool all) {
  std::lock_guard lock(mutex_);
  while (!IsFull() && !waiting_.empty() && waiting_.begin()->first.batch <= first_open) {
    auto first = waiting_.extract(waiting_.begin());
    Join(std::move(first.mapped()));
  }
  RowGroup group;
  if (next_ == nullptr || next_->rows->Count() == 0 || (!IsFull() && !all)) return group;
  const int64_t target = job_.spec.target_file_bytes;
  if (file_ != nullptr && target > 0 && ExpectedBytes(*file_) >= target) {
    file_->full = true;
    // Otherwise who appends its last row group finishes it.
    if (file_->appended == file_->taken && !file_->appending) file_->open->Finish(job_);
    file_ = nullptr;
  }
  if (file_ == nullptr) {
    file_ = std::make_shared<File>();
    file_->open = std::make_shared<OpenDataFile>(context_, job_, layout_,
                                                 job_.spec.one_partition.value_or(std::vector<Literal>()));
  }
  group.file = file_;
  group.number = file_->taken++;
  group.rows = std::move(next_->rows);
  next_ = nullptr;
  file_->rows_taken += static_cast<int64_t>(group.rows->Count());
  return group;
}

void OrderedRows::Write(RowGroup group) {
  File& file = *group.file;
  auto prepared = std::make_unique<PreparedRows>();
  file.open->file->Prepare(*group.rows, prepared.get());
  group.rows.reset();
  std::unique_lock lock(mutex_);
  file.prepared[group.number] = std::move(prepared);
  if (file.appending) return;  // who does looks for more when it is done
  file.appending = true;
  while (true) {
    auto next = file.prepared.extract(file.appended);
    if (next.empty()) break;
    lock.unlock();
    file.open->file->Append(*next.mapped());
    lock.lock();
    file.appended++;
    file.rows_appended += next.mapped()->group.row_group.num_rows;
  }
  file.appending = false;
  if (!file.full || file.appended != file.taken) return;
  lock.unlock();
  file.open->Finish(job_);
}

}  // namespace deltic
