// Owns an example: what changed in a table since a version, kind by kind, and where to go on the next time.
//
//   example_read_changes TABLE FROM_VERSION
#include <iostream>
#include <string>

#include "deltic/changes.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: example_read_changes TABLE FROM_VERSION\n";
    return 1;
  }
  auto table = deltic::Table::Open(argv[1]);
  if (!table.ok()) {
    std::cerr << "error: " << table.error().ToString() << "\n";
    return 1;
  }
  deltic::ChangesOptions range;
  range.from_version = std::stoll(argv[2]);
  if (*range.from_version > table->version()) {
    std::cout << "nothing new since version " << table->version() << "\n";
    return 0;
  }
  auto changes = deltic::Changes::Open(*table, range);
  if (!changes.ok()) {
    // A table that records no changes, or a range whose columns changed too much: the message names the version.
    std::cerr << "error: " << changes.error().ToString() << "\n";
    return deltic::ExitStatus(changes.error().code());
  }
  for (const std::string kind : {"insert", "update_preimage", "update_postimage", "delete"}) {
    deltic::ScanOptions options;
    options.where = "_change_type = '" + kind + "'";
    auto rows = changes->Count(options);
    if (!rows.ok()) {
      std::cerr << "error: " << rows.error().ToString() << "\n";
      return 1;
    }
    std::cout << kind << ": " << *rows << "\n";
  }
  std::cout << "next time from version " << changes->last_version() + 1 << "\n";
  return 0;
}
