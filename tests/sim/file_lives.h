// Owns what the simulator asks of deletions: when each file and each file of vectors was named by a version, held
// against the moment it was deleted. A vacuum may take what no version within the retention needs and no writer within
// the retention has written; whoever else deletes takes what no version ever names. At the end a last vacuum leaves
// exactly the files that live.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "world.h"

namespace deltic::sim {

// Told of the versions in order. One thread at a time.
class FileLives {
 public:
  FileLives(World& world, int64_t retention_ms) : world_(world), retention_ms_(retention_ms) {}

  void Begin(const AddFile& add, int64_t version);
  void End(const AddFile& add, int64_t deletion_timestamp_ms);
  void TellChange(const std::string& path, int64_t version);

  // The first deletion that is wrong, or "".
  std::string Check() const;
  std::string CheckLastVacuum() const;

 private:
  struct Life {
    int64_t version = 0;
    int64_t from_ms = 0;
    int64_t to_ms = INT64_MAX;
  };
  void Open(const std::string& key, int64_t version);
  void Close(const std::string& key, int64_t at_ms);
  // Whether the writer took longer than the retention from writing the file to committing it: no vacuum can know.
  bool CameLate(const Deletion& deletion) const;

  World& world_;
  const int64_t retention_ms_;
  std::map<std::string, std::vector<Life>> lives_;
  std::map<std::string, int> open_;  // a file of vectors serves several files
};

}  // namespace deltic::sim
