// Owns the proof of which rows a predicate leaves in doubt.
#include "dml/sure_rows.h"

#include <gtest/gtest.h>

#include "expr/predicate_testing.h"
#include "expr/prune.h"

namespace deltic {
namespace {

using namespace deltic::testing;
using enum CompareOp;

// Whether every row of a file with such statistics is sure to meet the predicate.
bool Sure(const Predicate& predicate, const std::string& stats) {
  std::optional<Predicate> rest = NotSurely(predicate);
  if (!rest) return false;
  const auto pruner = MakePruner({.schema = {Field("id", Type(TypeKind::kLong)), Field("s", Type(TypeKind::kString)),
                                             Field("d", Type(TypeKind::kDouble))},
                                  .predicate = std::move(*rest)});
  const auto reason = pruner->Check({.partition_values = nullptr, .stats_json = stats});
  return reason.ok() && *reason != PruneReason::kKept;
}

constexpr const char* kStats =
    R"({"numRecords":3,"minValues":{"id":5,"s":"b","d":1.5},"maxValues":{"id":9,"s":"k","d":2.5},)"
    R"("nullCount":{"id":0,"s":1,"d":0}})";

TEST(SureRows, BoundsThatLieInsideProveAllRows) {
  EXPECT_TRUE(Sure(Cmp({"id"}, kGe, Long(5)), kStats));
  EXPECT_FALSE(Sure(Cmp({"id"}, kGt, Long(5)), kStats));
  EXPECT_TRUE(Sure(And({Cmp({"id"}, kGe, Long(5)), Cmp({"id"}, kLe, Long(9))}), kStats));
  EXPECT_FALSE(Sure(And({Cmp({"id"}, kGe, Long(5)), Cmp({"id"}, kLe, Long(8))}), kStats));
  EXPECT_TRUE(Sure(Not(Cmp({"id"}, kEq, Long(4))), kStats));
}

TEST(SureRows, ANullLeavesARowInDoubtUnlessItIsAskedFor) {
  EXPECT_FALSE(Sure(Cmp({"s"}, kGe, Str("a")), kStats));
  EXPECT_FALSE(Sure(Not(Cmp({"s"}, kEq, Str("z"))), kStats));
  EXPECT_FALSE(Sure(IsNotNull({"s"}), kStats));
  EXPECT_TRUE(Sure(IsNotNull({"id"}), kStats));
  EXPECT_TRUE(Sure(Cmp({"s"}, kNullSafeNe, Str("z")), kStats));
}

TEST(SureRows, NaNMayLieAboveEveryBound) {
  EXPECT_TRUE(Sure(Cmp({"d"}, kGe, Double(1)), kStats));
  EXPECT_FALSE(Sure(Cmp({"d"}, kLe, Double(100)), kStats));
}

TEST(SureRows, ComparisonsWithNullAndWhatIsOpaqueProveNothing) {
  EXPECT_FALSE(NotSurely(Cmp({"id"}, kEq, Null())).has_value());
  EXPECT_FALSE(NotSurely(In({"id"}, {Long(5), Null()})).has_value());
  EXPECT_FALSE(NotSurely(Constant(Null(TypeKind::kBoolean))).has_value());
  EXPECT_FALSE(NotSurely(And({Cmp({"id"}, kGe, Long(5)), Opaque()})).has_value());
  EXPECT_FALSE(NotSurely(Or({Cmp({"id"}, kGe, Long(5)), Not(Opaque())})).has_value());
}

TEST(SureRows, WithoutStatisticsNothingIsSure) {
  EXPECT_FALSE(Sure(Cmp({"id"}, kGe, Long(5)), ""));
  EXPECT_FALSE(Sure(Cmp({"id"}, kGe, Long(5)), R"({"numRecords":3})"));
  EXPECT_FALSE(Sure(Cmp({"id"}, kGe, Long(5)), R"({"numRecords":3,"minValues":{"id":5},"maxValues":{"id":9}})"));
}

}  // namespace
}  // namespace deltic
