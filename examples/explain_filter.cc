// Owns an example: which files a filter would read, before reading any.
//
//   example_explain_filter TABLE FILTER
#include <iostream>

#include "deltic/table.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: example_explain_filter TABLE FILTER\n";
    return 1;
  }
  auto table = deltic::Table::Open(argv[1]);
  if (!table.ok()) {
    std::cerr << "error: " << table.error().ToString() << "\n";
    return 1;
  }
  deltic::ScanOptions options;
  options.where = argv[2];
  auto plan = table->Explain(options);
  if (!plan.ok()) {
    std::cerr << "error: " << plan.error().ToString() << "\n";
    return 1;
  }
  std::cout << "filter understood as: " << plan->predicate << "\n"
            << plan->files_total << " files, " << plan->files_dropped_by_partition << " skipped by partition, "
            << plan->files_dropped_by_statistics << " skipped by statistics, " << plan->files_kept << " to read\n";
  for (const auto& path : plan->kept_paths) std::cout << "  " << path << "\n";
  return 0;
}
