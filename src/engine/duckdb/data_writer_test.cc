// Owns the tests of the engine's writer: inputs, files, rotation, statistics, failures.
#include "engine/duckdb/data_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "base/error.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/fault_store.h"

namespace deltic {
namespace {

StructField Field(const std::string& name, DataType type) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  return field;
}

class DataWriterTest : public testing::Test {
 protected:
  std::unique_ptr<RowInput> Input(const std::string& sql) {
    auto input = engine_->InputFromSql(sql, nullptr);
    EXPECT_TRUE(input.ok()) << input.error().ToString();
    return input.ok() ? std::move(input).value() : nullptr;
  }
  // The rows of the query by way of an Arrow stream.
  Result<std::unique_ptr<RowInput>> ArrowInput(const std::string& sql) {
    ArrowArrayStream stream = {};
    session_ = *engine_->OpenSql(nullptr);
    DELTIC_CHECK(session_->ReadArrow(sql, CancelToken(), &stream));
    return engine_->InputFromArrow(&stream);
  }

  WriteSpec Spec(const RowInput& input) {
    WriteSpec spec;
    spec.store = store_;
    for (const auto& field : input.schema()) spec.columns.push_back({.field = field, .sql = "\"" + field.name + "\""});
    spec.new_key = [this](const std::vector<Literal>& partition) {
      std::string key;
      for (const auto& value : partition) key += "p=" + value.ToString() + "/";
      return key + "part-" + std::to_string(files_++) + ".parquet";
    };
    return spec;
  }
  Result<std::vector<WrittenFile>> Write(const std::string& sql) {
    auto input = Input(sql);
    const auto spec = Spec(*input);
    return engine_->WriteFiles(std::move(input), spec, CancelToken());
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    EXPECT_TRUE(store_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& meta) {
                                      keys.push_back(meta.key);
                                      return true;
                                    })
                    .ok());
    return keys;
  }

  std::unique_ptr<Engine> engine_ = MakeDuckDbEngine(EngineSettings{});
  std::shared_ptr<ObjectStore> inner_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> faults_ = MakeFaultStore(inner_);
  std::shared_ptr<ObjectStore> store_ = faults_;
  std::unique_ptr<SqlSession> session_;
  std::atomic<int> files_ = 0;
};

TEST_F(DataWriterTest, RowsOfAQueryBecomeOneFileWithItsStatistics) {
  auto files = Write("SELECT i::INTEGER AS a, 's' || i AS s FROM range(10) t(i)");
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 1u);
  const auto& file = files->front();
  EXPECT_EQ(file.num_rows, 10);
  EXPECT_EQ(file.size_bytes, store_->Head(file.key)->size_bytes);
  ASSERT_EQ(file.statistics.size(), 2u);
  EXPECT_EQ(file.statistics[0].min->ToString(), "0");
  EXPECT_EQ(file.statistics[0].max->ToString(), "9");
  EXPECT_EQ(std::get<std::string>(file.statistics[1].max->value), "s9");
}

TEST_F(DataWriterTest, NoRowsMakeNoFiles) {
  auto files = Write("SELECT 1 AS a WHERE false");
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  EXPECT_TRUE(files->empty());
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, ArrowStreamsComeInWithTheirTypes) {
  auto input = ArrowInput(
      "SELECT 1::UTINYINT AS u8, 2::UBIGINT AS u64, 'x'::VARCHAR AS s, TIMESTAMP_NS '2024-01-01 00:00:00.123456789' AS "
      "ns,"
      " [1, 2] AS l, {'a': 1, 'b': 'z'} AS st, MAP {'k': 1.5} AS m, 'blob'::BLOB AS b,"
      " TIMESTAMPTZ '2024-01-01 00:00:00+01' AS tz, uuid() AS id");
  ASSERT_TRUE(input.ok()) << input.error().ToString();
  std::string types;
  for (const auto& field : (*input)->schema()) types += field.name + ":" + field.type.ToString() + " ";
  EXPECT_EQ(types,
            "u8:smallint u64:decimal(20,0) s:string ns:timestamp_ntz l:array<int> st:struct<a:int,b:string> "
            "m:map<string,decimal(2,1)> b:binary tz:timestamp id:string ");
  const auto spec = Spec(**input);
  auto files = engine_->WriteFiles(std::move(*input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  EXPECT_EQ(files->front().num_rows, 1);
  EXPECT_EQ(files->front().statistics[3].min->ToString(), files->front().statistics[3].max->ToString());
}

TEST_F(DataWriterTest, TypesThatDeltaLacksAreRefusedByColumn) {
  for (const char* sql : {"SELECT TIME '12:00:00' AS t", "SELECT [INTERVAL 1 DAY] AS t"}) {
    auto input = ArrowInput(sql);
    ASSERT_FALSE(input.ok());
    EXPECT_EQ(input.error().code(), Code::kUnsupported);
    EXPECT_NE(input.error().message().find("column t"), std::string::npos) << input.error().message();
  }
  auto twice = engine_->InputFromSql("SELECT 1 AS a, 2 AS A", nullptr);
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), Code::kInvalidArgument);
}

// A stream that gives one batch and then fails.
TEST_F(DataWriterTest, ErrorsOfTheStreamAreToldInItsOwnWords) {
  static int calls = 0;
  calls = 0;
  session_ = *engine_->OpenSql(nullptr);
  struct Failing {
    ArrowArrayStream inner;
  };
  auto* failing = new Failing();
  ASSERT_TRUE(session_->ReadArrow("SELECT i AS a FROM range(100) t(i)", CancelToken(), &failing->inner).ok());
  ArrowArrayStream stream = {};
  stream.private_data = failing;
  stream.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
    auto* inner = &static_cast<Failing*>(self->private_data)->inner;
    return inner->get_schema(inner, out);
  };
  stream.get_next = [](ArrowArrayStream* self, ArrowArray* out) {
    auto* inner = &static_cast<Failing*>(self->private_data)->inner;
    return calls++ == 0 ? inner->get_next(inner, out) : 5;
  };
  stream.get_last_error = [](ArrowArrayStream*) { return "the cat sat on the cable"; };
  stream.release = [](ArrowArrayStream* self) {
    auto* held = static_cast<Failing*>(self->private_data);
    held->inner.release(&held->inner);
    delete held;
    self->release = nullptr;
  };
  auto input = engine_->InputFromArrow(&stream);
  ASSERT_TRUE(input.ok()) << input.error().ToString();
  EXPECT_EQ(stream.release, nullptr);
  const auto spec = Spec(**input);
  auto files = engine_->WriteFiles(std::move(*input), spec, CancelToken());
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(files.error().message(), "the input stream failed: the cat sat on the cable");
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, RowsAreSplitByPartitionAndPartitionsAreNotInTheFiles) {
  auto input = Input("SELECT i AS a, i % 7 AS p FROM range(10000) t(i)");
  auto spec = Spec(*input);
  spec.partitions.push_back(spec.columns.back());
  spec.columns.pop_back();
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  std::set<std::string> partitions;
  int64_t rows = 0;
  for (const auto& file : *files) {
    partitions.insert(file.partition[0].ToString());
    EXPECT_EQ(file.statistics.size(), 1u);
    EXPECT_EQ(std::get<int64_t>(file.statistics[0].min->value) % 7, std::get<int64_t>(file.partition[0].value));
    rows += file.num_rows;
  }
  EXPECT_EQ(partitions.size(), 7u);
  EXPECT_EQ(rows, 10000);
}

TEST_F(DataWriterTest, FilesAreClosedNearTheTargetSizeAlsoInPartitions) {
  for (const bool partitioned : {false, true}) {
    auto input = Input("SELECT hash(i)::VARCHAR AS a, i % 2 AS p FROM range(300000) t(i)");
    auto spec = Spec(*input);
    if (partitioned) {
      spec.partitions.push_back(spec.columns.back());
      spec.columns.pop_back();
    }
    spec.target_file_bytes = 1 << 20;
    auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
    ASSERT_TRUE(files.ok()) << files.error().ToString();
    EXPECT_GE(files->size(), 4u);
    int64_t rows = 0;
    for (const auto& file : *files) {
      EXPECT_LT(file.size_bytes, 4 << 20);
      rows += file.num_rows;
    }
    EXPECT_EQ(rows, 300000);
  }
}

TEST_F(DataWriterTest, ManyPartitionsAreWrittenOneAfterAnother) {
  auto input = Input("SELECT i AS a, i % 3000 AS p FROM range(30000) t(i)");
  auto spec = Spec(*input);
  spec.partitions.push_back(spec.columns.back());
  spec.columns.pop_back();
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  EXPECT_GE(files->size(), 3000u);
  EXPECT_LE(files->size(), 3010u);
}

TEST_F(DataWriterTest, NanInAnyRowGroupLeavesAFloatColumnWithoutBounds) {
  auto input = Input("SELECT CASE WHEN i = 0 THEN 'NaN'::DOUBLE ELSE i END AS d FROM range(10000) t(i)");
  auto spec = Spec(*input);
  spec.parquet.row_group_rows = 2048;
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  const auto& statistics = files->front().statistics[0];
  EXPECT_TRUE(statistics.has_nan);
  EXPECT_FALSE(statistics.min.has_value());
  EXPECT_FALSE(statistics.max.has_value());
}

TEST_F(DataWriterTest, NullsOfNestedFieldsCountTheirParentsNulls) {
  auto files = Write(
      "SELECT * FROM (VALUES ({'a': 1, 'l': [1], 'v': {'x': 1}}), ({'a': NULL, 'l': NULL, 'v': NULL}), (NULL)) t(s)");
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  const auto& statistics = files->front().statistics;
  ASSERT_EQ(statistics.size(), 3u);
  EXPECT_EQ(ToString(statistics[0].path), "s.a");
  EXPECT_EQ(statistics[0].null_count, 2);
  EXPECT_EQ(ToString(statistics[1].path), "s.l");
  EXPECT_EQ(statistics[1].null_count, 2);
  EXPECT_EQ(ToString(statistics[2].path), "s.v.x");
  EXPECT_EQ(statistics[2].null_count, 2);
}

TEST_F(DataWriterTest, ListsAndMapsHaveTheirNestedFieldIds) {
  auto input = Input("SELECT [1] AS l, MAP {'k': [2]} AS m");
  auto spec = Spec(*input);
  spec.columns[0].field.column_mapping_id = 1;
  spec.columns[0].field.metadata["delta.columnMapping.nested.ids"] = R"({"l.element":11})";
  spec.columns[1].field.column_mapping_id = 2;
  spec.columns[1].field.metadata["delta.columnMapping.nested.ids"] =
      R"({"m.key":21,"m.value":22,"m.value.element":23})";
  spec.store = MakeLocalStore(testing::TempDir());
  spec.new_key = [](const std::vector<Literal>&) { return "nested_field_ids.parquet"; };
  const auto path = *spec.store->LocalPath("nested_field_ids.parquet");
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  session_ = *engine_->OpenSql(nullptr);
  auto rows =
      session_->ReadText("SELECT string_agg(name || ':' || field_id, ' ' ORDER BY field_id) FROM parquet_schema('" +
                             path + "') WHERE field_id IS NOT NULL",
                         CancelToken());
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  auto batch = (*rows)->Next();
  ASSERT_TRUE(batch.ok() && !batch->empty());
  EXPECT_EQ(batch->at(0).at(0), "l:1 m:2 element:11 key:21 value:22 element:23");
}

TEST_F(DataWriterTest, AFolderThatCannotBeWrittenIsToldAndLeavesNothing) {
  auto input = Input("SELECT 1 AS a");
  auto spec = Spec(*input);
  spec.store = MakeLocalStore("/proc/deltic-no-such-folder");
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_FALSE(files.ok());
  EXPECT_NE(files.error().message().find("/proc/deltic-no-such-folder"), std::string::npos) << files.error().message();
}

TEST_F(DataWriterTest, EachCheckThatARowFailsIsToldWithItsValues) {
  auto input = Input("SELECT i - 3 AS a FROM range(10) t(i)");
  auto spec = Spec(*input);
  spec.checks.push_back({.sql = "a > -3", .failure = "CHECK constraint pos is violated", .shown = {{"a", "a"}}});
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code(), Code::kConstraintViolation);
  EXPECT_EQ(files.error().message(), "CHECK constraint pos is violated: a = -3");
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, StepsMakeColumnsForTheNext) {
  auto input = Input("SELECT i AS a FROM range(10) t(i)");
  auto spec = Spec(*input);
  spec.steps = {{{"a", "a"}, {"b", "a * 2"}}, {{"c", "a + b"}}};
  spec.columns = {{.field = Field("c", DataType(TypeKind::kLong)), .sql = "c"}};
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  EXPECT_EQ(files->front().statistics[0].max->ToString(), "27");
}

TEST_F(DataWriterTest, AFailureInTheMiddleLeavesNoFiles) {
  auto input = Input(
      "SELECT i AS a, CASE WHEN i = 290000 THEN deltic_refuse(1, 'stop here') ELSE hash(i)::VARCHAR END"
      " AS b FROM range(300000) t(i)");
  auto spec = Spec(*input);
  spec.target_file_bytes = 100000;
  auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().message(), "stop here");
  EXPECT_GT(faults_->Count(StoreCall::kMultipart), 1);
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, AStoreThatFailsLeavesNoFilesAndKeepsItsCode) {
  for (int call = 0; call < 3; call++) {
    auto input = Input("SELECT i AS a, hash(i)::VARCHAR AS b FROM range(200000) t(i)");
    auto spec = Spec(*input);
    spec.target_file_bytes = 100000;
    faults_->SetPlan({.crash_after_calls = call});
    auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
    faults_->SetPlan({});
    ASSERT_FALSE(files.ok());
    EXPECT_EQ(files.error().code(), Code::kUnavailable) << files.error().ToString();
    // A crashed store cannot delete: what is left is named.
    for (const auto& key : Keys()) {
      EXPECT_NE(files.error().message().find(key), std::string::npos) << key;
      ASSERT_TRUE(inner_->Delete(key).ok());
    }
  }
}

TEST_F(DataWriterTest, CancelEndsAWriteWithoutFiles) {
  auto input = ArrowInput("SELECT i AS a FROM range(100000000) t(i)");
  ASSERT_TRUE(input.ok());
  const auto spec = Spec(**input);
  CancelToken cancel;
  cancel.Cancel();
  auto files = engine_->WriteFiles(std::move(*input), spec, cancel);
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code(), Code::kCancelled) << files.error().ToString();
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, CancelInTheMiddleIsToldAsSuch) {
  auto input = Input("SELECT hash(i)::VARCHAR AS a FROM range(200000000) t(i)");
  const auto spec = Spec(*input);
  CancelToken cancel;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    cancel.Cancel();
  });
  auto files = engine_->WriteFiles(std::move(input), spec, cancel);
  later.join();
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code(), Code::kCancelled) << files.error().ToString();
  EXPECT_TRUE(Keys().empty());
}

TEST_F(DataWriterTest, OptionsThatTheWriterLacksAreRefused) {
  for (int option = 0; option < 3; option++) {
    auto input = Input("SELECT 1 AS a");
    auto spec = Spec(*input);
    if (option == 0) spec.parquet.compression = "lzo";
    if (option == 1) spec.parquet.compression_level = 5;
    if (option == 2) spec.parquet.bloom_filter_false_positive_ratio = 2;
    auto files = engine_->WriteFiles(std::move(input), spec, CancelToken());
    ASSERT_FALSE(files.ok());
    EXPECT_EQ(files.error().code(), option == 2 ? Code::kInvalidArgument : Code::kUnsupported);
  }
}

TEST_F(DataWriterTest, TheTypeOfAnExpressionIsToldAndNonsenseRefused) {
  const Fields schema = {Field("a", DataType(TypeKind::kInteger))};
  auto type = engine_->ExpressionType(schema, "a + 1.5");
  ASSERT_TRUE(type.ok()) << type.error().ToString();
  EXPECT_EQ(type->kind(), TypeKind::kDecimal);
  auto nonsense = engine_->ExpressionType(schema, "b + 1");
  ASSERT_FALSE(nonsense.ok());
  EXPECT_EQ(nonsense.error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace deltic
