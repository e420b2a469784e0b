// Feeds a listing, one name a line, to ParseLogName and ChooseSegment. A segment that is chosen must be one: its deltas
// follow each other without a gap from its checkpoint (or 0) to its version, and a checkpoint of many parts has them
// all, in order. Seeds: listings of tables with each kind of log file.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "log/segment.h"

namespace {

using namespace deltic;

void CheckSegment(const LogSegment& segment) {
  int64_t next = 0;
  if (segment.checkpoint_version) {
    if (segment.checkpoint.empty() || *segment.checkpoint_version > segment.version) std::abort();
    for (size_t i = 0; i < segment.checkpoint.size(); ++i) {
      const LogFile& part = segment.checkpoint[i];
      if (part.version != *segment.checkpoint_version) std::abort();
      if (part.parts != 0 &&
          (part.part != static_cast<int32_t>(i) + 1 || part.parts != static_cast<int32_t>(segment.checkpoint.size()))) {
        std::abort();
      }
    }
    if (*segment.checkpoint_version == segment.version) {
      if (!segment.deltas.empty()) std::abort();
      return;
    }
    next = *segment.checkpoint_version + 1;
  }
  for (const LogFile& delta : segment.deltas) {
    if (delta.from_version != next || delta.version < delta.from_version) std::abort();
    if (&delta == &segment.deltas.back() ? delta.version != segment.version : delta.version >= segment.version)
      std::abort();
    next = delta.version + (delta.version == segment.version ? 0 : 1);
  }
  if (segment.deltas.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<LogFile> files;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::optional<LogFile> file = ParseLogName(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!file) continue;
    if (file->version < 0 || file->from_version > file->version || file->part > file->parts) std::abort();
    files.push_back(*file);
  }
  const auto newest = ChooseSegment(files, std::nullopt);
  if (newest.ok()) CheckSegment(*newest);
  const auto range = MakeableVersions(files);
  if (newest.ok() && !range) std::abort();
  for (const LogFile& file : files) {
    const auto segment = ChooseSegment(files, file.version);
    if (segment.ok() && segment->version != file.version) std::abort();
    if (segment.ok()) CheckSegment(*segment);
  }
  return 0;
}
