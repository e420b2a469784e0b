// Owns the tests of deletion vector files as they are written, and of the add actions that name them.
#include "dv/dv_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/url.h"
#include "dv/deletion_vector.h"
#include "dv/dv_bytes_for_test.h"
#include "storage/fault_store.h"
#include "storage/memory_store.h"

namespace deltic {
namespace {

RowSet Of(const std::vector<uint64_t>& rows) {
  RowSet set;
  set.AddMany(rows.data(), rows.size());
  return set;
}

class Writing : public testing::Test {
 protected:
  Writing() {
    env_ = RealEnv();
    env_.random = [this] { return random_ += 0x9E3779B97F4A7C15; };
  }
  std::vector<std::string> Objects() {
    std::vector<std::string> keys;
    EXPECT_TRUE(memory_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& meta) {
                                      keys.push_back(meta.key);
                                      return true;
                                    })
                    .ok());
    return keys;
  }
  std::vector<uint64_t> Read(const DeletionVectorDescriptor& descriptor) {
    auto vector = ReadDeletionVector(*store_, descriptor);
    EXPECT_TRUE(vector.ok()) << vector.error().ToString();
    return vector.ok() ? (*vector)->ToRows() : std::vector<uint64_t>();
  }

  uint64_t random_ = 1;
  Env env_;
  TableConfig config_;
  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> store_ = MakeFaultStore(memory_);
};

TEST_F(Writing, SeveralVectorsShareAFileAndAreReadAtTheirPlaces) {
  DeletionVectorWriter writer(*store_, env_, config_);
  const std::vector<std::vector<uint64_t>> sets = {{0, 5, 9}, {100'000, uint64_t{3} << 32}, {4}};
  std::vector<DeletionVectorDescriptor> descriptors;
  for (const auto& rows : sets) {
    auto descriptor = writer.Add(Of(rows));
    ASSERT_TRUE(descriptor.ok()) << descriptor.error().ToString();
    descriptors.push_back(*descriptor);
  }
  ASSERT_TRUE(writer.Finish().ok());
  ASSERT_EQ(writer.keys().size(), 1u);
  EXPECT_TRUE(writer.keys()[0].starts_with("deletion_vector_")) << writer.keys()[0];
  EXPECT_EQ(Objects(), writer.keys());
  for (size_t i = 0; i < sets.size(); ++i) {
    EXPECT_EQ(Read(descriptors[i]), sets[i]);
    EXPECT_EQ(descriptors[i].storage_type, 'u');
    EXPECT_EQ(descriptors[i].cardinality, static_cast<int64_t>(sets[i].size()));
    EXPECT_EQ(LocateDeletionVector(descriptors[i])->key, writer.keys()[0]);
  }
  EXPECT_EQ(descriptors[0].offset, 1);
  EXPECT_EQ(*memory_->Get(writer.keys()[0]),
            DvFileForTest({PortableRowsForTest(sets[0]), PortableRowsForTest(sets[1]), PortableRowsForTest(sets[2])}));
}

TEST_F(Writing, ATableWithRandomPrefixesHasVectorsInTheirFolders) {
  config_.randomize_file_prefixes = true;
  config_.random_prefix_length = 3;
  DeletionVectorWriter writer(*store_, env_, config_);
  auto descriptor = writer.Add(Of({8}));
  ASSERT_TRUE(descriptor.ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(descriptor->path_or_inline_dv.size(), 23u);
  EXPECT_EQ(writer.keys()[0].find("/deletion_vector_"), 3u) << writer.keys()[0];
  EXPECT_TRUE(writer.keys()[0].starts_with(descriptor->path_or_inline_dv.substr(0, 3)));
  EXPECT_EQ(Read(*descriptor), std::vector<uint64_t>{8});
}

TEST_F(Writing, EachWriterHasAFileOfItsOwn) {
  DeletionVectorWriter one(*store_, env_, config_);
  DeletionVectorWriter other(*store_, env_, config_);
  ASSERT_TRUE(one.Add(Of({1})).ok() && other.Add(Of({2})).ok());
  ASSERT_TRUE(one.Finish().ok() && other.Finish().ok());
  EXPECT_EQ(Objects().size(), 2u);
}

TEST_F(Writing, WithoutAVectorThereIsNoFile) {
  DeletionVectorWriter writer(*store_, env_, config_);
  EXPECT_TRUE(writer.Finish().ok());
  EXPECT_TRUE(writer.keys().empty());
  EXPECT_EQ(store_->CountAll(), 0);
}

TEST_F(Writing, AnEmptySetAndALateOneAreRefused) {
  DeletionVectorWriter writer(*store_, env_, config_);
  EXPECT_EQ(writer.Add(RowSet()).error().code(), Code::kInternal);
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(writer.Add(Of({1})).error().code(), Code::kInternal);
}

TEST_F(Writing, WhoDoesNotFinishLeavesNothing) {
  {
    DeletionVectorWriter writer(*store_, env_, config_);
    ASSERT_TRUE(writer.Add(Of({1})).ok());
  }
  EXPECT_TRUE(Objects().empty());
}

TEST_F(Writing, AFailureLeavesNothingAndNamesTheFile) {
  store_->Script(StoreCall::kMultipart, Fault::kUnavailable);
  {
    DeletionVectorWriter writer(*store_, env_, config_);
    auto descriptor = writer.Add(Of({1}));
    ASSERT_FALSE(descriptor.ok());
    EXPECT_EQ(descriptor.error().code(), Code::kUnavailable);
    EXPECT_NE(descriptor.error().message().find("deletion_vector_"), std::string::npos) << descriptor.error().message();
  }
  EXPECT_TRUE(Objects().empty());
  for (int64_t calls = 1; calls < 8; ++calls) {  // this process is gone after that many calls
    store_->ResetCounts();
    store_->SetPlan({.crash_after_calls = calls});
    DeletionVectorWriter writer(*store_, env_, config_);
    const bool done = writer.Add(Of({1})).ok() && writer.Add(Of({2})).ok() && writer.Finish().ok();
    store_->SetPlan({});
    EXPECT_EQ(Objects().empty(), !done) << calls;
    for (const std::string& key : Objects()) ASSERT_TRUE(memory_->Delete(key).ok());
  }
}

// ---- the add action ----

AddFile Live(const std::optional<std::string>& stats) {
  AddFile add{.path = "f", .partition_values = {{"p", "a"}}, .size = 10, .modification_time = 3, .data_change = false};
  add.stats = stats;
  add.tags = {{"k", "v"}};
  add.base_row_id = 40;
  add.default_row_commit_version = 2;
  add.clustering_provider = "liquid";
  return add;
}
DeletionVectorDescriptor Vector(int64_t rows = 2) {
  return {.storage_type = 'u', .path_or_inline_dv = "x", .offset = 1, .size_in_bytes = 40, .cardinality = rows};
}
std::string StatsOf(const std::string& before, std::optional<int64_t> rows = std::nullopt) {
  auto add = WithDeletionVector(Live(before), Vector(), rows);
  return add.ok() ? *add->stats : add.error().ToString();
}

TEST(WithDeletionVector, AllButTheVectorAndTheBoundsStays) {
  auto add = WithDeletionVector(Live(R"({"numRecords":5,"minValues":{"d":1.10}})"), Vector());
  ASSERT_TRUE(add.ok()) << add.error().ToString();
  EXPECT_EQ(add->deletion_vector, Vector());
  EXPECT_TRUE(add->data_change);
  EXPECT_EQ(*add->stats, R"({"numRecords":5,"minValues":{"d":1.10},"tightBounds":false})");
  EXPECT_EQ(add->path, "f");
  EXPECT_EQ(add->partition_values, (PartitionValues{{"p", "a"}}));
  EXPECT_EQ(add->modification_time, 3);
  EXPECT_EQ(add->tags, (StringMap{{"k", "v"}}));
  EXPECT_EQ(add->base_row_id, 40);
  EXPECT_EQ(add->default_row_commit_version, 2);
  EXPECT_EQ(add->clustering_provider, "liquid");
}

TEST(WithDeletionVector, BoundsThatWereTightAreWideAndWideOnesStay) {
  EXPECT_EQ(StatsOf(R"({"tightBounds":true,"numRecords":5})"), R"({"tightBounds":false,"numRecords":5})");
  EXPECT_EQ(StatsOf(R"({"numRecords":5,"tightBounds":false})"), R"({"numRecords":5,"tightBounds":false})");
  EXPECT_EQ(StatsOf(R"({ "numRecords" : 5 , "tightBounds" : true } )"),
            R"({ "numRecords" : 5 , "tightBounds" : false } )");
  EXPECT_EQ(StatsOf(R"({"numRecords":5,"tight\u0042ounds":null})"), R"({"numRecords":5,"tight\u0042ounds":false})");
}

TEST(WithDeletionVector, AColumnOfThatNameIsNoBound) {
  EXPECT_EQ(StatsOf(R"({"numRecords":5,"nullCount":{"tightBounds":1}})"),
            R"({"numRecords":5,"nullCount":{"tightBounds":1},"tightBounds":false})");
}

TEST(WithDeletionVector, TheNumberOfRowsMayBeToldByTheCaller) {
  EXPECT_EQ(StatsOf("{}", 7), R"({"numRecords":7,"tightBounds":false})");
  EXPECT_EQ(StatsOf(R"({"minValues":{}})", 7), R"({"minValues":{},"numRecords":7,"tightBounds":false})");
  EXPECT_EQ(StatsOf(R"({"numRecords":5})", 7), R"({"numRecords":5,"tightBounds":false})") << "the statistics know";
  auto add = WithDeletionVector(Live(std::nullopt), Vector(), 7);
  ASSERT_TRUE(add.ok());
  EXPECT_EQ(*add->stats, R"({"numRecords":7,"tightBounds":false})");
  EXPECT_EQ(WithDeletionVector(Live(std::nullopt), Vector()).error().code(), Code::kUnsupported);
}

TEST(WithDeletionVector, StatisticsThatCannotBeReadAndTooManyRowsAreRefused) {
  for (const char* bad : {"", "null", "[1]", R"({"numRecords":5)", R"({"numRecords":5}x)",
                          R"({"numRecords":5,"tightBounds":true,"tightBounds":false})"}) {
    auto add = WithDeletionVector(Live(bad), Vector(), 9);
    ASSERT_FALSE(add.ok()) << bad;
    EXPECT_EQ(add.error().code(), Code::kCorrupt) << bad;
  }
  auto text = WithDeletionVector(Live(R"({"numRecords":"5"})"), Vector(), 9);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code(), Code::kCorrupt);
  EXPECT_EQ(WithDeletionVector(Live(R"({"numRecords":5})"), Vector(6)).error().code(), Code::kInternal);
  EXPECT_TRUE(WithDeletionVector(Live(R"({"numRecords":5})"), Vector(5)).ok());
}

}  // namespace
}  // namespace deltic
