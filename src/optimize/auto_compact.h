// Owns auto-compaction: after a write, small files of partitions that have many of them become large ones, where the
// table asks for it (delta.autoOptimize.autoCompact). Numbers are Delta Spark's: 50 files below 64 MiB make a partition
// one to be compacted, into files of 128 MiB.
#pragma once

#include <memory>

#include "optimize/optimize.h"

namespace deltic {

bool WantsAutoCompaction(const Metadata& metadata);

// `table` is the snapshot that the write made. Changes nothing where no partition has enough small files. The write
// stands whatever this answers.
Result<Optimized> AutoCompact(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                              const CommitOptions& commit);

}  // namespace deltic
