// Proves which versions, schemas and files a change feed is made of, on small logs in memory, and what it refuses.
#include "cdf/change_feed.h"

#include <gtest/gtest.h>

#include "snapshot/test_table.h"

namespace deltic {
namespace {

const char* const kOn = R"("delta.enableChangeDataFeed":"true")";
const char* const kFeedProtocol = R"({"protocol":{"minReaderVersion":1,"minWriterVersion":4}})";

std::string Cdc(const std::string& path, const std::string& p) {
  return fmt::format(R"({{"cdc":{{"path":"{}","partitionValues":{{"p":"{}"}},"size":3,"dataChange":false}}}})", path,
                     p);
}
std::string FullRemove(const std::string& path, const std::string& p, const std::string& dv = "") {
  return fmt::format(
      R"({{"remove":{{"path":"{}","dataChange":true,"extendedFileMetadata":true,"partitionValues":{{"p":"{}"}},)"
      R"("size":9{}}}}})",
      path, p, DvJson({.path = path, .dv = dv}));
}

class ChangeFeedTest : public TestTable {
 protected:
  // Version n is written at 1000 + 100 n.
  void At(int64_t version, std::vector<std::string> lines) {
    now_ms_ = 1000 + 100 * version;
    Commit(version, lines);
  }
  void Begin(std::vector<std::string> lines = {}) {
    lines.insert(lines.begin(), {kFeedProtocol, MetadataLine(kOn)});
    At(0, lines);
  }

  Result<std::shared_ptr<const ChangeFeed>> Plan(const ChangeRequest& request) {
    DELTIC_TRY(auto snapshot, Open());
    return PlanChangeFeed(snapshot, request);
  }
  std::string Versions(const ChangeRequest& request) {
    auto feed = Plan(request);
    if (!feed.ok()) return feed.error().ToString();
    return fmt::format("{} to {}", (*feed)->first_version, (*feed)->last_version);
  }

  // "insert 1 a.parquet p=x" for each file, with what of the deletion vectors matters as '!'.
  std::string Files(const ChangeRequest& request, const Predicate& predicate = True()) {
    auto feed = Plan(request);
    if (!feed.ok()) return feed.error().ToString();
    auto spec = MakeChangeReadSpec(*feed, {});
    if (!spec.ok()) return spec.error().ToString();
    auto cursor = spec->scan.files->Open(predicate);
    if (!cursor.ok()) return cursor.error().ToString();
    std::string text;
    while (true) {
      auto file = (*cursor)->Next();
      if (!file.ok()) return file.error().ToString();
      if (!file->has_value()) return text;
      const ScanFile& one = **file;
      const bool stored = one.stored_partition_columns == std::vector<size_t>{1};
      text += fmt::format("{}{} {} {}{} p={}", text.empty() ? "" : "; ",
                          stored ? "stored" : std::get<std::string>(one.partition_values[1].value),
                          std::get<int64_t>(one.partition_values[2].value), one.key, one.has_deletions ? "!" : "",
                          std::get<std::string>(one.partition_values[0].value));
      EXPECT_EQ(std::get<int64_t>(one.partition_values[3].value),
                (1000 + 100 * std::get<int64_t>(one.partition_values[2].value)) * 1000);
      EXPECT_GT(one.size_bytes, 0);
    }
  }

  static Predicate True() {
    return {.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
  }
  static Predicate Equals(const std::string& column, Literal literal) {
    return {
        .kind = Predicate::Kind::kCompare, .column = {column}, .op = CompareOp::kEq, .literals = {std::move(literal)}};
  }
  static Literal Text(const std::string& text) { return {DataType(TypeKind::kString), text}; }
};

TEST_F(ChangeFeedTest, EachVersionGivesItsCdcFilesOrElseItsAddsAndRemoves) {
  Begin({Add("a")});
  At(1, {Add("b"), FullRemove("a", "a"), Cdc("_change_data/c%20d", "z")});
  At(2, {FullRemove("b", "a"), Add(TestFile{.path = "e", .p = "q"})});
  EXPECT_EQ(Files({.from_version = 0}),
            "insert 0 a p=a; stored 1 _change_data/c d p=z; delete 2 b p=a; insert 2 e p=q");
  EXPECT_EQ(Files({.from_version = 1, .to_version = 1}), "stored 1 _change_data/c d p=z");
}

TEST_F(ChangeFeedTest, AChangedDeletionVectorGivesTheFileOnceForEachDirection) {
  Begin({Add("a")});
  At(1, {Remove("a"), Add(TestFile{.path = "a", .dv = "v1"})});
  At(2, {Remove(TestFile{.path = "a", .dv = "v1"}), Add("a")});
  At(3, {Remove("a"), Add("a")});
  EXPECT_EQ(Files({.from_version = 1}), "delete 1 a! p=a; insert 2 a! p=a");
}

TEST_F(ChangeFeedTest, ARemoveWithoutPartitionValuesHasThoseOfTheVersionBefore) {
  Begin({Add(TestFile{.path = "a", .p = "x"}), Add(TestFile{.path = "b", .p = "y"})});
  At(1, {Remove("b"), Remove("a")});
  EXPECT_EQ(Files({.from_version = 1}), "delete 1 a p=x; delete 1 b p=y");
  At(2, {Remove("never-there")});
  const std::string answer = Files({.from_version = 2});
  EXPECT_TRUE(Has(answer, "Corrupt")) << answer;
  EXPECT_TRUE(Has(answer, "never-there in version 2")) << answer;
}

TEST_F(ChangeFeedTest, FiltersOnTheFeedsColumnsAndOnPartitionsLeaveFilesOut) {
  Begin({Add("a")});
  At(1, {Add(TestFile{.path = "b", .p = "q"}), FullRemove("a", "a")});
  At(2, {Cdc("c", "q")});
  EXPECT_EQ(Files({.from_version = 0}, Equals("_commit_version", {DataType(TypeKind::kLong), int64_t{1}})),
            "delete 1 a p=a; insert 1 b p=q");
  EXPECT_EQ(Files({.from_version = 0}, Equals("_commit_timestamp", {DataType(TypeKind::kTimestamp), int64_t{1200000}})),
            "stored 2 c p=q");
  EXPECT_EQ(Files({.from_version = 0}, Equals("_change_type", Text("delete"))), "delete 1 a p=a; stored 2 c p=q");
  EXPECT_EQ(Files({.from_version = 0}, Equals("p", Text("q"))), "insert 1 b p=q; stored 2 c p=q");
  EXPECT_EQ(Files({.from_version = 0}, Equals("x", {DataType(TypeKind::kLong), int64_t{99}})),
            "delete 1 a p=a; stored 2 c p=q");
}

TEST_F(ChangeFeedTest, RangesAreVersionsOrTimesWithBothEndsIncluded) {
  Begin();
  for (int64_t version = 1; version <= 5; ++version) At(version, {Add("f" + std::to_string(version))});
  EXPECT_EQ(Versions({.from_version = 2, .to_version = 4}), "2 to 4");
  EXPECT_EQ(Versions({.from_version = 2}), "2 to 5");
  EXPECT_EQ(Versions({.from_timestamp_ms = 1200, .to_timestamp_ms = 1400}), "2 to 4");
  EXPECT_EQ(Versions({.from_timestamp_ms = 1201, .to_timestamp_ms = 1399}), "3 to 3");
  EXPECT_EQ(Versions({.from_timestamp_ms = 0, .to_timestamp_ms = 99999}), "0 to 5");
  EXPECT_EQ(Versions({.from_timestamp_ms = 1201, .to_timestamp_ms = 1299}), "3 to 2");
  EXPECT_EQ(Files({.from_timestamp_ms = 1201, .to_timestamp_ms = 1299}), "");
}

TEST_F(ChangeFeedTest, RangesThatAreNoneAreRefused) {
  Begin();
  At(1, {Add("a")});
  const std::pair<ChangeRequest, const char*> cases[] = {
      {{}, "InvalidArgument: changes need a version or a timestamp"},
      {{.from_version = 0, .from_timestamp_ms = 5}, "InvalidArgument: changes are read from a version or"},
      {{.from_version = 0, .to_version = 1, .to_timestamp_ms = 5}, "InvalidArgument: changes are read to a version or"},
      {{.from_version = 1, .to_version = 0}, "InvalidArgument: the range ends at version 0"},
      {{.from_version = -1}, "InvalidArgument: version -1"},
      {{.from_version = 2}, "NotFound: version 2 does not exist: the newest is 1"},
      {{.from_version = 0, .to_version = 2}, "NotFound: version 2 does not exist"},
      {{.from_timestamp_ms = 1101}, "NotFound: no version is as new as"},
      {{.from_timestamp_ms = 1100, .to_timestamp_ms = 1050}, "InvalidArgument: the range ends at 1970"},
      {{.from_version = 0, .schema_version = 7}, "NotFound: version 7, whose schema"},
  };
  for (const auto& [request, refusal] : cases) EXPECT_TRUE(Has(Versions(request), refusal)) << Versions(request);
}

TEST_F(ChangeFeedTest, AVersionThatDidNotRecordChangesIsNamed) {
  At(0, {kFeedProtocol, MetadataLine()});
  At(1, {MetadataLine(kOn)});
  At(2, {Add("a")});
  At(3, {MetadataLine()});
  EXPECT_EQ(Files({.from_version = 1, .to_version = 2}), "insert 2 a p=a");
  EXPECT_TRUE(
      Has(Versions({.from_version = 0, .to_version = 2}), "InvalidArgument: changes were not recorded in version 0"));
  EXPECT_TRUE(Has(Versions({.from_version = 2}), "InvalidArgument: changes were not recorded in version 3"));
}

TEST_F(ChangeFeedTest, ASchemaThatLosesAColumnIsRefusedUnlessTheRangeOrTheSchemaVersionAvoidsIt) {
  Begin({Add("a")});
  std::string less = MetadataLine(kOn);
  const std::string column = R"({\"name\":\"x\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},)";
  less.erase(less.find(column), column.size());
  At(1, {less, Add("b")});
  const std::string answer = Versions({.from_version = 0});
  EXPECT_TRUE(Has(
      answer, "Unsupported: changes of version 0 cannot be read under the schema of version 1: column x is dropped"))
      << answer;
  EXPECT_TRUE(Has(Versions({.from_version = 0, .to_version = 0}), "column x is dropped"));
  EXPECT_EQ(Files({.from_version = 0, .to_version = 0, .schema_version = 0}), "insert 0 a p=a");
  EXPECT_EQ(Files({.from_version = 1}), "insert 1 b p=a");
}

TEST_F(ChangeFeedTest, ACommitThatIsGoneIsRefusedAndNeverPassedOver) {
  Begin({Add("a")});
  At(1, {Add("b")});
  JsonCheckpoint(1, {R"({"checkpointMetadata":{"version":1}})", kFeedProtocol, MetadataLine(kOn), Add("a"), Add("b")});
  At(2, {Add("c")});
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(1) + ".json").ok());
  EXPECT_EQ(Files({.from_version = 2}), "insert 2 c p=a");
  EXPECT_TRUE(Has(Versions({.from_version = 1}), "NotFound: the commit of version 1 is not there"))
      << Versions({.from_version = 1});
  EXPECT_TRUE(Has(Versions({.from_timestamp_ms = 5}), "NotFound: the changes since"))
      << Versions({.from_timestamp_ms = 5});
}

TEST_F(ChangeFeedTest, ColumnsOfTheFeedsNamesAndRowIdsAreRefused) {
  std::string own = MetadataLine(kOn);
  own.replace(own.find(R"(\"x\")"), 5, R"(\"_change_type\")");
  At(0, {kFeedProtocol, own});
  EXPECT_TRUE(Has(Versions({.from_version = 0}), "Unsupported: the table has a column _change_type of its own"));
  At(1, {MetadataLine(kOn)});
  auto feed = Plan({.from_version = 1});
  ASSERT_TRUE(feed.ok()) << feed.error().ToString();
  EXPECT_EQ(MakeChangeReadSpec(*feed, {.row_ids = true}).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeChangeReadSpec(*feed, {.columns = {"nope"}}).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeChangeReadSpec(*feed, {.columns = {"_COMMIT_VERSION", "x"}})->columns,
            (std::vector<std::string>{"_commit_version", "x"}));
}

TEST_F(ChangeFeedTest, AnUnsupportedFeatureInsideTheRangeIsRefusedAlthoughItWasDroppedLater) {
  Begin();
  At(1, {R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["fancyFiles"],)"
         R"("writerFeatures":["fancyFiles","changeDataFeed"]}})"});
  At(2, {kFeedProtocol, Add("a")});
  EXPECT_TRUE(Has(Versions({.from_version = 0}), "fancyFiles")) << Versions({.from_version = 0});
  EXPECT_EQ(Files({.from_version = 2}), "insert 2 a p=a");
}

}  // namespace
}  // namespace deltic
