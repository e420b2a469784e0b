// Owns the packing. Two passes: neighbours first, each bin closed by the first file that does not fit (Spark's way, but
// for the order: Spark sorts by size, which mixes old and new rows); then bins that fit into an earlier one join it,
// which picks up small files between large ones.
#include "optimize/bins.h"

#include <algorithm>
#include <bit>

namespace deltic {
namespace {

struct OpenBin {
  std::vector<size_t> files;
  int64_t bytes = 0;
};

std::vector<OpenBin> Neighbours(const std::vector<int64_t>& sizes, int64_t max_bytes) {
  std::vector<OpenBin> bins;
  for (size_t i = 0; i < sizes.size(); ++i) {
    // Subtracted, not added: sizes come from a log and may be anything.
    if (bins.empty() || sizes[i] > max_bytes - bins.back().bytes) bins.emplace_back();
    bins.back().files.push_back(i);
    bins.back().bytes += std::min(sizes[i], max_bytes);
  }
  return bins;
}

// The first of many bins with enough room, in logarithmic time: a table may have a million files. A tree of the largest
// room below each node.
class Rooms {
 public:
  explicit Rooms(size_t count) : leaves_(std::bit_ceil(std::max<size_t>(count, 1))), tree_(2 * leaves_, -1) {}

  void Set(size_t bin, int64_t room) {
    size_t node = leaves_ + bin;
    tree_[node] = room;
    while (node > 1) {
      node /= 2;
      tree_[node] = std::max(tree_[2 * node], tree_[2 * node + 1]);
    }
  }
  // The number of all bins that there may be, when none has the room.
  size_t First(int64_t bytes) const {
    if (tree_[1] < bytes) return leaves_;
    size_t node = 1;
    while (node < leaves_) node = 2 * node + (tree_[2 * node] < bytes ? 1 : 0);
    return node - leaves_;
  }
  size_t none() const { return leaves_; }

 private:
  size_t leaves_;
  std::vector<int64_t> tree_;
};

}  // namespace

std::vector<std::vector<size_t>> PackInOrder(const std::vector<int64_t>& sizes, int64_t max_bytes) {
  std::vector<OpenBin> neighbours = Neighbours(sizes, max_bytes);
  Rooms rooms(neighbours.size());
  std::vector<OpenBin> joined;
  for (OpenBin& bin : neighbours) {
    size_t place = rooms.First(bin.bytes);
    if (place == rooms.none()) {
      place = joined.size();
      joined.emplace_back();
    }
    joined[place].bytes += bin.bytes;
    joined[place].files.insert(joined[place].files.end(), bin.files.begin(), bin.files.end());
    rooms.Set(place, max_bytes - joined[place].bytes);
  }
  std::vector<std::vector<size_t>> bins;
  for (OpenBin& bin : joined) {
    std::sort(bin.files.begin(), bin.files.end());
    bins.push_back(std::move(bin.files));
  }
  return bins;
}

}  // namespace deltic
