// Owns the changes of a table as text and as a file, and reads of them that can be stopped, for front ends. Not part of
// the public interface.
#pragma once

#include <memory>

#include "base/cancel.h"
#include "cdf/change_feed.h"
#include "deltic/changes.h"
#include "engine/engine.h"

namespace deltic {

// What public Changes stand on. Immutable, safe to share.
struct Changes::State {
  std::shared_ptr<const ChangeFeed> feed;
};

Result<std::unique_ptr<TextRows>> ReadText(const Changes& changes, const ScanOptions& options,
                                           const CancelToken& cancel);
// As Changes::Scan and Changes::Count; Cancelled once `cancel` is. The token stops the stream's rows as well.
Status ScanChanges(const Changes& changes, const ScanOptions& options, const CancelToken& cancel,
                   ArrowArrayStream* out);
Result<int64_t> CountChanges(const Changes& changes, const ScanOptions& options, const CancelToken& cancel);
// As Changes::Export, stoppable; path "/dev/stdout" streams.
Result<int64_t> ExportChanges(const Changes& changes, const ScanOptions& options, const ExportOptions& to,
                              const CancelToken& cancel);

}  // namespace deltic
