// Owns the blocks and the sorting; see the header.
#include "engine/duckdb/row_shares.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace deltic {
namespace {

using duckdb::BufferHandle;
using duckdb::data_ptr_t;
using duckdb::data_t;
using duckdb::idx_t;
using duckdb::MemoryTag;

constexpr int64_t kMaxShares = 256;
// Of a row, packed, with all that it takes to sort it.
constexpr int64_t kPackedRowBytes = 160;
constexpr int64_t kBlockBytes = 256 << 10;
// Larger rows have blocks of their own.
constexpr uint64_t kLargeRowBytes = 32 << 10;
constexpr uint64_t kMaxRowBytes = uint64_t{1} << 31;

// In a block.
struct Entry {
  uint64_t number;
  uint32_t at;
};
constexpr size_t kEntryBytes = 12;

void StoreEntry(data_ptr_t to, const Entry& entry) {
  std::memcpy(to, &entry.number, 8);
  std::memcpy(to + 8, &entry.at, 4);
}
Entry LoadEntry(const data_t* from) {
  Entry entry;
  std::memcpy(&entry.number, from, 8);
  std::memcpy(&entry.at, from + 8, 4);
  return entry;
}

struct SortedRow {
  uint64_t number;
  const data_t* row;
};

// Byte by byte, the lowest first; bytes in which all numbers agree, which are most of them within a share, cost
// nothing.
void SortByNumber(std::vector<SortedRow>& rows) {
  if (rows.empty()) return;
  uint64_t differing = 0;
  for (const SortedRow& row : rows) differing |= row.number ^ rows[0].number;
  std::vector<SortedRow> other(differing == 0 ? 0 : rows.size());
  for (int shift = 0; shift < 64; shift += 8) {
    if ((differing >> shift & 0xff) == 0) continue;
    std::array<size_t, 257> starts{};
    for (const SortedRow& row : rows) starts[(row.number >> shift & 0xff) + 1]++;
    for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    for (const SortedRow& row : rows) other[starts[row.number >> shift & 0xff]++] = row;
    rows.swap(other);
  }
}

}  // namespace

std::optional<std::vector<uint64_t>> ChooseShares(const RowOrder& order, const ShareLimits& limits) {
  if (order.bounds.empty()) return std::nullopt;
  const int64_t threads = std::max<int64_t>(limits.threads, 1);
  // Each thread has a block open for each share, and later a share in memory.
  const int64_t most = std::min(kMaxShares, limits.memory_bytes / 4 / (kBlockBytes * threads));
  const int64_t wanted = order.expected_rows / std::max<int64_t>(limits.row_group_rows * 3 / 4, 1);
  const int64_t shares = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(most, 1));
  if (order.expected_rows / shares > limits.memory_bytes / 4 / threads / kPackedRowBytes) return std::nullopt;
  std::vector<uint64_t> bounds;
  for (int64_t i = 1; i < shares; ++i) {
    bounds.push_back(order.bounds[static_cast<size_t>(i) * order.bounds.size() / static_cast<size_t>(shares)]);
  }
  return bounds;
}

RowShares::RowShares(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                     std::vector<uint64_t> bounds)
    : context_(context),
      buffers_(duckdb::BufferManager::GetBufferManager(context)),
      types_(types),
      format_(types),
      bounds_(std::move(bounds)),
      repeats_(bounds_.size()),
      shares_(bounds_.size() + 1) {
  for (size_t i = bounds_.size(); i > 0; --i) {
    repeats_[i - 1] = i < bounds_.size() && bounds_[i] == bounds_[i - 1] ? repeats_[i] + 1 : 1;
  }
}

void RowShares::Take(size_t share, const std::function<void(duckdb::DataChunk&)>& visit) {
  std::vector<Block> blocks;
  {
    const std::lock_guard lock(mutex_);
    blocks = std::move(shares_[share]);
    shares_[share].clear();
  }
  std::vector<BufferHandle> pins;
  std::vector<SortedRow> rows;
  size_t total = 0;
  for (const Block& block : blocks) total += block.rows;
  rows.reserve(total);
  for (Block& block : blocks) {
    pins.push_back(buffers_.Pin(block.handle));
    const data_t* base = pins.back().Ptr();
    const data_t* entries = base + block.size_bytes;
    for (uint32_t i = 0; i < block.rows; ++i) {
      entries -= kEntryBytes;
      const Entry entry = LoadEntry(entries);
      rows.push_back({.number = entry.number, .row = base + entry.at});
    }
  }
  SortByNumber(rows);
  RowUnpacker unpacker(format_);
  duckdb::DataChunk chunk;
  chunk.Initialize(context_, types_);
  std::vector<const data_t*> places(STANDARD_VECTOR_SIZE);
  for (size_t first = 0; first < rows.size(); first += STANDARD_VECTOR_SIZE) {
    const size_t count = std::min<size_t>(STANDARD_VECTOR_SIZE, rows.size() - first);
    for (size_t i = 0; i < count; ++i) places[i] = rows[first + i].row;
    chunk.Reset();
    unpacker.Unpack(places.data(), count, chunk);
    visit(chunk);
  }
}

RowSharesAppender::RowSharesAppender(RowShares& shares)
    : shares_(shares), packer_(shares.format_), open_(shares.count()) {}

void RowSharesAppender::Append(duckdb::DataChunk& chunk, duckdb::Vector& numbers) {
  const idx_t count = chunk.size();
  duckdb::UnifiedVectorFormat format;
  numbers.ToUnifiedFormat(count, format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<uint64_t>(format);
  packer_.Open(chunk);
  for (idx_t first = 0; first < count; first += packer_.batch()) {
    const idx_t batch = std::min(packer_.batch(), count - first);
    packer_.Load(first, batch);
    for (idx_t row = 0; row < batch; ++row) {
      const idx_t at = format.sel->get_index(first + row);
      const uint64_t number = format.validity.RowIsValid(at) ? values[at] : ~uint64_t{0};
      packer_.Store(row, Place(ShareOf(number), number, packer_.size_bytes(row)));
    }
  }
}

size_t RowSharesAppender::ShareOf(uint64_t number) {
  const size_t share = shares_.bounds_.Below(number);
  if (share == shares_.bounds_.size() || shares_.bounds_[share] != number) return share;
  // It may stand in this share and in those up to the last bound that is equal.
  return share + turn_++ % (shares_.repeats_[share] + 1);
}

data_ptr_t RowSharesAppender::Place(size_t share, uint64_t number, uint64_t size_bytes) {
  if (size_bytes > kLargeRowBytes) {
    if (size_bytes > kMaxRowBytes) throw duckdb::InvalidInputException("a row of %llu bytes is too large", size_bytes);
    const size_t block_bytes = size_bytes + kPackedSlack + kEntryBytes;
    BufferHandle handle = shares_.buffers_.Allocate(MemoryTag::ORDER_BY, block_bytes, false);
    StoreEntry(handle.Ptr() + block_bytes - kEntryBytes, {.number = number, .at = 0});
    const std::lock_guard lock(shares_.mutex_);
    shares_.shares_[share].push_back({.handle = handle.GetBlockHandle(), .rows = 1, .size_bytes = block_bytes});
    large_ = std::move(handle);
    return large_.Ptr();
  }
  Open& open = open_[share];
  if (open.rows > 0 && open.next + size_bytes + kPackedSlack + kEntryBytes > open.entries) Close(share);
  if (open.rows == 0) {
    const size_t block_bytes = shares_.buffers_.GetBlockSize();
    open.handle = shares_.buffers_.Allocate(MemoryTag::ORDER_BY, block_bytes, false);
    open.next = open.handle.Ptr();
    open.entries = open.next + block_bytes;
  }
  open.entries -= kEntryBytes;
  StoreEntry(open.entries, {.number = number, .at = static_cast<uint32_t>(open.next - open.handle.Ptr())});
  open.rows++;
  const data_ptr_t place = open.next;
  open.next += size_bytes;
  return place;
}

void RowSharesAppender::Close(size_t share) {
  Open& open = open_[share];
  {
    const std::lock_guard lock(shares_.mutex_);
    shares_.shares_[share].push_back(
        {.handle = open.handle.GetBlockHandle(), .rows = open.rows, .size_bytes = shares_.buffers_.GetBlockSize()});
  }
  open = Open();
}

void RowSharesAppender::Finish() {
  for (size_t share = 0; share < open_.size(); ++share) {
    if (open_[share].rows > 0) Close(share);
  }
}

}  // namespace deltic
