// Measures Check() on a million statistics of about 150 bytes. Not run by default:
//   expr_test --gtest_also_run_disabled_tests --gtest_filter='PruneSpeed*'
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using namespace deltic::testing;

TEST(PruneSpeed, DISABLED_AMillionFilesTakeAFractionOfASecond) {
  constexpr int64_t kFiles = 1000000;
  std::string json;
  std::vector<size_t> ends;
  for (int64_t i = 0; i < kFiles; ++i) {
    json += fmt::format(
        R"({{"numRecords":100,"minValues":{{"id":{},"salary":70100}},"maxValues":{{"id":{},"salary":80000}},)"
        R"("nullCount":{{"id":0,"salary":0}},"tightBounds":true}})",
        i * 100, i * 100 + 99);
    ends.push_back(json.size());
  }
  const auto pruner = MakePruner({{Field("id", Type(TypeKind::kLong)), Field("salary", Type(TypeKind::kLong))},
                                  MappingMode::kNone,
                                  {},
                                  Cmp({"id"}, CompareOp::kEq, Long(kFiles * 50))});
  const std::clock_t start = std::clock();
  int64_t kept = 0;
  size_t begin = 0;
  for (const size_t end : ends) {
    kept += *pruner->Check({nullptr, std::string_view(json).substr(begin, end - begin), false}) == PruneReason::kKept;
    begin = end;
  }
  const double ns = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC * 1e9;
  EXPECT_EQ(kept, 1);
  std::printf("%zu bytes of statistics a file: %.0f ns of CPU a file\n", json.size() / kFiles, ns / kFiles);
}

}  // namespace
}  // namespace deltic
