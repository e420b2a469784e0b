// Owns an example: what a table held at each of its versions, and what an error looks like to a program.
//
//   example_time_travel TABLE
#include <iostream>

#include "deltic/table.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: example_time_travel TABLE\n";
    return 1;
  }
  auto latest = deltic::Table::Open(argv[1]);
  if (!latest.ok()) {
    std::cerr << "error: " << latest.error().ToString() << "\n";
    return 1;
  }
  auto history = latest->History();
  if (!history.ok()) {
    std::cerr << "error: " << history.error().ToString() << "\n";
    return 1;
  }
  for (const auto& entry : *history) {
    deltic::OpenOptions options;
    options.version = entry.version;
    auto table = deltic::Table::Open(argv[1], options);
    if (!table.ok()) {
      // A version whose data can no longer be put together is an ordinary answer: its code says so.
      std::cout << "version " << entry.version << ": " << deltic::CodeName(table.error().code()) << "\n";
      continue;
    }
    auto rows = table->Count();
    std::cout << "version " << entry.version << ": " << entry.operation.value_or("?") << ", ";
    if (rows.ok()) {
      std::cout << *rows << " rows\n";
    } else {
      std::cout << rows.error().ToString() << "\n";
    }
  }

  deltic::OpenOptions future;
  future.version = latest->version() + 1;
  auto missing = deltic::Table::Open(argv[1], future);
  if (missing.ok() || missing.error().code() != deltic::Code::kNotFound) return 1;
  std::cout << "asked for version " << *future.version << ": " << missing.error().ToString() << "\n";
  return 0;
}
