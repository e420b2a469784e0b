// Owns the reading of many small log files from a store behind a network: those that will be asked for next are read
// together, and kept, within a bound, for who asks again (a table that was opened is read next). On local disks it
// reads one by one and keeps nothing: the kernel does that better. Knows nothing of what is in the files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "log/commit_reader.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

// Log files never change once they are there, so what was read stays true. Thread-safe.
class LogTexts {
 public:
  explicit LogTexts(std::shared_ptr<ObjectStore> store) : store_(std::move(store)) {}

  // Files that will be read soon, in this order: the next one that has to be waited for brings as many of them along as
  // is good. Those that are kept are not read again. Reads nothing by itself.
  void Expect(const std::vector<LogFile>& files);

  // As LogFileText::Read.
  Result<LogFileText> Read(const LogFile& file);
  // The text as it is: an empty one is no error.
  Result<std::string> ReadText(const LogFile& file);

 private:
  std::vector<LogFile> TakeBatch(const LogFile& first);
  Result<std::string> ReadBatch(const std::vector<LogFile>& batch);

  const std::shared_ptr<ObjectStore> store_;
  std::mutex mutex_;                         // held while a batch is read: who comes meanwhile wants what it brings
  std::map<std::string, std::string> kept_;  // by key; guarded by mutex_
  int64_t kept_bytes_ = 0;                   // guarded by mutex_
  std::vector<LogFile> expected_;            // the next one is the last; guarded by mutex_
};

}  // namespace deltic
