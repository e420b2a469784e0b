// Owns what every change of rows does to files: which rows of which files are changed, new versions of rows and the
// change feed as files, and the rows' leave of their old files, by deletion vectors or by files without them. Knows no
// operation: which rows, and what becomes of them, is change_rows.h's and merge.h's.
// Protocol: "Deletion Vectors", "Change Data Files", "Row Tracking".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "engine/engine.h"
#include "scan/table_files.h"
#include "snapshot/snapshot.h"
#include "write/write.h"

namespace deltic {

struct RewriteCounts {
  int64_t rows_copied = 0;
  int64_t files_removed = 0;  // for good, not those that got another vector
  int64_t bytes_added = 0;
  int64_t bytes_removed = 0;
  int64_t vectors_added = 0;    // written, the updated ones among them
  int64_t vectors_updated = 0;  // of files that had one
  int64_t vectors_removed = 0;  // likewise, and those of files that went
};

// One thread at a time. `engine` and `write` must outlive it.
class RowRewrite {
 public:
  RowRewrite(Engine& engine, std::shared_ptr<const Snapshot> base, const WriteOptions& write);

  // Unsupported for tables whose rows must not be changed (delta.appendOnly), or would lose their ids.
  Status CheckTable() const;
  bool tracks_rows() const { return base_->config().row_tracking_enabled; }

  // The files that may hold such rows, in the order of RowPlace::file.
  void SetFiles(std::vector<AddFile> files);
  const std::vector<AddFile>& files() const { return files_; }
  // Their live rows, with places, under a name of the session.
  Status ScanFiles(WorkSession& session, const std::string& name) const;
  // Marks the rows at the places that a query gives, and answers how many it gave: of two for one row one counts.
  Result<int64_t> Mark(WorkSession& session, const std::string& places_sql);
  int64_t marked() const { return marked_; }
  // The marked rows as they are, with places, and with row ids where the table tracks rows.
  Status ScanMarked(WorkSession& session, const std::string& name) const;

  // What new files are written for: the table as it will be.
  void SetTarget(WriteTarget target) { target_ = std::move(target); }
  const WriteTarget& target() const { return target_; }
  WriteTarget& target() { return target_; }
  struct Written {
    int64_t rows = 0;
    std::map<std::string, int64_t> identity_marks;  // see WrittenRows
  };
  Result<Written> Write(std::unique_ptr<RowInput> rows, RowOrigin origin);
  const std::vector<AddFile>& written() const { return written_; }
  // The rows of some of the files just written, as they were stored, under a name.
  Status ScanWritten(WorkSession& session, const std::string& name, std::vector<AddFile> files) const;
  // Files of the change feed, of a query's rows (rewrite/feed_rows.h).
  Status WriteFeed(WorkSession& session, const std::string& sql);
  size_t feed_files() const { return feed_.size(); }

  // A file that goes with all its rows.
  void Remove(const AddFile& file);
  bool removes_files() const { return !removed_.empty(); }
  // The marked rows leave their files. Whether some file is written anew for it tells RewritesFiles: readers of the
  // feed would take its copied rows for deleted and inserted.
  Status TakeMarkedAway();
  bool RewritesFiles() const;
  // The rows that such files keep, for a query that writes them together with others, so that a change of some rows
  // makes one file of one: the caller copies them, and TakeMarkedAway does not. Answers whether there are any.
  Result<bool> ScanKept(WorkSession& session, const std::string& name);
  void CountCopied(int64_t rows) { counts_.rows_copied = rows; }

  const RewriteCounts& counts() const { return counts_; }
  // Once all is written.
  std::vector<Action> Actions(int64_t now_ms) const;
  std::vector<RowMarks> TakeMarks() { return std::move(row_marks_); }
  // Nothing is committed: deletes all files made. The error, with those named that could not be deleted.
  Error Discard(Error error) const;

 private:
  Status AddScan(WorkSession& session, const std::string& name, std::vector<ChosenFile> files,
                 const ScanExtras& extras) const;
  // Whether a deletion vector can say what is deleted: it needs a count of the file's rows.
  bool CanMark(const AddFile& file) const;
  // The rows of a file that will be deleted in it, those that were before among them.
  Result<RowSet> GoneFrom(size_t file) const;
  // The rows that stay of files that must be written anew.
  Result<std::vector<ChosenFile>> KeptFiles() const;

  Engine& engine_;
  const std::shared_ptr<const Snapshot> base_;
  const WriteOptions& write_;
  std::vector<AddFile> files_;
  std::vector<RowSet> marks_;  // by the file's place in files_
  int64_t marked_ = 0;
  WriteTarget target_;
  bool copies_made_ = false;  // by the caller: see ScanKept
  std::vector<AddFile> written_, removed_, vectors_;
  std::vector<AddCdcFile> feed_;
  std::vector<RowMarks> row_marks_;
  std::vector<std::string> vector_keys_;
  RewriteCounts counts_;
};

}  // namespace deltic
