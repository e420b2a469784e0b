// Owns KeptFiles: the set of files that a vacuum must not touch, as 64-bit marks of their names. Where one is wrong it
// keeps too much: two names with one mark, names that differ by letter case (a file system may not tell them apart),
// and names that only end like an absolute path in the log (the same folder may have several names) all count as kept.
// About 11 to 22 bytes a file. Reads no log. Protocol: "Add File and Remove File", "Deletion Vector Descriptor Schema".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "engine/engine.h"
#include "snapshot/paths.h"
#include "storage/object_store.h"

namespace deltic {

// Safe to share among threads while nobody adds.
class KeptFiles {
 public:
  explicit KeptFiles(const ObjectStore& store) : paths_(store) {}

  // A path as in the log. Corrupt when it names no file: what it was meant to name must not be deleted by a guess.
  Status Add(std::string_view path);
  Status AddVector(const DeletionVectorDescriptor& vector);
  // A file action's file and its deletion vector.
  Status AddFileAndVector(const FileActionView& file);
  // The files that an action speaks of: those of adds, removes and change files.
  Status AddAction(const Action& action);

  // Whether a key of the table's store is in it.
  bool Contains(std::string_view key) const;
  size_t size() const { return size_; }

 private:
  void AddKey(std::string_view key);
  void AddEndings(std::string_view absolute);
  void Grow();

  CanonicalPaths paths_;
  std::vector<uint64_t> marks_;  // open addressing; 0 is a free place
  size_t size_ = 0;
};

}  // namespace deltic
