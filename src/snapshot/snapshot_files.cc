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

FileSums SumsOf(const AddFile& add) {
  return {.size_bytes = add.size,
          .stats = add.stats ? std::string_view(*add.stats) : std::string_view(),
          .has_deletion_vector = add.deletion_vector.has_value(),
          .deleted_rows = add.deletion_vector ? add.deletion_vector->cardinality : 0};
}

FileSums SumsOf(const FileActionView& add) {
  return {.size_bytes = add.size,
          .stats = add.stats.value_or(std::string_view()),
          .has_deletion_vector = add.has_deletion_vector,
          .deleted_rows = add.has_deletion_vector ? add.dv_cardinality : 0};
}

}  // namespace

Result<std::unique_ptr<LiveFileCursor>> Snapshot::LiveFiles(const LiveFilesRequest& request) const {
  LiveFilesInput input{.snapshot = shared_from_this(),
                       .stats = request.stats,
                       .all_fields = request.all_fields,
                       .sidecars = parts_->checkpoint_may_have_sidecars};
  if (request.prune && !IsTrue(request.predicate)) {
    input.pruner = MakePruner({.schema = schema(),
                               .mode = config().mapping_mode,
                               .partition_columns = metadata().partition_columns,
                               .predicate = request.predicate});
  }
  return std::unique_ptr<LiveFileCursor>(std::make_unique<LiveFileStream>(std::move(input)));
}

Result<SnapshotTotals> Snapshot::Totals() const {
  LiveFileStream files({.snapshot = shared_from_this(), .sidecars = parts_->checkpoint_may_have_sidecars});
  TotalsSum sum;
  while (true) {
    DELTIC_TRY(const std::optional<AddFile> add, files.NextFromJson());
    if (!add) break;
    Status status = sum.Add(SumsOf(*add));
    if (!status.ok()) return std::move(status).error().Wrap(add->path);
  }
  DELTIC_TRY(const std::unique_ptr<FileActionCursor> checkpoint, files.OpenParquet());
  while (checkpoint) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, checkpoint->Next());
    if (batch->empty()) break;
    for (const FileActionView& add : *batch) {
      Status status = sum.Add(SumsOf(add));
      if (!status.ok()) return std::move(status).error().Wrap(add.path);
    }
  }
  return sum.totals();
}

}  // namespace deltic
