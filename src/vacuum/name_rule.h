// Owns which names below a table's folder a vacuum looks at: as Delta Spark, whatever begins with '_' or '.' is none of
// its business, but for change data and for partitions whose column begins so. Knows no file's age and no log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "schema/types.h"

namespace deltic {

// Immutable, safe to share among threads.
class NameRule {
 public:
  NameRule(const Metadata& metadata, const Fields& schema, MappingMode mode);

  // Whether a key ("a/b/x", or a folder's: "a/b/") may be looked at: none of its segments is hidden.
  bool Looks(std::string_view key) const;
  // Whether it is a file in the making that a writer of ours left in a folder that is looked at.
  bool IsLeftover(std::string_view key) const;
  // Whether it is below the folder of change data.
  static bool IsChangeFile(std::string_view key);
  // The folder ("a/b/") of a table inside this one that the key belongs to by its name ("a/b/_delta_log/..."); "" for
  // none.
  static std::string_view InnerTable(std::string_view key);

 private:
  bool Hidden(std::string_view segment, bool first) const;

  std::vector<std::string> partition_prefixes_;  // "_p="
  bool hides_metadata_ = false;                  // Iceberg's, where UniForm writes it
};

}  // namespace deltic
