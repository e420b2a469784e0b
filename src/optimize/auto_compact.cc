// Owns the rule when to compact; see the header.
#include "optimize/auto_compact.h"

namespace deltic {
namespace {

constexpr int64_t kTargetBytes = 128LL << 20;
constexpr int64_t kSmallBytes = kTargetBytes / 2;
constexpr int64_t kMinFiles = 50;

}  // namespace

bool WantsAutoCompaction(const Metadata& metadata) {
  const auto is_true = [&](const char* property) {
    const auto found = metadata.configuration.find(property);
    return found != metadata.configuration.end() && found->second == "true";
  };
  // The first is the older name for this and optimized writes together.
  return is_true("delta.autoOptimize") || is_true("delta.autoOptimize.autoCompact");
}

Result<Optimized> AutoCompact(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                              const CommitOptions& commit) {
  OptimizeRequest request;
  request.min_file_bytes = kSmallBytes;
  request.target_file_bytes = table->config().target_file_bytes.value_or(kTargetBytes);
  OptimizeContext context;
  context.commit = commit;
  context.write.env = commit.env;
  context.write.cancel = commit.cancel;
  context.automatic = true;
  context.min_small_files = kMinFiles;
  return OptimizeTable(engine, table, request, context);
}

}  // namespace deltic
