// Proves what a column's text means, and that unclear ones are refused.
#include "schema/column_text.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

const Fields kSchema = {{.name = "a.b", .type = DataType(TypeKind::kLong)},
                        {.name = "s", .type = DataType::Struct({})}};

TEST(ColumnText, DotsPartNamesUnlessAColumnHasThemInItsName) {
  EXPECT_EQ(*ParseColumnText("s", kSchema), ColumnPath({"s"}));
  EXPECT_EQ(*ParseColumnText("s.x.y", kSchema), ColumnPath({"s", "x", "y"}));
  EXPECT_EQ(*ParseColumnText("a.b", kSchema), ColumnPath({"a.b"}));
  EXPECT_EQ(*ParseColumnText("`a.b`.c", kSchema), ColumnPath({"a.b", "c"}));
  EXPECT_EQ(*ParseColumnText("s.`x``y`", kSchema), ColumnPath({"s", "x`y"}));
}

TEST(ColumnText, EmptyNamesAndOpenBackticksAreRefused) {
  for (const char* text : {"", ".", "s.", ".s", "s..x", "`s", "`s`x", "``"}) {
    const Result<ColumnPath> path = ParseColumnText(text, kSchema);
    ASSERT_FALSE(path.ok()) << text;
    EXPECT_EQ(path.error().code(), Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace deltic
