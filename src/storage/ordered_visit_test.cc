// Owns the tests of listings that must be in order.
#include "storage/ordered_visit.h"

#include <gtest/gtest.h>

#include <vector>

namespace deltic {
namespace {

TEST(OrderedVisit, ShowsWhatIsWantedAndStopsWhenItsVisitorDoes) {
  std::vector<std::string> seen;
  const ListVisitor visit = [&](const ObjectMeta& meta) {
    seen.push_back(meta.key);
    return meta.key != "d";
  };
  OrderedVisit in_order("b", visit);
  EXPECT_TRUE(in_order.Take({.key = "a"}));
  EXPECT_TRUE(in_order.Take({.key = "b"}));
  EXPECT_TRUE(in_order.Take({.key = "b"}));
  EXPECT_FALSE(in_order.Take({.key = "d"}));
  EXPECT_EQ(seen, (std::vector<std::string>{"b", "b", "d"}));
  EXPECT_TRUE(in_order.Check("s3://b/").ok());
}

TEST(OrderedVisit, AKeyOutOfOrderEndsTheListingAndIsUnsupported) {
  std::vector<std::string> seen;
  const ListVisitor visit = [&](const ObjectMeta& meta) {
    seen.push_back(meta.key);
    return true;
  };
  OrderedVisit in_order("", visit);
  EXPECT_TRUE(in_order.Take({.key = "b"}));
  EXPECT_FALSE(in_order.Take({.key = "a"}));
  EXPECT_FALSE(in_order.Take({.key = "c"}));
  EXPECT_EQ(seen, std::vector<std::string>{"b"});
  const Status status = in_order.Check("s3://b/");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace deltic
