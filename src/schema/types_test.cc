// Tests of types, lookups and the widening matrix.
#include "schema/types.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

const DataType kByte(TypeKind::kByte), kShort(TypeKind::kShort), kInt(TypeKind::kInteger), kLong(TypeKind::kLong),
    kFloat(TypeKind::kFloat), kDouble(TypeKind::kDouble), kString(TypeKind::kString), kDate(TypeKind::kDate),
    kTimestamp(TypeKind::kTimestamp), kNtz(TypeKind::kTimestampNtz);

StructField Field(std::string name, DataType type) {
  StructField field;
  field.name = std::move(name);
  field.type = std::move(type);
  return field;
}

TEST(DataType, PrintsAsSparksSimpleString) {
  EXPECT_EQ(kByte.ToString(), "tinyint");
  EXPECT_EQ(kLong.ToString(), "bigint");
  EXPECT_EQ(DataType::Decimal(10, 2).ToString(), "decimal(10,2)");
  EXPECT_EQ(DataType::Map(kString, DataType::Array(DataType::Struct({Field("a", kInt), Field("b", kNtz)}), true), true)
                .ToString(),
            "map<string,array<struct<a:int,b:timestamp_ntz>>>");
}

TEST(DataType, EqualityLooksAtNamesNullabilityAndParametersAtEveryDepth) {
  EXPECT_EQ(DataType::Decimal(10, 2), DataType::Decimal(10, 2));
  EXPECT_FALSE(DataType::Decimal(10, 2) == DataType::Decimal(10, 3));
  EXPECT_EQ(DataType::Array(kInt, true), DataType::Array(kInt, true));
  EXPECT_FALSE(DataType::Array(kInt, true) == DataType::Array(kInt, false));
  EXPECT_FALSE(DataType::Map(kInt, kInt, true) == DataType::Map(kInt, kLong, true));
  StructField required = Field("a", kInt);
  required.nullable = false;
  EXPECT_FALSE(DataType::Struct({Field("a", kInt)}) == DataType::Struct({required}));
  EXPECT_FALSE(DataType::Struct({Field("a", kInt)}) == DataType::Struct({Field("b", kInt)}));
  EXPECT_FALSE(DataType::Struct({Field("a", kInt)}) == DataType::Struct({}));
  StructField commented = Field("a", kInt);
  commented.metadata["comment"] = "\"x\"";
  EXPECT_EQ(DataType::Struct({Field("a", kInt)}), DataType::Struct({commented}));
}

TEST(ColumnPath, IsQuotedWhereANameHoldsADotOrABacktick) {
  EXPECT_EQ(ToString(ColumnPath{"a", "b"}), "a.b");
  EXPECT_EQ(ToString(ColumnPath{"a.b", "c`d"}), "`a.b`.`c``d`");
  EXPECT_EQ(ToString(ColumnPath{""}), "``");
}

TEST(FindField, IgnoresAsciiCaseOnly) {
  const Fields fields = {Field("Id", kInt), Field("\xC3\x84", kInt)};
  EXPECT_EQ(FindField(fields, "iD"), &fields[0]);
  EXPECT_EQ(FindField(fields, "\xC3\x84"), &fields[1]);
  EXPECT_EQ(FindField(fields, "\xC3\xA4"), nullptr);
  EXPECT_EQ(FindField(fields, "i"), nullptr);
}

TEST(PhysicalName, IsTheMappedOneOnlyWhenColumnsAreMapped) {
  StructField field = Field("a", kInt);
  field.physical_name = "col-1";
  EXPECT_EQ(PhysicalName(field, MappingMode::kNone), "a");
  EXPECT_EQ(PhysicalName(field, MappingMode::kName), "col-1");
  EXPECT_EQ(PhysicalName(field, MappingMode::kId), "col-1");
}

TEST(CanWiden, AllowsExactlyTheProtocolsIntegerChanges) {
  for (const DataType& from : {kByte, kShort, kInt}) {
    EXPECT_TRUE(CanWiden(from, kLong)) << from.ToString();
    EXPECT_TRUE(CanWiden(from, kDouble)) << from.ToString();
    EXPECT_FALSE(CanWiden(from, kFloat)) << from.ToString();
    EXPECT_FALSE(CanWiden(from, kString)) << from.ToString();
    EXPECT_TRUE(CanWiden(from, DataType::Decimal(10, 0))) << from.ToString();
    EXPECT_TRUE(CanWiden(from, DataType::Decimal(12, 2))) << from.ToString();
  }
  EXPECT_FALSE(CanWiden(kInt, DataType::Decimal(11, 2)));
  EXPECT_FALSE(CanWiden(kInt, DataType::Decimal(9, 0)));
  EXPECT_TRUE(CanWiden(kByte, kShort));
  EXPECT_TRUE(CanWiden(kShort, kInt));
  EXPECT_FALSE(CanWiden(kInt, kShort));
  EXPECT_FALSE(CanWiden(kLong, kInt));
  EXPECT_FALSE(CanWiden(kLong, kDouble));
  EXPECT_TRUE(CanWiden(kLong, DataType::Decimal(20, 0)));
  EXPECT_TRUE(CanWiden(kLong, DataType::Decimal(25, 5)));
  EXPECT_FALSE(CanWiden(kLong, DataType::Decimal(19, 0)));
}

TEST(CanWiden, LetsBytesAndShortsBecomeTheSmallDecimalsOfSparksPreview) {
  EXPECT_TRUE(CanWiden(kByte, DataType::Decimal(4, 1)));
  EXPECT_FALSE(CanWiden(kByte, DataType::Decimal(4, 2)));
  EXPECT_TRUE(CanWiden(kShort, DataType::Decimal(6, 1)));
  EXPECT_FALSE(CanWiden(kShort, DataType::Decimal(5, 1)));
}

TEST(CanWiden, NeverTakesDigitsFromADecimal) {
  EXPECT_TRUE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(7, 4)));
  EXPECT_TRUE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(6, 2)));
  EXPECT_FALSE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(6, 4)));
  EXPECT_FALSE(CanWiden(DataType::Decimal(5, 2), DataType::Decimal(10, 1)));
}

TEST(CanWiden, KnowsFloatsDatesAndNothingElse) {
  EXPECT_TRUE(CanWiden(kFloat, kDouble));
  EXPECT_FALSE(CanWiden(kDouble, kFloat));
  EXPECT_TRUE(CanWiden(kDate, kNtz));
  EXPECT_FALSE(CanWiden(kDate, kTimestamp));
  EXPECT_FALSE(CanWiden(kTimestamp, kNtz));
  EXPECT_TRUE(CanWiden(kString, kString));
  EXPECT_FALSE(CanWiden(kString, DataType(TypeKind::kBinary)));
}

TEST(CheckTypeChanges, NamesTheNestedColumnWhoseChangeIsNotInTheProtocol) {
  StructField inner = Field("b", kString);
  inner.type_changes = {{kInt, kString, ""}};
  const Fields fields = {Field("a", DataType::Array(DataType::Struct({inner}), true))};
  const Status status = CheckTypeChanges(fields);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnsupported);
  EXPECT_NE(status.error().message().find("a.element.b"), std::string::npos) << status.error().message();
}

TEST(CheckTypeChanges, FollowsFieldPathsIntoMapsAndArrays) {
  StructField field = Field("m", DataType::Map(kLong, DataType::Array(kDouble, true), true));
  field.type_changes = {{kInt, kLong, "key"}, {kFloat, kDouble, "value.element"}};
  EXPECT_TRUE(CheckTypeChanges({field}).ok());
  field.type_changes = {{kInt, kLong, "element"}};
  const Status status = CheckTypeChanges({field});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace deltic
