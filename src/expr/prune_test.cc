// Proves each rule of pruning: what drops a file, and what must not.
#include "expr/prune.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using namespace deltic::testing;
using enum CompareOp;
using enum PruneReason;

using Values = std::map<std::string, std::optional<std::string>>;

Fields Schema() {
  StructField collated = Field("c", Type(TypeKind::kString));
  collated.metadata["__COLLATIONS"] = R"({"c":"icu.UNICODE"})";
  StructField widened = Field("fd", Type(TypeKind::kDouble));
  widened.type_changes.push_back({Type(TypeKind::kFloat), Type(TypeKind::kDouble), ""});
  return {
      Field("id", Type(TypeKind::kLong)),
      Field("i", Type(TypeKind::kInteger)),
      Field("d", Type(TypeKind::kDouble)),
      Field("f", Type(TypeKind::kFloat)),
      widened,
      Field("big", DataType::Decimal(38, 18)),
      Field("small", DataType::Decimal(10, 2)),
      Field("s", Type(TypeKind::kString)),
      collated,
      Field("bin", Type(TypeKind::kBinary)),
      Field("b", Type(TypeKind::kBoolean)),
      Field("day", Type(TypeKind::kDate)),
      Field("ts", Type(TypeKind::kTimestamp)),
      Field("ntz", Type(TypeKind::kTimestampNtz)),
      Field("v", Type(TypeKind::kVariant)),
      Field("list", DataType::Array(DataType::Struct({Field("x", Type(TypeKind::kLong))}), true)),
      Field("st", DataType::Struct({Field("x", Type(TypeKind::kLong)), Field("odd.\"name", Type(TypeKind::kLong))})),
      Field("sure", DataType::Struct({Field("x", Type(TypeKind::kLong))}), false),
      Field("p", Type(TypeKind::kInteger)),
      Field("ps", Type(TypeKind::kString)),
  };
}

std::unique_ptr<Pruner> For(Predicate predicate) {
  return MakePruner({Schema(), MappingMode::kNone, {"p", "ps"}, std::move(predicate)});
}

PruneReason Check(const Predicate& predicate, std::string_view stats, const Values& values = {}) {
  const auto pruner = For(predicate);
  const auto reason = pruner->Check({&values, stats, false});
  EXPECT_TRUE(reason.ok()) << reason.error().message();
  return reason.ok() ? *reason : kKept;
}

// Statistics of one column: {"numRecords":10, ...}; an empty text leaves the fact out.
std::string Stats(const std::string& column, const std::string& min, const std::string& max,
                  const std::string& nulls = "") {
  const auto section = [&](const char* name, const std::string& value) {
    return value.empty() ? "" : ",\"" + std::string(name) + "\":{\"" + column + "\":" + value + "}";
  };
  return "{\"numRecords\":10" + section("minValues", min) + section("maxValues", max) + section("nullCount", nulls) +
         "}";
}

#define EXPECT_KEPT(...) EXPECT_EQ(Check(__VA_ARGS__), kKept)
#define EXPECT_DROPPED(...) EXPECT_EQ(Check(__VA_ARGS__), kStatistics)

TEST(Prune, ComparisonsAreDecidedByTheBounds) {
  const std::string stats = Stats("id", "10", "20", "1");
  const auto id = [](CompareOp op, int64_t value) { return Cmp({"id"}, op, Long(value)); };
  EXPECT_DROPPED(id(kEq, 9), stats);
  EXPECT_KEPT(id(kEq, 10), stats);
  EXPECT_KEPT(id(kEq, 20), stats);
  EXPECT_DROPPED(id(kEq, 21), stats);
  EXPECT_DROPPED(id(kLt, 10), stats);
  EXPECT_KEPT(id(kLt, 11), stats);
  EXPECT_DROPPED(id(kLe, 9), stats);
  EXPECT_KEPT(id(kLe, 10), stats);
  EXPECT_DROPPED(id(kGt, 20), stats);
  EXPECT_KEPT(id(kGt, 19), stats);
  EXPECT_DROPPED(id(kGe, 21), stats);
  EXPECT_KEPT(id(kGe, 20), stats);
  EXPECT_DROPPED(id(kNullSafeEq, 9), stats);
  EXPECT_KEPT(id(kNe, 10), stats);
  EXPECT_DROPPED(id(kEq, 9), Stats("id", "10", ""));
  EXPECT_KEPT(id(kEq, 21), Stats("id", "10", ""));
  EXPECT_DROPPED(id(kEq, 21), Stats("id", "", "20"));
}

TEST(Prune, NamesIgnoreCase) { EXPECT_DROPPED(Cmp({"ID"}, kEq, Long(9)), Stats("id", "10", "20")); }

TEST(Prune, NotEqualIsDroppedOnlyWhenEveryRowHasTheValue) {
  EXPECT_DROPPED(Cmp({"id"}, kNe, Long(10)), Stats("id", "10", "10"));
  EXPECT_KEPT(Cmp({"id"}, kNe, Long(11)), Stats("id", "10", "10"));
  EXPECT_DROPPED(Not(In({"id"}, {Long(1), Long(10)})), Stats("id", "10", "10"));
  EXPECT_DROPPED(Cmp({"small"}, kNe, Dec(150, 10, 2)), Stats("small", "1.50", "1.50"));
  EXPECT_KEPT(Cmp({"big"}, kNe, Dec(0, 38, 18)), Stats("big", "0", "0"));
  EXPECT_KEPT(Cmp({"d"}, kNe, Double(1)), Stats("d", "1.0", "1.0"));
  EXPECT_KEPT(Cmp({"s"}, kNe, Str("a")), Stats("s", "\"a\"", "\"a\""));
  EXPECT_KEPT(Cmp({"ts"}, kNe, Timestamp(0)),
              Stats("ts", "\"1970-01-01T00:00:00.000Z\"", "\"1970-01-01T00:00:00.000Z\""));
  EXPECT_DROPPED(Cmp({"day"}, kNe, Date(0)), Stats("day", "\"1970-01-01\"", "\"1970-01-01\""));
  EXPECT_DROPPED(Cmp({"b"}, kNe, Bool(true)), Stats("b", "true", "true"));
  // IS DISTINCT FROM is also true of nulls.
  EXPECT_DROPPED(Cmp({"id"}, kNullSafeNe, Long(10)), Stats("id", "10", "10", "0"));
  EXPECT_KEPT(Cmp({"id"}, kNullSafeNe, Long(10)), Stats("id", "10", "10", "1"));
  EXPECT_KEPT(Cmp({"id"}, kNullSafeNe, Long(10)), Stats("id", "10", "10"));
}

TEST(Prune, InIsDroppedWhenEveryLiteralIsOutside) {
  const std::string stats = Stats("id", "10", "20");
  EXPECT_DROPPED(In({"id"}, {Long(21), Long(9), Long(-5), Long(100), Null()}), stats);
  EXPECT_KEPT(In({"id"}, {Long(100), Long(15), Long(9)}), stats);
  EXPECT_DROPPED(In({"id"}, {Long(1), Long(9)}), Stats("id", "10", ""));
  EXPECT_DROPPED(In({"s"}, {Str("abd"), Str("abb")}), Stats("s", "\"abc\"", "\"abc\""));
  EXPECT_KEPT(In({"s"}, {Str("abd"), Str("abcd")}), Stats("s", "\"abc\"", "\"abc\""));
  EXPECT_KEPT(In({"id"}, {Long(1), Str("x")}), stats);
  EXPECT_KEPT(Not(In({"id"}, {})), stats);
}

TEST(Prune, WhatIsNeverTrueDropsEveryFile) {
  for (const Predicate& predicate :
       {Constant(Bool(false)), Constant(Null(TypeKind::kBoolean)), Not(Constant(Bool(true))),
        Not(Constant(Null(TypeKind::kBoolean))), Cmp({"id"}, kEq, Null()), Not(Cmp({"id"}, kGt, Null())),
        In({"id"}, {}), In({"id"}, {Null()}), Not(In({"id"}, {Long(1), Null()})), Or({}),
        And({Opaque(), Constant(Bool(false))})}) {
    EXPECT_NE(Check(predicate, ""), kKept) << predicate.ToString();
    EXPECT_FALSE(For(predicate)->uses_statistics()) << predicate.ToString();
  }
}

TEST(Prune, WhatSaysNothingKeepsEveryFile) {
  const std::string stats = Stats("id", "10", "20", "0");
  for (const Predicate& predicate : {Opaque(),
                                     Not(Opaque()),
                                     Constant(Bool(true)),
                                     And({}),
                                     Or({Opaque(), Cmp({"id"}, kEq, Long(1))}),
                                     Cmp({"nowhere"}, kEq, Long(1)),
                                     Cmp({"id", "x"}, kEq, Long(1)),
                                     Cmp({}, kEq, Long(1)),
                                     Cmp({"list", "x"}, kEq, Long(1)),
                                     Cmp({"st"}, kEq, Long(1)),
                                     IsNull({"v"}),
                                     IsNull({"list"}),
                                     Cmp({"id"}, kEq, Str("1")),
                                     Cmp({"s"}, kEq, Long(1)),
                                     Cmp({"ts"}, kEq, Ntz(1)),
                                     Cmp({"day"}, kEq, Timestamp(1)),
                                     Predicate{.kind = Predicate::Kind::kCompare, .column = {"id"}},
                                     Predicate{.kind = Predicate::Kind::kNot},
                                     Predicate{.kind = Predicate::Kind::kConstant},
                                     Of(Predicate::Kind::kStartsWith, {"id"}, {Str("1")})}) {
    EXPECT_EQ(Check(predicate, stats), kKept) << predicate.ToString();
    EXPECT_FALSE(For(predicate)->uses_statistics()) << predicate.ToString();
  }
}

TEST(Prune, AnOpaquePartOfAConjunctionDoesNotStopTheOthers) {
  EXPECT_DROPPED(And({Opaque(), Cmp({"id"}, kEq, Long(9))}), Stats("id", "10", "20"));
  EXPECT_KEPT(And({Opaque(), Cmp({"id"}, kEq, Long(10))}), Stats("id", "10", "20"));
}

TEST(Prune, NotIsPushedDown) {
  const std::string stats = Stats("id", "10", "20", "0");
  EXPECT_DROPPED(Not(Cmp({"id"}, kLe, Long(20))), stats);
  EXPECT_KEPT(Not(Cmp({"id"}, kLt, Long(20))), stats);
  EXPECT_DROPPED(Not(Or({Cmp({"id"}, kGt, Long(9)), Cmp({"id"}, kEq, Long(5))})), stats);
  EXPECT_DROPPED(Not(And({Cmp({"id"}, kGe, Long(10)), Cmp({"id"}, kLe, Long(20))})), stats);
  EXPECT_DROPPED(Not(Not(Cmp({"id"}, kEq, Long(9)))), stats);
  EXPECT_DROPPED(Not(IsNotNull({"id"})), stats);
  EXPECT_DROPPED(Not(Cmp({"id"}, kNullSafeNe, Null())), stats);
  EXPECT_KEPT(Not(StartsWith({"s"}, "a")), Stats("s", "\"ab\"", "\"ac\""));
  EXPECT_DROPPED(Not(StartsWith({"s"}, "a")), Stats("s", "", "", "10"));
}

TEST(Prune, NullCountsDecideOnlyAtZeroAndAtAll) {
  EXPECT_DROPPED(IsNull({"id"}), Stats("id", "", "", "0"));
  EXPECT_KEPT(IsNull({"id"}), Stats("id", "", "", "1"));
  EXPECT_DROPPED(Cmp({"id"}, kNullSafeEq, Null()), Stats("id", "", "", "0"));
  EXPECT_DROPPED(Cmp({"id"}, kNullSafeNe, Null()), Stats("id", "", "", "10"));
  EXPECT_DROPPED(IsNotNull({"id"}), Stats("id", "", "", "10"));
  EXPECT_KEPT(IsNotNull({"id"}), Stats("id", "", "", "9"));
  EXPECT_KEPT(IsNotNull({"id"}), Stats("id", "", "", "11"));
  EXPECT_KEPT(IsNotNull({"id"}), Stats("id", "", "", "-1"));
  EXPECT_KEPT(IsNotNull({"id"}), R"({"nullCount":{"id":10}})");
  EXPECT_DROPPED(Cmp({"id"}, kEq, Long(1)), Stats("id", "", "", "10"));
  EXPECT_DROPPED(In({"bin"}, {Bin("a")}), Stats("bin", "", "", "10"));
  EXPECT_DROPPED(StartsWith({"s"}, "a"), Stats("s", "", "", "10"));
  EXPECT_KEPT(IsNotNull({"id"}), R"({"numRecords":0,"nullCount":{"id":0}})");
}

TEST(Prune, WideBoundsAndDeletionVectorsChangeNothing) {
  const std::string stats =
      R"({"numRecords":10,"minValues":{"id":10},"maxValues":{"id":20},"nullCount":{"id":0},"tightBounds":false})";
  for (const auto& predicate : {Cmp({"id"}, kEq, Long(9)), IsNull({"id"})}) {
    EXPECT_EQ(*For(predicate)->Check({nullptr, stats, true}), kStatistics);
  }
  EXPECT_EQ(*For(IsNotNull({"id"}))->Check({nullptr, stats, true}), kKept);
}

TEST(Prune, BelowANullableStructZeroNullsProveNothing) {
  const std::string nullable =
      R"({"numRecords":10,"minValues":{"st":{"x":1}},"maxValues":{"st":{"x":5}},"nullCount":{"st":{"x":0}}})";
  EXPECT_KEPT(IsNull({"st", "x"}), nullable);
  EXPECT_DROPPED(Cmp({"st", "x"}, kEq, Long(6)), nullable);
  EXPECT_DROPPED(IsNotNull({"st", "x"}), R"({"numRecords":10,"nullCount":{"st":{"x":10}}})");
  EXPECT_DROPPED(IsNull({"sure", "x"}), R"({"numRecords":10,"nullCount":{"sure":{"x":0}}})");
  EXPECT_DROPPED(Cmp({"st", "odd.\"name"}, kEq, Long(6)), R"({"maxValues":{"st":{"odd.\"name":5}}})");
}

TEST(Prune, StringsAreDecidedByPrefixesOfTheBounds) {
  const std::string stats = Stats("s", "\"bbb\"", "\"ddd\"");
  EXPECT_DROPPED(Cmp({"s"}, kEq, Str("bb")), stats);
  EXPECT_DROPPED(Cmp({"s"}, kEq, Str("dde")), stats);
  EXPECT_KEPT(Cmp({"s"}, kEq, Str("dddz")), stats);
  EXPECT_KEPT(Cmp({"s"}, kGt, Str("dddz")), stats);
  EXPECT_KEPT(Cmp({"s"}, kGt, Str("ddd")), stats);
  EXPECT_DROPPED(Cmp({"s"}, kGe, Str("dde")), stats);
  EXPECT_DROPPED(Cmp({"s"}, kLt, Str("bbb")), stats);
  EXPECT_DROPPED(Cmp({"s"}, kLe, Str("bba")), stats);
  EXPECT_DROPPED(StartsWith({"s"}, "a"), stats);
  EXPECT_DROPPED(StartsWith({"s"}, "e"), stats);
  EXPECT_DROPPED(StartsWith({"s"}, "de"), stats);
  EXPECT_KEPT(StartsWith({"s"}, "bb"), stats);
  EXPECT_KEPT(StartsWith({"s"}, "ddddd"), stats);
  EXPECT_KEPT(StartsWith({"s"}, ""), stats);
  EXPECT_DROPPED(StartsWith({"s"}, "bba"), stats);
}

TEST(Prune, OldSparksTieBreakerIsNotTrustedAboveTheBasicPlane) {
  // Spark raised a cut maximum by U+FFFD; an emoji is above it in UTF-8.
  EXPECT_KEPT(Cmp({"s"}, kEq, Str("aaa\xF0\x9F\x98\x80")), Stats("s", "\"aaa\"", "\"aaa\xEF\xBF\xBD\""));
  EXPECT_KEPT(Cmp({"s"}, kEq, Str("aaa\xC3\xA9")), Stats("s", "\"aaa\xEF\xBF\xBD\"", "\"b\""));
}

TEST(Prune, CollatedAndBinaryBoundsAreNotUsed) {
  EXPECT_KEPT(Cmp({"c"}, kEq, Str("z")), Stats("c", "\"a\"", "\"b\""));
  EXPECT_KEPT(StartsWith({"c"}, "z"), Stats("c", "\"a\"", "\"b\""));
  EXPECT_KEPT(Cmp({"bin"}, kEq, Bin("z")), Stats("bin", "\"a\"", "\"b\""));
  EXPECT_DROPPED(IsNull({"c"}), Stats("c", "\"a\"", "\"b\"", "0"));
}

TEST(Prune, NanMayBeAboveTheMaximumOfDoubles) {
  const std::string stats = Stats("d", "1.0", "5.0");
  EXPECT_KEPT(Cmp({"d"}, kGt, Double(6)), stats);
  EXPECT_KEPT(Cmp({"d"}, kGe, Double(6)), stats);
  EXPECT_KEPT(Cmp({"d"}, kEq, Double(NAN)), stats);
  EXPECT_KEPT(In({"d"}, {Double(6), Double(NAN)}), stats);
  EXPECT_DROPPED(Cmp({"d"}, kEq, Double(6)), stats);
  EXPECT_DROPPED(In({"d"}, {Double(6), Double(0)}), stats);
  EXPECT_DROPPED(Cmp({"d"}, kLt, Double(1)), stats);
  EXPECT_KEPT(Cmp({"d"}, kLt, Double(NAN)), stats);
  EXPECT_KEPT(Cmp({"d"}, kEq, Double(6)), Stats("d", "1.0", "\"NaN\""));
  EXPECT_KEPT(Cmp({"d"}, kEq, Double(0)), Stats("d", "\"-Infinity\"", "5.0"));
  EXPECT_KEPT(Cmp({"d"}, kEq, Double(0.0)), Stats("d", "-0.0", "-0.0"));
}

TEST(Prune, AConjunctThatExcludesNanLetsTheMaximumBeUsed) {
  const std::string stats = Stats("d", "1.0", "5.0");
  EXPECT_DROPPED(And({Cmp({"d"}, kGe, Double(6)), Cmp({"d"}, kLe, Double(9))}), stats);
  EXPECT_DROPPED(And({Or({Cmp({"d"}, kGt, Double(7)), Cmp({"d"}, kLt, Double(0))}), Cmp({"d"}, kLt, Double(9))}),
                 stats);
  EXPECT_DROPPED(Not(Or({Cmp({"d"}, kLt, Double(6)), Cmp({"d"}, kGt, Double(9))})), stats);
  EXPECT_KEPT(And({Cmp({"d"}, kGe, Double(6)), Cmp({"d"}, kLe, Double(NAN))}), stats);
  EXPECT_KEPT(And({Cmp({"d"}, kGe, Double(6)), Cmp({"f"}, kLe, Double(9))}), stats);
  EXPECT_KEPT(Or({Cmp({"d"}, kGe, Double(6)), And({Cmp({"d"}, kLe, Double(9)), Cmp({"id"}, kEq, Long(1))})}), stats);
}

TEST(Prune, FloatsAreReadAsFloats) {
  const Literal tenth = Double(static_cast<double>(0.1F));
  EXPECT_KEPT(Cmp({"f"}, kEq, tenth), Stats("f", "0.1", "0.1"));
  EXPECT_KEPT(Cmp({"f"}, kEq, Float(0.1F)), Stats("f", "0.1", "0.1"));
  EXPECT_DROPPED(Cmp({"f"}, kEq, Double(0.1)), Stats("f", "0.1", "0.1"));
  EXPECT_KEPT(Cmp({"fd"}, kEq, tenth), Stats("fd", "0.1", "0.1"));
  EXPECT_KEPT(Cmp({"fd"}, kEq, Double(0.1)), Stats("fd", "0.1", "0.1"));
}

TEST(Prune, TimestampBoundsAreOfMilliseconds) {
  const std::string stats = Stats("ts", "\"1980-01-01T00:00:00.000Z\"", "\"1980-01-01T00:00:00.005Z\"");
  const int64_t at = 315532800000000;
  EXPECT_KEPT(Cmp({"ts"}, kEq, Timestamp(at + 5999)), stats);
  EXPECT_DROPPED(Cmp({"ts"}, kEq, Timestamp(at + 6000)), stats);
  EXPECT_DROPPED(Cmp({"ts"}, kEq, Timestamp(at - 1)), stats);
  EXPECT_KEPT(Cmp({"ts"}, kGt, Timestamp(at + 5998)), stats);
}

TEST(Prune, ADateColumnComparesWithLocalTimestampsAndAWidenedOneHasDatesForBounds) {
  EXPECT_KEPT(Cmp({"day"}, kEq, Ntz(86400000000)), Stats("day", "\"1970-01-02\"", "\"1970-01-02\""));
  EXPECT_DROPPED(Cmp({"day"}, kGt, Ntz(86400000000)), Stats("day", "\"1970-01-02\"", "\"1970-01-02\""));
  EXPECT_KEPT(Cmp({"ntz"}, kEq, Ntz(3652LL * 86400000000)), Stats("ntz", "\"1980-01-01\"", "\"1980-01-01\""));
  EXPECT_DROPPED(Cmp({"ntz"}, kGt, Ntz(3653LL * 86400000000)), Stats("ntz", "\"1980-01-01\"", "\"1980-01-01\""));
}

TEST(Prune, DecimalsAreExactWhereTheyFitADoubleAndWidenedWhereNot) {
  EXPECT_DROPPED(Cmp({"small"}, kGt, Dec(150, 10, 2)), Stats("small", "1.00", "1.50"));
  EXPECT_DROPPED(Cmp({"small"}, kEq, Dec(1501, 10, 3)), Stats("small", "\"1.00\"", "\"1.50\""));
  EXPECT_KEPT(Cmp({"big"}, kEq, Dec(100000000000000005, 38, 18)), Stats("big", "0.1", "0.1"));
  EXPECT_DROPPED(Cmp({"big"}, kEq, Dec(110000000000000000, 38, 18)), Stats("big", "0.1", "0.1"));
}

TEST(Prune, LiteralsOfOtherNumberTypesCompareExactlyAndAsAnEngineMayRound) {
  EXPECT_DROPPED(Cmp({"i"}, kEq, Double(5.5)), Stats("i", "5", "5"));
  EXPECT_DROPPED(Cmp({"i"}, kGt, Dec(51, 3, 1)), Stats("i", "1", "5"));
  EXPECT_KEPT(Cmp({"i"}, kGe, Dec(50, 3, 1)), Stats("i", "1", "5"));
  // As doubles these are equal.
  EXPECT_KEPT(Cmp({"id"}, kEq, Double(0x1p53)), Stats("id", "9007199254740993", "9007199254740993"));
  EXPECT_KEPT(Cmp({"d"}, kEq, Long(9007199254740993)), Stats("d", "9007199254740992.0", "9007199254740992.0"));
  EXPECT_KEPT(Cmp({"d"}, kEq, Dec(1, 2, 1)), Stats("d", "0.1", "0.1"));
  EXPECT_KEPT(Cmp({"small"}, kEq, Double(0.1)), Stats("small", "0.10", "0.10"));
  EXPECT_KEPT(Cmp({"f"}, kEq, Dec(1, 2, 1)), Stats("f", "0.1", "0.1"));
  EXPECT_DROPPED(Cmp({"small"}, kEq, Double(0.2)), Stats("small", "0.10", "0.10"));
}

TEST(Prune, PartitionValuesAreExact) {
  const auto reason = [](const Predicate& predicate, const Values& values) { return Check(predicate, "", values); };
  const Values five{{"p", "5"}, {"ps", "abc"}};
  EXPECT_EQ(reason(Cmp({"p"}, kEq, Int(5)), five), kKept);
  EXPECT_EQ(reason(Cmp({"p"}, kNe, Int(5)), five), kPartition);
  EXPECT_EQ(reason(Cmp({"P"}, kGt, Double(4.5)), five), kKept);
  EXPECT_EQ(reason(Cmp({"p"}, kGt, Double(5.5)), five), kPartition);
  EXPECT_EQ(reason(In({"p"}, {Int(4), Int(6)}), five), kPartition);
  EXPECT_EQ(reason(Not(In({"p"}, {Int(4), Int(6)})), five), kKept);
  EXPECT_EQ(reason(Not(In({"p"}, {Int(5), Int(6)})), five), kPartition);
  EXPECT_EQ(reason(StartsWith({"ps"}, "ab"), five), kKept);
  EXPECT_EQ(reason(Not(StartsWith({"ps"}, "ab")), five), kPartition);
  EXPECT_EQ(reason(Cmp({"ps"}, kEq, Str("abcd")), five), kPartition);
  EXPECT_EQ(reason(IsNull({"p"}), five), kPartition);
  for (const Values& null : {Values{}, Values{{"p", std::nullopt}}, Values{{"p", ""}}}) {
    EXPECT_EQ(reason(IsNull({"p"}), null), kKept);
    EXPECT_EQ(reason(IsNotNull({"p"}), null), kPartition);
    EXPECT_EQ(reason(Cmp({"p"}, kEq, Int(5)), null), kPartition);
    EXPECT_EQ(reason(Not(Cmp({"p"}, kEq, Int(5))), null), kPartition);
    EXPECT_EQ(reason(Cmp({"p"}, kNullSafeNe, Int(5)), null), kKept);
  }
}

TEST(Prune, PartitionAndDataColumnsMixAndTheReasonIsTheOneThatProvesIt) {
  const std::string stats = Stats("id", "10", "20");
  const Predicate p5 = Cmp({"p"}, kEq, Int(5));
  const Predicate p6 = Cmp({"p"}, kEq, Int(6));
  const Predicate outside = Cmp({"id"}, kEq, Long(9));
  const Predicate inside = Cmp({"id"}, kEq, Long(15));
  const Values five{{"p", "5"}};
  EXPECT_EQ(Check(Or({p6, outside}), stats, five), kStatistics);
  EXPECT_EQ(Check(Or({p5, outside}), stats, five), kKept);
  EXPECT_EQ(Check(Or({p6, inside}), stats, five), kKept);
  EXPECT_EQ(Check(And({outside, p6}), stats, five), kPartition);
  EXPECT_EQ(Check(And({outside, p5}), stats, five), kStatistics);
  EXPECT_EQ(Check(And({outside, Or({p6, And({p6, inside})})}), stats, five), kPartition);
  EXPECT_EQ(Check(Or({And({p5, outside}), And({p6, inside})}), stats, five), kStatistics);
  EXPECT_EQ(Check(Or({p6, And({p6, inside})}), stats, five), kPartition);
}

TEST(Prune, APartitionValueThatCannotBeReadIsCorruptOnlyWhenAskedFor) {
  const Values bad{{"p", "five"}};
  const auto refused = For(Cmp({"p"}, kEq, Int(5)))->Check({&bad, "", false});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
  EXPECT_NE(refused.error().message().find("column p: partition value 'five'"), std::string::npos)
      << refused.error().message();
  EXPECT_EQ(Check(Cmp({"id"}, kEq, Long(1)), "", bad), kKept);
  // The pruner goes on with the next file.
  const auto pruner = For(Cmp({"p"}, kEq, Int(5)));
  const Values good{{"p", "5"}};
  EXPECT_TRUE(pruner->Check({&good, "", false}).ok());
  EXPECT_FALSE(pruner->Check({&bad, "", false}).ok());
  EXPECT_FALSE(pruner->Check({&bad, "", false}).ok());
  EXPECT_EQ(*pruner->Check({&good, "", false}), kKept);
}

TEST(Prune, WithoutPartitionValuesNothingIsKnownOfThem) {
  EXPECT_EQ(*For(Cmp({"p"}, kEq, Int(5)))->Check({nullptr, "", false}), kKept);
}

TEST(Prune, MappedColumnsAreFoundByPhysicalNameAtEveryLevel) {
  const auto mapped = [](StructField field, std::string physical) {
    field.physical_name = std::move(physical);
    return field;
  };
  const Fields schema{
      mapped(Field("a", Type(TypeKind::kLong)), "col-1"),
      mapped(Field("st", DataType::Struct({mapped(Field("x", Type(TypeKind::kLong)), "col-3")})), "col-2"),
      mapped(Field("p", Type(TypeKind::kLong)), "col-4")};
  const Values values{{"col-4", "5"}};
  const char* stats =
      R"({"minValues":{"a":100,"col-1":1,"col-2":{"x":100,"col-3":1}},"maxValues":{"col-1":5,"col-2":{"col-3":5}}})";
  for (const MappingMode mode : {MappingMode::kName, MappingMode::kId}) {
    const auto check = [&](Predicate predicate) {
      return *MakePruner({schema, mode, {"p"}, std::move(predicate)})->Check({&values, stats, false});
    };
    EXPECT_EQ(check(Cmp({"a"}, kEq, Long(5))), kKept);
    EXPECT_EQ(check(Cmp({"a"}, kEq, Long(6))), kStatistics);
    EXPECT_EQ(check(Cmp({"st", "x"}, kEq, Long(5))), kKept);
    EXPECT_EQ(check(Cmp({"st", "x"}, kEq, Long(6))), kStatistics);
    EXPECT_EQ(check(Cmp({"p"}, kEq, Long(6))), kPartition);
    EXPECT_EQ(check(Cmp({"col-1"}, kEq, Long(6))), kKept);  // not a name that anyone may use
  }
}

TEST(Prune, BrokenStatisticsAreNoStatistics) {
  for (const char* stats : {"", "null", "[]", "{", "{\"minValues\":{\"id\":10", "\xFF\xFE",
                            R"({"minValues":{"id":10},"maxValues":{"id":5}})"}) {
    EXPECT_KEPT(Cmp({"id"}, kEq, Long(7)), stats);
  }
}

TEST(Prune, AColumnWithoutStatisticsKeepsTheFile) {
  EXPECT_KEPT(Cmp({"id"}, kEq, Long(7)), Stats("i", "1", "2", "0"));
  EXPECT_DROPPED(And({Cmp({"id"}, kEq, Long(7)), Cmp({"i"}, kEq, Long(7))}), Stats("i", "1", "2", "0"));
}

TEST(Prune, ACloneAnswersAlike) {
  const auto pruner = For(And({Cmp({"id"}, kEq, Long(9)), Cmp({"p"}, kEq, Int(5)), Cmp({"s"}, kGe, Str("a"))}));
  EXPECT_TRUE(pruner->uses_statistics());
  auto clone = pruner->Clone();
  const Values five{{"p", "5"}};
  const std::string stats = Stats("id", "10", "20");
  EXPECT_EQ(*clone->Check({&five, stats, false}), kStatistics);
  EXPECT_EQ(*pruner->Check({&five, stats, false}), kStatistics);
}

}  // namespace
}  // namespace deltic
