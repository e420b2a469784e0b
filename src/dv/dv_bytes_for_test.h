// Owns the making of deletion vector bytes, good and bad, for tests. The product writes none yet.
#pragma once

#include <roaring/roaring.h>
#include <zlib.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace deltic {

template <class T>
std::string LittleForTest(T value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
  return bytes;
}
template <class T>
std::string BigForTest(T value) {
  const std::string little = LittleForTest(value);
  return std::string(little.rbegin(), little.rend());
}

enum class Runs { kNo, kYes };

// A 32-bit bitmap as CRoaring serialises it; with run containers where they are smaller, when asked.
inline std::string BitmapForTest(const std::vector<uint32_t>& rows, Runs runs = Runs::kNo) {
  roaring_bitmap_t* bitmap = roaring_bitmap_of_ptr(rows.size(), rows.data());
  if (runs == Runs::kYes) roaring_bitmap_run_optimize(bitmap);
  std::string bytes(roaring_bitmap_portable_size_in_bytes(bitmap), '\0');
  roaring_bitmap_portable_serialize(bitmap, bytes.data());
  roaring_bitmap_free(bitmap);
  return bytes;
}

// Keys and bitmaps, as given, in the portable layout.
inline std::string PortableForTest(const std::vector<std::pair<uint32_t, std::string>>& buckets) {
  std::string bytes = LittleForTest<uint32_t>(1'681'511'377) + LittleForTest<uint64_t>(buckets.size());
  for (const auto& [key, bitmap] : buckets) bytes += LittleForTest(key) + bitmap;
  return bytes;
}

inline std::string PortableRowsForTest(const std::vector<uint64_t>& rows, Runs runs = Runs::kNo) {
  std::map<uint32_t, std::vector<uint32_t>> by_key;
  for (const uint64_t row : rows) by_key[static_cast<uint32_t>(row >> 32)].push_back(static_cast<uint32_t>(row));
  std::vector<std::pair<uint32_t, std::string>> buckets;
  for (const auto& [key, lows] : by_key) buckets.emplace_back(key, BitmapForTest(lows, runs));
  return PortableForTest(buckets);
}

// The version, and the entries one after another with their sizes and checksums.
inline std::string DvFileForTest(const std::vector<std::string>& entries) {
  std::string bytes = "\x01";
  for (const std::string& entry : entries) {
    const auto crc = crc32_z(0, reinterpret_cast<const unsigned char*>(entry.data()), entry.size());
    bytes += BigForTest(static_cast<uint32_t>(entry.size())) + entry + BigForTest(static_cast<uint32_t>(crc));
  }
  return bytes;
}

}  // namespace deltic
