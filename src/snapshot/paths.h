// Owns what an add's or remove's path means: which file, whatever way the path is written.
// LocateFile (snapshot/snapshot.h) says where to read; CanonicalPaths makes the key for reconciliation.
// Opens nothing. Protocol: "Add File and Remove File" (path: a URI reference, decoded once).
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"

namespace deltic {

// Where a store is, in one spelling, whatever the scheme by which it was opened: "s3://bucket/a b/" of
// "s3a://bucket/a%20b/". Two stores with the same are the same place; "" when the store's name is no place.
std::string CanonicalRoot(const ObjectStore& store);

// CanonicalPath for one table: an absolute path below the table's root is the same file as the relative one.
// Immutable, safe to share among threads.
class CanonicalPaths {
 public:
  CanonicalPaths() = default;  // of no table in particular
  explicit CanonicalPaths(const ObjectStore& store);

  // Corrupt for a path that LocateFile refuses.
  Result<std::string> Of(std::string_view path) const;
  // Whether `path` is its own canonical form, as almost every path is: then it need not be copied.
  static bool IsPlain(std::string_view path);

 private:
  std::string root_;  // "/data/t/" or "s3://bucket/t/", decoded; "" when not known
};

}  // namespace deltic
