// Owns the names and rows of files; see the header.
#include "history.h"

#include <algorithm>

#include "dv/deletion_vector.h"

namespace deltic::sim {

std::string NameOf(const AddFile& add) {
  return add.path + (add.deletion_vector ? "!" + add.deletion_vector->UniqueId() : "");
}

std::string DeletedRows(World& world, const AddFile& add, std::set<uint64_t>& rows) {
  rows.clear();
  if (!add.deletion_vector) return "";
  auto read = ReadDeletionVector(*world.calm(), *add.deletion_vector);
  if (!read.ok()) read = ReadDeletionVector(*world.attic(), *add.deletion_vector);  // a vacuum has been there
  if (!read.ok()) return read.error().ToString();
  const std::vector<uint64_t> list = (*read)->ToRows();
  rows = {list.begin(), list.end()};
  return "";
}

std::vector<int64_t> RowsIn(std::string_view text) {
  std::vector<int64_t> rows;
  while (!text.empty()) {
    const size_t end = text.find(' ');
    if (end > 0) rows.push_back(std::stoll(std::string(text.substr(0, end))));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return rows;
}

}  // namespace deltic::sim
