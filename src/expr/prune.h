// Owns the question "may a file hold a row for which this predicate is true?", answered from partition values and
// statistics. Errs only towards keeping a file. Does not read logs. Protocol: "Per-file Statistics".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "expr/predicate.h"

namespace deltic {

enum class PruneReason : uint8_t { kKept, kPartition, kStatistics };

// What a pruner is asked about one file. Views need only live during the call.
struct FileFacts {
  // Serialised values by physical partition column; absent or nullopt is NULL.
  const std::map<std::string, std::optional<std::string>>* partition_values = nullptr;
  std::string_view stats_json;  // "" when there are none
  bool has_deletion_vector = false;
};

// Prepared once for a predicate and a schema, then asked file by file. Not for two threads at once: Clone per thread.
class Pruner {
 public:
  virtual ~Pruner() = default;
  // kKept when the file must be read. A file whose partition values cannot be parsed is Corrupt, naming the value.
  virtual Result<PruneReason> Check(const FileFacts& file) = 0;
  virtual std::unique_ptr<Pruner> Clone() const = 0;
  // Whether statistics can ever drop a file for this predicate; when false they need not be read at all.
  virtual bool uses_statistics() const = 0;
};

struct PrunerInput {
  Fields schema;
  MappingMode mode = MappingMode::kNone;
  std::vector<std::string> partition_columns;  // logical names
  Predicate predicate;
};
std::unique_ptr<Pruner> MakePruner(PrunerInput input);

// numRecords of a statistics JSON; nullopt when absent or not a number.
std::optional<int64_t> NumRecords(std::string_view stats_json);

}  // namespace deltic
