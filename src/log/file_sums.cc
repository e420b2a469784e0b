// Owns the arithmetic of file sums.
#include "log/file_sums.h"

#include <algorithm>

#include "engine/engine.h"

namespace deltic {
namespace {

constexpr int64_t kKiB = 1024;
constexpr int64_t kMiB = 1024 * kKiB;
constexpr int64_t kGiB = 1024 * kMiB;

// Powers of two, then ever larger steps, finer around 128 MiB, which is what writers aim at.
constexpr std::array<int64_t, kFileSizeBins> MakeBins() {
  std::array<int64_t, kFileSizeBins> bins{};
  size_t at = 0;
  bins[at++] = 0;
  for (int64_t size = 8 * kKiB; size <= 4 * kMiB; size *= 2) bins[at++] = size;
  struct Steps {
    int64_t step, last;
  };
  constexpr Steps kSteps[] = {{4, 40}, {8, 120}, {4, 144}, {16, 576}, {64, 1408}, {128, 2048}, {256, 4096}};
  int64_t size = 4;
  for (const Steps& steps : kSteps) {
    while (size < steps.last) bins[at++] = (size += steps.step) * kMiB;
  }
  for (int64_t gib = 8; gib <= 256; gib *= 2) bins[at++] = gib * kGiB;
  return bins;
}
constexpr std::array<int64_t, kFileSizeBins> kBins = MakeBins();
static_assert(kBins.back() == 256 * kGiB && kBins[kFileSizeBins - 7] == 4 * kGiB, "a bin too many or too few");

size_t BinOf(int64_t size) {
  return static_cast<size_t>(std::upper_bound(kBins.begin() + 1, kBins.end(), size) - kBins.begin()) - 1;
}

// [0], [1, 9], [10, 99], ... [10^7, 2^31 - 2], and all above.
size_t DeletedBinOf(int64_t deleted) {
  if (deleted >= 2'147'483'647) return kDeletedRecordBins - 1;
  size_t bin = 0;
  for (int64_t limit = 1; deleted >= limit && bin < kDeletedRecordBins - 2; limit *= 10) ++bin;
  return bin;
}

struct File {
  int64_t size = 0;
  std::optional<int64_t> deleted;  // by a deletion vector
};

// `sign` is 1 or -1.
void Change(FileSums& sums, const File& file, int64_t sign) {
  const int64_t deleted = file.deleted.value_or(0);
  const size_t bin = BinOf(file.size);
  sums.num_files += sign;
  sums.overflow |= file.size < 0 || deleted < 0;
  sums.overflow |= __builtin_add_overflow(sums.size_bytes, sign * file.size, &sums.size_bytes);
  sums.overflow |= __builtin_add_overflow(sums.total_bytes[bin], sign * file.size, &sums.total_bytes[bin]);
  sums.overflow |= __builtin_add_overflow(sums.num_deleted_records, sign * deleted, &sums.num_deleted_records);
  sums.num_deletion_vectors += file.deleted ? sign : 0;
  sums.file_counts[bin] += sign;
  sums.deleted_record_counts[DeletedBinOf(deleted)] += sign;
}

std::optional<int64_t> DeletedBy(const std::optional<DeletionVectorDescriptor>& dv) {
  return dv ? std::optional<int64_t>(dv->cardinality) : std::nullopt;
}

bool NoneBelowZero(const FileSums& sums) {
  const auto below = [](int64_t value) { return value < 0; };
  return sums.num_files >= 0 && sums.size_bytes >= 0 && sums.num_deletion_vectors >= 0 &&
         sums.num_deleted_records >= 0 && std::none_of(sums.file_counts.begin(), sums.file_counts.end(), below) &&
         std::none_of(sums.total_bytes.begin(), sums.total_bytes.end(), below) &&
         std::none_of(sums.deleted_record_counts.begin(), sums.deleted_record_counts.end(), below);
}

}  // namespace

std::span<const int64_t, kFileSizeBins> FileSizeBins() { return kBins; }

void FileSums::Add(const AddFile& add) {
  Change(*this, {.size = add.size, .deleted = DeletedBy(add.deletion_vector)}, 1);
}

void FileSums::Add(const FileActionView& add) {
  Change(*this,
         {.size = add.size,
          .deleted = add.has_deletion_vector ? std::optional<int64_t>(add.dv_cardinality) : std::nullopt},
         1);
}

std::optional<FileSums> SumsAfter(const FileSums& before, const std::vector<Action>& commit) {
  FileSums sums = before;
  bool removes = false, rearranging_adds = false;
  for (const Action& action : commit) {
    if (const AddFile* add = std::get_if<AddFile>(&action)) {
      rearranging_adds |= !add->data_change;
      sums.Add(*add);
    } else if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
      removes = true;
      if (!remove->size) return std::nullopt;
      Change(sums, {.size = *remove->size, .deleted = DeletedBy(remove->deletion_vector)}, -1);
    }
  }
  if ((rearranging_adds && !removes) || sums.overflow || !NoneBelowZero(sums)) return std::nullopt;
  return sums;
}

}  // namespace deltic
