// Owns what a snapshot says of its files: the live file stream and the totals. Protocol: "Action Reconciliation".
#include "base/error.h"
#include "expr/prune.h"
#include "snapshot/live_files.h"
#include "snapshot/snapshot_parts.h"

namespace deltic {
namespace {

bool IsTrue(const Predicate& predicate) {
  if (predicate.kind != Predicate::Kind::kConstant || predicate.literals.size() != 1) return false;
  const bool* value = std::get_if<bool>(&predicate.literals[0].value);
  return value && *value;
}

// One file's part in the totals.
struct FileSums {
  int64_t size_bytes = 0;
  std::string_view stats;
  bool has_deletion_vector = false;
  int64_t deleted_rows = 0;
};

// Sums that hostile sizes cannot overflow.
class TotalsSum {
 public:
  Status Add(const FileSums& file) {
    ++totals_.num_files;
    bool overflow =
        file.size_bytes < 0 || __builtin_add_overflow(totals_.size_bytes, file.size_bytes, &totals_.size_bytes);
    if (file.has_deletion_vector) {
      ++totals_.num_deletion_vectors;
      overflow |= file.deleted_rows < 0 ||
                  __builtin_add_overflow(totals_.num_deleted_rows, file.deleted_rows, &totals_.num_deleted_rows);
    }
    if (totals_.num_rows) {
      const std::optional<int64_t> records = NumRecords(file.stats);
      if (!records || *records < file.deleted_rows) {
        totals_.num_rows.reset();  // unknown, or statistics that cannot be right
      } else {
        overflow |= __builtin_add_overflow(*totals_.num_rows, *records - file.deleted_rows, &*totals_.num_rows);
      }
    }
    if (overflow) return Corrupt("a file's size, or the sum of all sizes, is no possible number of bytes or rows");
    return {};
  }
  const SnapshotTotals& totals() const { return totals_; }

 private:
  SnapshotTotals totals_{.num_rows = 0};
};

FileSums SumsOf(const FileActionView& add) {
  return {.size_bytes = add.size,
          .stats = add.stats.value_or(std::string_view()),
          .has_deletion_vector = add.has_deletion_vector,
          .deleted_rows = add.has_deletion_vector ? add.dv_cardinality : 0};
}

// A file of a JSON log file as a checkpoint's files come. Optional fields that only all_fields asks for stay out.
FileActionView ViewOf(const AddFile& add) {
  FileActionView view;
  view.path = add.path;
  for (const auto& [name, value] : add.partition_values) {
    view.partition_values.emplace_back(name, value ? std::optional<std::string_view>(*value) : std::nullopt);
  }
  view.size = add.size;
  view.modification_time = add.modification_time;
  if (add.stats) view.stats = *add.stats;
  if (add.deletion_vector) {
    view.has_deletion_vector = true;
    view.dv_storage_type = add.deletion_vector->storage_type;
    view.dv_path_or_inline = add.deletion_vector->path_or_inline_dv;
    view.dv_offset = add.deletion_vector->offset;
    view.dv_size_in_bytes = add.deletion_vector->size_in_bytes;
    view.dv_cardinality = add.deletion_vector->cardinality;
  }
  view.base_row_id = add.base_row_id;
  view.default_row_commit_version = add.default_row_commit_version;
  return view;
}

LiveFilesInput StreamInput(const Snapshot& snapshot, const LiveFilesRequest& request, const Snapshot::Parts& parts) {
  LiveFilesInput input{.snapshot = snapshot.shared_from_this(),
                       .texts = parts.texts,
                       .stats = request.stats,
                       .all_fields = request.all_fields,
                       .sidecars = parts.checkpoint_may_have_sidecars};
  if (request.prune && !IsTrue(request.predicate)) {
    input.pruner = MakePruner({.schema = snapshot.schema(),
                               .mode = snapshot.config().mapping_mode,
                               .partition_columns = snapshot.metadata().partition_columns,
                               .predicate = request.predicate});
  }
  return input;
}

}  // namespace

Result<std::unique_ptr<LiveFileCursor>> Snapshot::LiveFiles(const LiveFilesRequest& request) const {
  return std::unique_ptr<LiveFileCursor>(std::make_unique<LiveFileStream>(StreamInput(*this, request, *parts_)));
}

Status Snapshot::VisitLiveFiles(const LiveFilesRequest& request,
                                const std::function<Result<bool>(const FileActionView&)>& visit) const {
  LiveFileStream files(StreamInput(*this, request, *parts_));
  while (true) {
    DELTIC_TRY(const std::optional<AddFile> add, files.NextFromJson());
    if (!add) break;
    Result<bool> more = visit(ViewOf(*add));
    if (!more.ok()) return std::move(more).error().Wrap(add->path);
    if (!*more) return {};
  }
  DELTIC_TRY(const std::unique_ptr<FileActionCursor> checkpoint, files.OpenParquet());
  while (checkpoint) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, checkpoint->Next());
    if (batch->empty()) break;
    for (const FileActionView& add : *batch) {
      Result<bool> more = visit(add);
      if (!more.ok()) return std::move(more).error().Wrap(std::string(add.path));
      if (!*more) return {};
    }
  }
  return {};
}

Result<SnapshotTotals> Snapshot::Totals() const {
  TotalsSum sum;
  DELTIC_CHECK(VisitLiveFiles({}, [&](const FileActionView& add) -> Result<bool> {
    DELTIC_CHECK(sum.Add(SumsOf(add)));
    return true;
  }));
  return sum.totals();
}

}  // namespace deltic
