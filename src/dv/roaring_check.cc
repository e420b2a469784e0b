// Owns the walk through a serialised 32-bit Roaring bitmap. All numbers are little-endian.
//
//   bitmap     = header *container                          as many containers as the header says
//   header     = plain / with_runs
//   plain      = u32:12346 u32:count descriptors offsets
//   with_runs  = u16:12347 u16:count-1 is_run descriptors [offsets]     offsets only from 4 containers on
//   is_run     = (count + 7) / 8 bytes, a bit for each container, lowest first
//   descriptors= count * (u16:key u16:cardinality-1)        keys ascending; the high half of the container's values
//   offsets    = count * u32                                of the containers, from the start of the bitmap
//   container  = runs / array / bitset
//   runs       = u16:n n * (u16:first u16:length-1)         where is_run says so; ascending, not overlapping
//   array      = cardinality * u16                          up to 4096 values, ascending
//   bitset     = 1024 * u64                                 more than 4096 values
//
// CRoaring 0.2 checks lengths only: unsorted arrays or wrong cardinalities would give wrong answers later, silently.
// So this walk proves all that its algorithms rely on. Format: RoaringFormatSpec, "General layout".
#include "dv/roaring_check.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "dv/byte_reader.h"

namespace deltic {
namespace {

constexpr uint32_t kPlainCookie = 12'346;
constexpr uint16_t kRunsCookie = 12'347;
constexpr uint32_t kMaxContainers = 1 << 16;
constexpr uint32_t kFewContainers = 4;  // a bitmap with runs and fewer containers has no offsets
constexpr uint32_t kMaxArray = 4'096;
constexpr size_t kBitsetBytes = 8'192;

struct Header {
  uint32_t count = 0;
  std::string_view is_run;  // empty: none is
  std::string_view descriptors;
  std::string_view offsets;  // empty: there are none
};

Error Cut(std::string_view what) { return Corrupt("the bitmap is cut in its {}", what); }

uint16_t U16At(std::string_view bytes, size_t index) {
  return *ByteReader(bytes.substr(index * 2)).TakeLittle<uint16_t>();
}
uint32_t U32At(std::string_view bytes, size_t index) {
  return *ByteReader(bytes.substr(index * 4)).TakeLittle<uint32_t>();
}

Result<Header> TakeHeader(ByteReader& reader) {
  Header header;
  const auto cookie = reader.TakeLittle<uint32_t>();
  if (!cookie) return Cut("cookie");
  bool has_offsets = true;
  if (*cookie == kPlainCookie) {
    const auto count = reader.TakeLittle<uint32_t>();
    if (!count) return Cut("number of containers");
    header.count = *count;
  } else if ((*cookie & 0xFFFF) == kRunsCookie) {
    header.count = (*cookie >> 16) + 1;
    const auto is_run = reader.TakeBytes((header.count + 7) / 8);
    if (!is_run) return Cut("marks of run containers");
    header.is_run = *is_run;
    has_offsets = header.count >= kFewContainers;
  } else {
    return Corrupt("the bitmap begins with {}, not with a cookie of the Roaring format", *cookie);
  }
  if (header.count > kMaxContainers) return Corrupt("the bitmap claims {} containers", header.count);
  const auto descriptors = reader.TakeBytes(uint64_t{header.count} * 4);
  if (!descriptors) return Cut("descriptors");
  header.descriptors = *descriptors;
  if (has_offsets) {
    const auto offsets = reader.TakeBytes(uint64_t{header.count} * 4);
    if (!offsets) return Cut("offsets");
    header.offsets = *offsets;
  }
  return header;
}

Status CheckRuns(ByteReader& reader, uint32_t cardinality) {
  const auto count = reader.TakeLittle<uint16_t>();
  if (!count) return Cut("number of runs");
  const auto runs = reader.TakeBytes(uint64_t{*count} * 4);
  if (!runs) return Cut("runs");
  uint32_t values = 0;
  uint32_t next = 0;  // the first value that the next run may begin with
  for (size_t i = 0; i < *count; ++i) {
    const uint32_t first = U16At(*runs, i * 2);
    const uint32_t length = U16At(*runs, i * 2 + 1) + 1u;
    if (first < next) return Corrupt("run {} of a container overlaps the one before it", i);
    if (first + length > 0x10000) return Corrupt("run {} of a container goes past its end", i);
    next = first + length;
    values += length;
  }
  if (values != cardinality)
    return Corrupt("a container's runs hold {} values, its header says {}", values, cardinality);
  return {};
}

Status CheckArray(ByteReader& reader, uint32_t cardinality) {
  const auto values = reader.TakeBytes(uint64_t{cardinality} * 2);
  if (!values) return Cut("values");
  for (size_t i = 1; i < cardinality; ++i) {
    if (U16At(*values, i) <= U16At(*values, i - 1)) return Corrupt("the values of a container do not ascend at {}", i);
  }
  return {};
}

Status CheckBitset(ByteReader& reader, uint32_t cardinality) {
  const auto words = reader.TakeBytes(kBitsetBytes);
  if (!words) return Cut("bits");
  uint32_t values = 0;
  for (ByteReader bits(*words); bits.left() > 0;)
    values += static_cast<uint32_t>(std::popcount(*bits.TakeLittle<uint64_t>()));
  if (values != cardinality)
    return Corrupt("a container's bits hold {} values, its header says {}", values, cardinality);
  return {};
}

}  // namespace

Result<CheckedRoaring> CheckRoaring(std::string_view bytes) {
  ByteReader reader(bytes);
  DELTIC_TRY(const Header header, TakeHeader(reader));
  CheckedRoaring checked;
  int32_t last_key = -1;
  for (uint32_t i = 0; i < header.count; ++i) {
    const int32_t key = U16At(header.descriptors, i * 2);
    const uint32_t cardinality = U16At(header.descriptors, i * 2 + 1) + 1u;
    if (key <= last_key) return Corrupt("the containers' keys do not ascend at container {}", i);
    last_key = key;
    const size_t place = bytes.size() - reader.left();
    if (!header.offsets.empty() && U32At(header.offsets, i) != place) {
      return Corrupt("container {} is at byte {}, its offset says {}", i, place, U32At(header.offsets, i));
    }
    const bool is_run = !header.is_run.empty() && (header.is_run[i / 8] >> (i % 8) & 1) != 0;
    if (is_run) {
      DELTIC_CHECK(CheckRuns(reader, cardinality));
    } else if (cardinality <= kMaxArray) {
      DELTIC_CHECK(CheckArray(reader, cardinality));
    } else {
      DELTIC_CHECK(CheckBitset(reader, cardinality));
    }
    checked.cardinality += cardinality;
  }
  checked.size_bytes = bytes.size() - reader.left();
  return checked;
}

}  // namespace deltic
