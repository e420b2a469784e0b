// Tests of the check on what column mapping needs.
#include <gtest/gtest.h>

#include "schema/types.h"

namespace deltic {
namespace {

StructField Mapped(std::string name, int32_t id, DataType type = DataType(TypeKind::kLong)) {
  StructField field;
  field.physical_name = "col-" + name;
  field.column_mapping_id = id;
  field.name = std::move(name);
  field.type = std::move(type);
  return field;
}

void ExpectCorrupt(const Fields& fields, MappingMode mode, std::string_view part_of_message) {
  const Status status = CheckColumnMapping(fields, mode);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
  EXPECT_NE(status.error().message().find(part_of_message), std::string::npos) << status.error().message();
}

TEST(CheckColumnMapping, AcceptsFieldsWithDistinctNamesAndIdsAtEveryDepth) {
  const Fields fields = {
      Mapped("a", 1),
      Mapped("s", 2, DataType::Map(DataType(TypeKind::kString), DataType::Struct({Mapped("a", 3)}), true))};
  EXPECT_TRUE(CheckColumnMapping(fields, MappingMode::kName).ok());
  EXPECT_TRUE(CheckColumnMapping(fields, MappingMode::kId).ok());
}

TEST(CheckColumnMapping, AsksNothingOfATableThatMapsNothing) {
  StructField plain = Mapped("a", 1);
  plain.physical_name.reset();
  EXPECT_TRUE(CheckColumnMapping({plain}, MappingMode::kNone).ok());
}

TEST(CheckColumnMapping, NamesTheNestedFieldThatLacksAPhysicalNameOrAnId) {
  StructField plain = Mapped("b", 2);
  plain.physical_name.reset();
  ExpectCorrupt({Mapped("l", 1, DataType::Array(DataType::Struct({plain}), true))}, MappingMode::kName, "l.element.b");
  StructField without_id = Mapped("b", 2);
  without_id.column_mapping_id.reset();
  ExpectCorrupt({without_id}, MappingMode::kId, "delta.columnMapping.id");
  EXPECT_TRUE(CheckColumnMapping({without_id}, MappingMode::kName).ok());
}

TEST(CheckColumnMapping, RefusesNamesAndIdsThatTwoColumnsShare) {
  StructField twin = Mapped("b", 2);
  twin.physical_name = "col-a";
  ExpectCorrupt({Mapped("a", 1), twin}, MappingMode::kName, "col-a");
  ExpectCorrupt({Mapped("a", 1), Mapped("b", 1)}, MappingMode::kId, "column b");
  EXPECT_TRUE(CheckColumnMapping({Mapped("a", 1), Mapped("b", 1)}, MappingMode::kName).ok());
}

}  // namespace
}  // namespace deltic
