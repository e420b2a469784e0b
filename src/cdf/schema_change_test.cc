// Proves which changes of a schema a change feed can read across, and that each refusal names the column.
#include "cdf/schema_change.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

StructField Field(const std::string& name, DataType type = DataType(TypeKind::kInteger)) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  return field;
}
StructField Mapped(const std::string& name, const std::string& physical) {
  StructField field = Field(name);
  field.physical_name = physical;
  field.column_mapping_id = 1;
  return field;
}
StructField NotNull(StructField field) {
  field.nullable = false;
  return field;
}
TableShape Shape(Fields fields, MappingMode mode = MappingMode::kNone, std::vector<std::string> partitions = {}) {
  return {.schema = std::move(fields), .partition_columns = std::move(partitions), .mode = mode};
}

// Rows of the first read under the second, which is the newer one.
std::string Forward(const TableShape& rows, const TableShape& read) {
  return FindConflict({.rows = &rows, .read = &read, .rows_are_newer = false}).value_or("reads");
}
std::string Backward(const TableShape& rows, const TableShape& read) {
  return FindConflict({.rows = &rows, .read = &read, .rows_are_newer = true}).value_or("reads");
}

const DataType kLong(TypeKind::kLong);
constexpr auto kName = MappingMode::kName;

TEST(FindConflict, AddedColumnsAndLiftedConstraintsRead) {
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Field("a"), Field("b")})), "reads");
  EXPECT_EQ(Forward(Shape({NotNull(Field("a"))}), Shape({Field("a")})), "reads");
  EXPECT_EQ(Backward(Shape({Field("a"), Field("b")}), Shape({Field("a")})), "reads");
}

TEST(FindConflict, ColumnsThatAreGoneRespelledOrTightenedAreNamed) {
  EXPECT_EQ(Forward(Shape({Field("a"), Field("b")}), Shape({Field("a")})), "column b is dropped");
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Field("A")})), "column a is renamed to A");
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({NotNull(Field("a"))})), "column a becomes NOT NULL");
  EXPECT_EQ(Backward(Shape({Field("a")}), Shape({NotNull(Field("a"))})), "column a becomes NOT NULL");
  EXPECT_EQ(Backward(Shape({Field("a")}), Shape({Field("a"), Field("b")})), "column b is dropped");
}

TEST(FindConflict, AWidenedTypeReadsForwardAndNoOtherChangeOfType) {
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Field("a", kLong)})), "reads");
  EXPECT_EQ(Backward(Shape({Field("a", kLong)}), Shape({Field("a")})), "column a changes its type from int to bigint");
  EXPECT_EQ(Forward(Shape({Field("a", kLong)}), Shape({Field("a")})), "column a changes its type from bigint to int");
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Field("a", DataType(TypeKind::kString))})),
            "column a changes its type from int to string");
}

TEST(FindConflict, NestedFieldsFollowTheSameRules) {
  const auto nested = [](Fields fields) {
    return Shape({Field("s", DataType::Array(DataType::Struct(std::move(fields)), true))});
  };
  EXPECT_EQ(Forward(nested({Field("x")}), nested({Field("x"), Field("y")})), "reads");
  EXPECT_EQ(Forward(nested({Field("x"), Field("y")}), nested({Field("x")})), "column s.element.y is dropped");
  const auto list = [](bool nulls) { return Shape({Field("l", DataType::Array(kLong, nulls))}); };
  EXPECT_EQ(Forward(list(false), list(true)), "reads");
  EXPECT_NE(Forward(list(true), list(false)), "reads");
}

TEST(FindConflict, MappedColumnsAreKnownByTheirPhysicalNames) {
  EXPECT_EQ(Forward(Shape({Mapped("a", "p1")}, kName), Shape({Mapped("b", "p1")}, kName)), "column a is renamed to b");
  EXPECT_EQ(Forward(Shape({Mapped("a", "p1")}, kName), Shape({Mapped("a", "p2")}, kName)), "column a is dropped");
  EXPECT_EQ(Forward(Shape({Mapped("a", "p1")}, kName), Shape({Mapped("b", "p2"), Mapped("a", "p1")}, kName)), "reads");
}

TEST(FindConflict, MappingMayBeSwitchedOnButNotOff) {
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Mapped("a", "a")}, kName)), "reads");
  EXPECT_EQ(Forward(Shape({Field("a")}), Shape({Mapped("a", "other")}, kName)), "column a is dropped");
  EXPECT_EQ(Forward(Shape({Mapped("a", "a")}, kName), Shape({Field("a")})), "column mapping is switched off");
  EXPECT_EQ(Forward(Shape({Mapped("a", "a")}, kName), Shape({Mapped("a", "a")}, MappingMode::kId)),
            "the mode of column mapping changes");
}

TEST(FindConflict, OfRemovedFilesOnlyTypesAndPartitionsMatter) {
  const auto removed = [](const TableShape& rows, const TableShape& read) {
    return FindConflict({.rows = &rows, .read = &read, .types_only = true, .rows_are_newer = false}).value_or("reads");
  };
  EXPECT_EQ(removed(Shape({Field("a"), Field("b")}), Shape({NotNull(Field("a")), Field("c")})), "reads");
  EXPECT_EQ(removed(Shape({Mapped("a", "p1")}, kName), Shape({Mapped("b", "p1")}, kName)), "reads");
  EXPECT_EQ(removed(Shape({Field("a")}), Shape({Field("a", DataType(TypeKind::kString))})),
            "column a changes its type from int to string");
  EXPECT_EQ(removed(Shape({Field("a")}), Shape({Field("a")}, {}, {"a"})),
            "the table is partitioned by a instead of nothing");
}

TEST(FindConflict, AnotherPartitioningIsRefusedByItsColumns) {
  const Fields fields = {Field("a"), Field("b")};
  EXPECT_EQ(Forward(Shape(fields, {}, {"a"}), Shape(fields, {}, {"b"})), "the table is partitioned by b instead of a");
  EXPECT_EQ(Forward(Shape(fields, {}, {"a", "b"}), Shape(fields, {}, {"b", "a"})), "reads");
  EXPECT_EQ(Forward(Shape(fields), Shape(fields, {}, {"a"})), "the table is partitioned by a instead of nothing");
}

}  // namespace
}  // namespace deltic
