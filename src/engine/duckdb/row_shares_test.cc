// Owns the tests of rows that the writer sorts by itself, share by share: all of them come out as they went in, in
// their order, whatever their types, sizes and numbers are.
#include "engine/duckdb/row_shares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/duckdb/duckdb_engine.h"
#include "storage/fault_store.h"

namespace deltic {
namespace {

// Of each type that there is, with NULLs, extremes, and texts of every kind of length.
constexpr const char* kColumns = R"(
  (i * 7919) % 100003 AS id,
  CASE WHEN i % 5 = 0 THEN NULL ELSE i % 2 = 0 END AS flag,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN -128 WHEN 2 THEN 127 ELSE 0 END::TINYINT AS tiny,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN -32768 WHEN 2 THEN 32767 ELSE i % 300 END::SMALLINT AS small,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN -2147483648 WHEN 2 THEN 2147483647 ELSE i END::INTEGER AS int,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE -i END::BIGINT AS long,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'nan' WHEN 2 THEN '-inf' WHEN 3 THEN '-0.0' ELSE i::VARCHAR END::FLOAT AS real,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'nan' WHEN 2 THEN 'inf' WHEN 3 THEN '-0.0' ELSE (i / 3)::VARCHAR END::DOUBLE AS dbl,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN -i ELSE i * 12345 END::DECIMAL(18, 3) AS dec,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '99999999999999999999999999999999999999' WHEN 2 THEN '-9223372036854775809'
    WHEN 3 THEN '9223372036854775808' ELSE (-i)::VARCHAR END::DECIMAL(38, 0) AS wide,
  DATE '1969-12-20' + (i % 40000)::INTEGER AS day,
  TIMESTAMPTZ '1969-12-20 00:00:00+00' + to_microseconds(i * 1000003) AS at,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE repeat('ä', (i % 13)::INTEGER) END AS short,
  CASE WHEN i % 9 = 0 THEN NULL ELSE repeat(chr((65 + i % 26)::INTEGER), (i % 320)::INTEGER) END AS long_text,
  CASE WHEN i % 20011 = 3 THEN repeat('x', 300000) ELSE 'y' END AS huge,
  encode(i::VARCHAR) AS bytes,
  CASE WHEN i % 6 = 0 THEN NULL ELSE {'a': CASE WHEN i % 7 = 0 THEN NULL ELSE i END,
    'b': {'c': CASE WHEN i % 8 = 0 THEN NULL ELSE 'text of row ' || i END}} END AS nested)";

class RowSharesTest : public testing::Test {
 protected:
  RowSharesTest() : folder_(testing::TempDir() + "row_shares/") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~RowSharesTest() override { std::filesystem::remove_all(folder_); }

  std::string Source(int64_t rows, const std::string& more = "") const {
    return std::string("SELECT ") + kColumns + more + " FROM range(" + std::to_string(rows) + ") t(i)";
  }

  Result<std::vector<WrittenFile>> Write(const std::string& sql, const RowOrder& order,
                                         const CancelToken& cancel = CancelToken()) {
    auto input = engine_->InputFromSql(sql, nullptr);
    EXPECT_TRUE(input.ok()) << input.error().ToString();
    WriteSpec spec;
    spec.store = faults_;
    for (const auto& field : (*input)->schema()) {
      spec.columns.push_back({.field = field, .sql = "\"" + field.name + "\""});
    }
    spec.new_key = [this](const std::vector<Literal>&) { return fmt::format("part-{:03}.parquet", files_++); };
    spec.order = order;
    spec.parquet.row_group_rows = 4096;
    spec.target_file_bytes = 1 << 20;
    return engine_->WriteFiles(std::move(*input), spec, cancel);
  }

  std::string Ask(const std::string& sql) {
    auto session = engine_->OpenSql(nullptr);
    auto rows = (*session)->ReadText(sql, CancelToken());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    auto batch = (*rows)->Next();
    EXPECT_TRUE(batch.ok()) << batch.error().ToString();
    return batch->at(0).at(0).value_or("NULL");
  }
  std::string Sum(const std::string& from) {
    return Ask("SELECT count(*) || ' ' || sum(hash(r)::HUGEINT) FROM (" + from + ") r");
  }
  // How often a row comes before one with a smaller number: 0 when the order is right, across the files too.
  std::string Disorder(const std::string& number) {
    return Ask("SELECT count(*) FROM (SELECT " + number + " AS n, lag(" + number +
               ") OVER (ORDER BY filename, file_row_number) AS before FROM read_parquet('" + folder_ +
               "*.parquet', filename = true, file_row_number = true)) WHERE n < before");
  }

  static RowOrder ById(int64_t rows) {
    RowOrder order{.sql = "id", .expected_rows = rows};
    for (uint64_t i = 1; i < 1024; ++i) order.bounds.push_back(i * 100003 / 1024);
    return order;
  }

  const std::string folder_;
  std::unique_ptr<Engine> engine_ = MakeDuckDbEngine(EngineSettings{.threads = 4});
  std::shared_ptr<FaultStore> faults_ = MakeFaultStore(MakeLocalStore(folder_));
  std::atomic<int> files_ = 0;
};

TEST_F(RowSharesTest, RowsOfEveryTypeComeOutAsTheyWentInAndInOrder) {
  const auto files = Write(Source(30'000), ById(30'000));
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  EXPECT_GT(files->size(), 1U);
  int64_t rows = 0;
  for (const auto& file : *files) rows += file.num_rows;
  EXPECT_EQ(rows, 30'000);
  EXPECT_EQ(Sum("SELECT * FROM read_parquet('" + folder_ + "*.parquet')"), Sum(Source(30'000)));
  EXPECT_EQ(Disorder("id"), "0");
}

TEST_F(RowSharesTest, ListsAreSortedByTheEngineAndComeOutTheSame) {
  const std::string source = Source(20'000, ", [i, i + 1] AS list");
  ASSERT_TRUE(Write(source, ById(20'000)).ok());
  EXPECT_EQ(Sum("SELECT * FROM read_parquet('" + folder_ + "*.parquet')"), Sum(source));
  EXPECT_EQ(Disorder("id"), "0");
}

TEST_F(RowSharesTest, BoundsThatKnowNothingOfTheRowsCostTimeOnly) {
  RowOrder order{.sql = "id", .bounds = std::vector<uint64_t>(1023, 77), .expected_rows = 1'000'000};
  ASSERT_TRUE(Write(Source(20'000), order).ok());
  EXPECT_EQ(Sum("SELECT * FROM read_parquet('" + folder_ + "*.parquet')"), Sum(Source(20'000)));
  EXPECT_EQ(Disorder("id"), "0");
}

TEST_F(RowSharesTest, OneNumberForManyRowsGoesToSeveralShares) {
  // Nine rows of ten have the number 5, as nine bounds of ten say.
  RowOrder order{.sql = "CASE WHEN id % 10 = 0 THEN id ELSE 5 END", .expected_rows = 30'000};
  order.bounds.assign(900, 5);
  for (uint64_t i = 1; i < 100; ++i) order.bounds.push_back(i * 1000);
  ASSERT_TRUE(Write(Source(30'000), order).ok());
  EXPECT_EQ(Sum("SELECT * FROM read_parquet('" + folder_ + "*.parquet')"), Sum(Source(30'000)));
  EXPECT_EQ(Disorder("CASE WHEN id % 10 = 0 THEN id ELSE 5 END"), "0");
}

TEST_F(RowSharesTest, NullIsTheHighestNumberAndNoRowsMakeNoFile) {
  RowOrder order = ById(5000);
  order.sql = "CASE WHEN id % 3 = 0 THEN NULL ELSE id END";
  ASSERT_TRUE(Write(Source(5000), order).ok());
  EXPECT_EQ(Disorder("CASE WHEN id % 3 = 0 THEN 1000000 ELSE id END"), "0");
  const auto none = Write(Source(0), ById(0));
  ASSERT_TRUE(none.ok()) << none.error().ToString();
  EXPECT_TRUE(none->empty());
}

TEST_F(RowSharesTest, RowsBeyondTheMemoryAreSpilled) {
  engine_ = MakeDuckDbEngine(EngineSettings{.threads = 2, .memory_limit = "64MB", .temp_directory = folder_ + "spill"});
  const auto files = Write(Source(150'000), ById(150'000));
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  engine_ = MakeDuckDbEngine(EngineSettings{.threads = 4});
  EXPECT_EQ(Sum("SELECT * FROM read_parquet('" + folder_ + "*.parquet')"), Sum(Source(150'000)));
  EXPECT_EQ(Disorder("id"), "0");
}

TEST_F(RowSharesTest, AFailureOrACancelledWriteLeavesNoFile) {
  const auto written = Write(
      "SELECT *, CASE WHEN id = 99999 THEN error('no more') END AS e FROM (" + Source(30'000) + ")", ById(30'000));
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message().find("no more"), std::string::npos) << written.error().ToString();
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_FALSE(Write(Source(30'000), ById(30'000), cancel).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST(ChooseSharesTest, SharesAreAboutARowGroupEachAndAsManyAsMemoryAllows) {
  RowOrder order{.sql = "n", .expected_rows = 6'000'000};
  for (uint64_t i = 1; i < 1024; ++i) order.bounds.push_back(i);
  const int64_t gigabyte = 1 << 30;
  EXPECT_EQ(ChooseShares(order, {.memory_bytes = 8 * gigabyte, .threads = 2, .row_group_rows = 122'880})->size(), 64U);
  order.expected_rows = 10;
  EXPECT_EQ(ChooseShares(order, {.memory_bytes = gigabyte, .threads = 2, .row_group_rows = 122'880})->size(), 0U);
  order.expected_rows = 1'000'000'000;
  EXPECT_EQ(ChooseShares(order, {.memory_bytes = 64 * gigabyte, .threads = 2, .row_group_rows = 122'880})->size(),
            255U);
}

TEST(ChooseSharesTest, RowsOfWhichAShareWouldFillTheMemoryAreSortedInAnotherWay) {
  RowOrder order{.sql = "n", .bounds = {1, 2, 3}, .expected_rows = 1'000'000'000};
  EXPECT_FALSE(ChooseShares(order, {.memory_bytes = 1 << 30, .threads = 2, .row_group_rows = 122'880}));
  order.bounds.clear();
  order.expected_rows = 10;
  EXPECT_FALSE(ChooseShares(order, {.memory_bytes = 1 << 30, .threads = 2, .row_group_rows = 122'880}));
}

}  // namespace
}  // namespace deltic
