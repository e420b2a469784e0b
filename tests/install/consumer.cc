// Owns the smallest program that uses an installed deltic: it counts a table's rows. Built by tests/install/run.py.
#include <deltic/table.h>

#include <iostream>

int main(int argc, char** argv) {
  auto table = deltic::Table::Open(argc > 1 ? argv[1] : "");
  if (!table.ok()) {
    std::cerr << table.error().ToString() << "\n";
    return deltic::ExitStatus(table.error().code());
  }
  auto rows = table->Count();
  if (!rows.ok()) {
    std::cerr << rows.error().ToString() << "\n";
    return deltic::ExitStatus(rows.error().code());
  }
  std::cout << *rows << " rows at version " << table->version() << "\n";
}
