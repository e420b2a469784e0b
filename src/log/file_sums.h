// Owns the sums over a version's live files that its checksum tells: counts, bytes and histograms. Pure; knows no JSON
// (log/checksum.h) and does not decide which files live.
// Protocol: "File Size Histogram Schema", "Deleted Record Counts Histogram Schema".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "actions/actions.h"

namespace deltic {

struct FileActionView;

inline constexpr size_t kFileSizeBins = 95;
inline constexpr size_t kDeletedRecordBins = 10;
// Where each bin of file sizes begins, as every writer that we know cuts them; the last has no end.
std::span<const int64_t, kFileSizeBins> FileSizeBins();

// A plain value: copied freely.
struct FileSums {
  int64_t num_files = 0;
  int64_t size_bytes = 0;
  int64_t num_deletion_vectors = 0;
  int64_t num_deleted_records = 0;
  std::array<int64_t, kFileSizeBins> file_counts{};
  std::array<int64_t, kFileSizeBins> total_bytes{};
  std::array<int64_t, kDeletedRecordBins> deleted_record_counts{};
  // A sum went over 64 bits: nothing here can be believed.
  bool overflow = false;

  void Add(const AddFile& add);
  void Add(const FileActionView& add);
  bool operator==(const FileSums&) const = default;
};

// The sums after one more commit; nullopt when the commit alone does not tell: a remove without its file's size, or
// adds that rearrange nothing (dataChange false and no remove), which speak of files that are there already. Example:
// one file of 10 bytes, then a commit that removes it (size 10) and adds one of 7, gives one file of 7 bytes.
std::optional<FileSums> SumsAfter(const FileSums& before, const std::vector<Action>& commit);

}  // namespace deltic
