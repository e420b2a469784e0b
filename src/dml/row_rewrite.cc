// Owns the making of those files; see the header.
#include "dml/row_rewrite.h"

#include "base/error.h"
#include "base/url.h"
#include "dml/row_places.h"
#include "dv/deletion_vector.h"
#include "dv/dv_writer.h"
#include "expr/prune.h"
#include "rewrite/replace.h"

namespace deltic {
namespace {

std::optional<int64_t> RowsOf(const AddFile& file) { return file.stats ? NumRecords(*file.stats) : std::nullopt; }

}  // namespace

RowRewrite::RowRewrite(Engine& engine, std::shared_ptr<const Snapshot> base, const WriteOptions& write)
    : engine_(engine),
      base_(std::move(base)),
      write_(write),
      target_{.store = base_->store(),
              .protocol = base_->protocol(),
              .metadata = base_->metadata(),
              .schema = base_->schema(),
              .config = base_->config()} {}

Status RowRewrite::CheckTable() const {
  if (base_->config().append_only) {
    return Unsupported("the table takes appends only (delta.appendOnly): rows that are there cannot be changed");
  }
  if (tracks_rows() && base_->config().row_id_column.empty()) {
    return Unsupported("the table tracks rows but names no column for their ids, so they would be lost: use Spark");
  }
  return {};
}

void RowRewrite::SetFiles(std::vector<AddFile> files) {
  files_ = std::move(files);
  marks_.assign(files_.size(), RowSet());
  marked_ = 0;
}

Status RowRewrite::AddScan(WorkSession& session, const std::string& name, std::vector<ChosenFile> files,
                           const ScanExtras& extras) const {
  // Only a request for row ids tells the scan under which names files store them.
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = extras.row_ids}));
  spec.scan.files = MakeFileSource(base_, std::move(files));
  return session.AddScan(name, spec.scan, extras);
}

Status RowRewrite::ScanFiles(WorkSession& session, const std::string& name) const {
  std::vector<ChosenFile> files;
  for (size_t i = 0; i < files_.size(); i++) {
    files.push_back({.file = files_[i], .number = static_cast<int64_t>(i), .only = nullptr});
  }
  return AddScan(session, name, std::move(files), {.places = true});
}

Result<int64_t> RowRewrite::Mark(WorkSession& session, const std::string& places_sql) {
  int64_t visited = 0;
  const auto visit = [&](const RowPlace* rows, size_t count) -> Status {
    visited += static_cast<int64_t>(count);
    for (size_t i = 0; i < count; i++) {
      if (rows[i].file < 0 || rows[i].file >= static_cast<int64_t>(marks_.size()) || rows[i].row < 0) {
        return Internal("the engine named a row of a file that it was not given");
      }
      if (marks_[static_cast<size_t>(rows[i].file)].Add(static_cast<uint64_t>(rows[i].row))) ++marked_;
    }
    return {};
  };
  DELTIC_CHECK(session.VisitPlaces(places_sql, visit, write_.cancel));
  return visited;
}

Status RowRewrite::ScanMarked(WorkSession& session, const std::string& name) const {
  std::vector<ChosenFile> files;
  for (size_t i = 0; i < marks_.size(); i++) {
    if (marks_[i].empty()) continue;
    files.push_back({.file = files_[i],
                     .number = static_cast<int64_t>(i),
                     .only = std::make_shared<SetMask>(marks_[i], MaskSide::kInside)});
  }
  return AddScan(session, name, std::move(files), {.places = true, .row_ids = tracks_rows()});
}

Result<RowRewrite::Written> RowRewrite::Write(std::unique_ptr<RowInput> rows, RowOrigin origin) {
  WriteOptions options = write_;
  options.rows = origin;
  DELTIC_TRY(WrittenRows made, WriteRows(engine_, std::move(rows), target_, options));
  for (AddFile& file : made.files) {
    counts_.bytes_added += file.size;
    written_.push_back(std::move(file));
  }
  return Written{.rows = made.num_rows, .identity_marks = std::move(made.identity_marks)};
}

Status RowRewrite::ScanWritten(WorkSession& session, const std::string& name, std::vector<AddFile> files) const {
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {}));
  spec.scan.schema = target_.schema;
  spec.scan.files = MakeFileSource(base_, std::move(files));
  return session.AddScan(name, spec.scan, {});
}

Status RowRewrite::WriteFeed(WorkSession& session, const std::string& sql) {
  DELTIC_TRY(auto input, session.Input(sql));
  WriteOptions options = write_;
  options.rows = RowOrigin::kOwn;
  DELTIC_TRY(feed_, WriteChangeFiles(engine_, std::move(input), target_, options));
  return {};
}

void RowRewrite::Remove(const AddFile& file) {
  removed_.push_back(file);
  ++counts_.files_removed;
  counts_.bytes_removed += file.size;
  if (file.deletion_vector) ++counts_.vectors_removed;
}

bool RowRewrite::CanMark(const AddFile& file) const {
  return base_->config().deletion_vectors_enabled && RowsOf(file).has_value();
}

bool RowRewrite::RewritesFiles() const {
  for (size_t i = 0; i < marks_.size(); i++) {
    if (!marks_[i].empty() && !CanMark(files_[i])) return true;
  }
  return false;
}

Result<RowSet> RowRewrite::GoneFrom(size_t file) const {
  RowSet gone = marks_[file];
  if (files_[file].deletion_vector) {
    DELTIC_TRY(const auto before, ReadDeletionVector(*base_->store(), *files_[file].deletion_vector));
    gone.Merge(*before);
  }
  return gone;
}

Result<std::vector<ChosenFile>> RowRewrite::KeptFiles() const {
  std::vector<ChosenFile> kept;
  for (size_t i = 0; i < marks_.size(); i++) {
    if (marks_[i].empty() || CanMark(files_[i])) continue;
    DELTIC_TRY(RowSet gone, GoneFrom(i));
    if (RowsOf(files_[i]) == gone.cardinality()) continue;
    kept.push_back({.file = files_[i],
                    .number = static_cast<int64_t>(i),
                    .only = std::make_shared<SetMask>(std::move(gone), MaskSide::kOutside)});
  }
  return kept;
}

Result<bool> RowRewrite::ScanKept(WorkSession& session, const std::string& name) {
  DELTIC_TRY(std::vector<ChosenFile> kept, KeptFiles());
  copies_made_ = true;
  const bool any = !kept.empty();
  if (any) DELTIC_CHECK(AddScan(session, name, std::move(kept), {.row_ids = tracks_rows()}));
  return any;
}

Status RowRewrite::TakeMarkedAway() {
  if (!copies_made_) {
    DELTIC_TRY(std::vector<ChosenFile> kept, KeptFiles());
    if (!kept.empty()) {
      DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {.row_ids = tracks_rows()}));
      spec.scan.files = MakeFileSource(base_, std::move(kept));
      DELTIC_TRY(auto input, engine_.InputFromScan(spec));
      DELTIC_TRY(const Written copies, Write(std::move(input), RowOrigin::kOwn));
      counts_.rows_copied = copies.rows;
    }
  }
  DeletionVectorWriter writer(*base_->store(), write_.env, base_->config());
  for (size_t i = 0; i < marks_.size(); i++) {
    if (marks_[i].empty()) continue;
    const AddFile& file = files_[i];
    if (!CanMark(file)) {
      Remove(file);
      continue;
    }
    DELTIC_TRY(const RowSet gone, GoneFrom(i));
    if (RowsOf(file) == gone.cardinality()) {
      Remove(file);
      continue;
    }
    removed_.push_back(file);
    ++counts_.vectors_added;
    if (file.deletion_vector) {
      ++counts_.vectors_updated;
      ++counts_.vectors_removed;
    }
    DELTIC_TRY(const DeletionVectorDescriptor vector, writer.Add(gone));
    DELTIC_TRY(AddFile marked, WithDeletionVector(file, vector));
    vectors_.push_back(std::move(marked));
    row_marks_.push_back({.path = file.path, .rows = std::make_shared<RowSet>(marks_[i])});
  }
  DELTIC_CHECK(writer.Finish());
  vector_keys_ = writer.keys();
  return {};
}

std::vector<Action> RowRewrite::Actions(int64_t now_ms) const {
  std::vector<Action> actions;
  for (const AddFile& file : removed_) actions.emplace_back(ToRemove(file, now_ms));
  for (const AddFile& file : vectors_) actions.emplace_back(file);
  for (const AddFile& file : written_) actions.emplace_back(file);
  for (const AddCdcFile& file : feed_) actions.emplace_back(file);
  return actions;
}

Error RowRewrite::Discard(Error error) const {
  std::vector<AddFile> files = written_;
  const auto add = [&](const std::string& path) {
    files.emplace_back();
    files.back().path = path;
  };
  for (const AddCdcFile& file : feed_) add(file.path);
  for (const std::string& key : vector_keys_) add(PercentEncode(key));
  return DiscardFiles(*base_->store(), files, std::move(error));
}

}  // namespace deltic
