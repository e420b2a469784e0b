// Proves that scans give a table's rows: column match by name and id, missing and widened columns, partition constants,
// deletion masks, filters that must not be rounded, and what planning hands to the file source.
#include <gtest/gtest.h>

#include <filesystem>

#include <duckdb.hpp>

#include "engine/duckdb/duckdb_engine.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

// Hides the rows it was given.
class Hidden : public RowMask {
 public:
  explicit Hidden(std::vector<uint64_t> rows) : rows_(std::move(rows)) {}
  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; i++) {
      if (std::find(rows_.begin(), rows_.end(), start + i) == rows_.end()) keep[kept++] = static_cast<uint32_t>(i);
    }
    return kept;
  }

 private:
  std::vector<uint64_t> rows_;
};

class Files : public FileSource {
 public:
  Result<std::unique_ptr<FileCursor>> Open(const Predicate& filter) override {
    predicates.push_back(filter.ToString());
    struct Cursor : FileCursor {
      explicit Cursor(const std::vector<ScanFile>& files) : files(files) {}
      Result<std::optional<ScanFile>> Next() override {
        if (next == files.size()) return std::optional<ScanFile>();
        return std::optional(files[next++]);
      }
      const std::vector<ScanFile>& files;
      size_t next = 0;
    };
    return std::unique_ptr<FileCursor>(new Cursor(files));
  }
  Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile&) override {
    return std::shared_ptr<const RowMask>(std::make_shared<Hidden>(hidden));
  }
  int64_t EstimatedRows() const override { return 100; }

  std::vector<ScanFile> files;
  std::vector<uint64_t> hidden;
  std::vector<std::string> predicates;
};

class ScanTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    EngineSettings settings;
    settings.threads = 2;
    engine_ = MakeDuckDbEngine(settings).release();
  }
  static void TearDownTestSuite() {
    delete engine_;
    engine_ = nullptr;
  }
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("deltic_scan_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Writes the rows of a query as a Parquet file and adds it to the scan.
  ScanFile& Write(const std::string& query, const std::string& options = "") {
    const auto path = (folder_ / ("f" + std::to_string(files_->files.size()) + ".parquet")).string();
    duckdb::DuckDB database(nullptr);
    duckdb::Connection connection(database);
    auto result = connection.Query("COPY (" + query + ") TO '" + path + "' (FORMAT parquet" + options + ")");
    if (result->HasError()) ADD_FAILURE() << result->GetError();
    files_->files.push_back({.key = "", .local_path = path});
    return files_->files.back();
  }

  // The rows as text, sorted: "1|a;2|NULL".
  std::string Read(const std::string& schema, const std::string& where = "", std::vector<std::string> columns = {}) {
    ReadSpec spec;
    spec.scan.files = files_;
    auto fields = ParseSchemaJson(schema);
    if (!fields.ok()) return fields.error().ToString();
    spec.scan.schema = *fields;
    spec.scan.mode = mode_;
    spec.scan.partition_columns = partitions_;
    spec.scan.row_id_column = row_id_column_;
    spec.row_ids = row_ids_;
    spec.columns = std::move(columns);
    spec.where = where;
    auto rows = engine_->ReadText(spec, CancelToken());
    if (!rows.ok()) return rows.error().ToString();
    std::vector<std::string> lines;
    while (true) {
      auto batch = (*rows)->Next();
      if (!batch.ok()) return batch.error().ToString();
      if (batch->empty()) break;
      for (const auto& row : *batch) {
        std::string line;
        for (const auto& value : row) line += (line.empty() ? "" : "|") + value.value_or("NULL");
        lines.push_back(line);
      }
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const auto& line : lines) all += (all.empty() ? "" : ";") + line;
    return all;
  }

  static std::string Schema(const std::string& fields) { return R"({"type":"struct","fields":[)" + fields + "]}"; }
  static std::string Column(const std::string& name, const std::string& type, const std::string& metadata = "") {
    return R"({"name":")" + name + R"(","type":)" + (type[0] == '{' ? type : "\"" + type + "\"") +
           R"(,"nullable":true,"metadata":{)" + metadata + "}}";
  }
  static std::string Mapped(const std::string& name, const std::string& type, int id, const std::string& physical) {
    return Column(name, type,
                  R"("delta.columnMapping.id":)" + std::to_string(id) + R"(,"delta.columnMapping.physicalName":")" +
                      physical + "\"");
  }

  static inline Engine* engine_ = nullptr;
  std::filesystem::path folder_;
  std::shared_ptr<Files> files_ = std::make_shared<Files>();
  MappingMode mode_ = MappingMode::kNone;
  std::vector<std::string> partitions_;
  std::string row_id_column_;
  bool row_ids_ = false;
};

TEST_F(ScanTest, FilesWithOtherColumnOrdersAndMissingColumnsReadByName) {
  Write("SELECT 'x' AS b, 1::BIGINT AS a");
  Write("SELECT 2::BIGINT AS a");
  EXPECT_EQ(Read(Schema(Column("a", "long") + "," + Column("b", "string"))), "1|x;2|NULL");
  EXPECT_EQ(Read(Schema(Column("a", "long") + "," + Column("b", "string")), "b IS NULL"), "2|NULL");
  EXPECT_EQ(Read(Schema(Column("a", "long") + "," + Column("b", "string")), "b = 'x'"), "1|x");
}

TEST_F(ScanTest, AFilterOnAWidenedColumnIsNotRoundedToTheFilesType) {
  Write("SELECT unnest([1, 2, 3])::INTEGER AS x");
  EXPECT_EQ(Read(Schema(Column("x", "double")), "x = 1.5"), "");
  EXPECT_EQ(Read(Schema(Column("x", "double")), "x > 1.5"), "2.0;3.0");
  EXPECT_EQ(Read(Schema(Column("x", "double")), "x >= 2.0"), "2.0;3.0");
  EXPECT_EQ(Read(Schema(Column("x", "decimal(12,2)")), "x > 2.4"), "3.00");
  EXPECT_EQ(Read(Schema(Column("x", "long")), "x > 5000000000"), "");
  EXPECT_EQ(Read(Schema(Column("x", "long")), "x < 5000000000"), "1;2;3");
}

TEST_F(ScanTest, EveryWideningOfTheProtocolReads) {
  Write("SELECT 7::TINYINT AS b, 300::SMALLINT AS s, 1.5::FLOAT AS f, DATE '2024-02-29' AS d, 1.25::DECIMAL(4,2) AS c");
  EXPECT_EQ(Read(Schema(Column("b", "long") + "," + Column("s", "decimal(7,2)") + "," + Column("f", "double") + "," +
                        Column("d", "timestamp_ntz") + "," + Column("c", "decimal(20,5)"))),
            "7|300.00|1.5|2024-02-29 00:00:00|1.25000");
}

TEST_F(ScanTest, NestedWideningAndNestedAdditionsRead) {
  const std::string nested = R"({"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}},)"
                             R"({"name":"y","type":"string","nullable":true,"metadata":{}}]})";
  Write("SELECT {'x': 1::INTEGER} AS s");
  Write("SELECT NULL::STRUCT(x INTEGER) AS s");
  Write("SELECT {'y': 'b', 'x': 2::BIGINT} AS s");
  EXPECT_EQ(Read(Schema(Column("s", nested))), "NULL;{'x': 1, 'y': NULL};{'x': 2, 'y': b}");
  EXPECT_EQ(Read(Schema(Column("s", nested)), "s.x = 2"), "{'x': 2, 'y': b}");
  EXPECT_EQ(Read(Schema(Column("s", nested)), "s IS NULL"), "NULL");
  EXPECT_EQ(Read(Schema(Column("s", nested)), "s.y IS NULL"), "NULL;{'x': 1, 'y': NULL}");
}

TEST_F(ScanTest, ListsAndMapsOfStructsGainFieldsAndKeepNulls) {
  const std::string element =
      R"({"type":"struct","fields":[{"name":"x","type":"integer","nullable":true,"metadata":{}},)"
      R"({"name":"y","type":"integer","nullable":true,"metadata":{}}]})";
  const std::string list = R"({"type":"array","elementType":)" + element + R"(,"containsNull":true})";
  const std::string map =
      R"({"type":"map","keyType":"string","valueType":)" + element + R"(,"valueContainsNull":true})";
  Write("SELECT [{'x': 1}, NULL] AS l, MAP {'k': {'x': 2}, 'n': NULL} AS m");
  Write("SELECT NULL::STRUCT(x INTEGER)[] AS l, NULL::MAP(VARCHAR, STRUCT(x INTEGER)) AS m");
  EXPECT_EQ(Read(Schema(Column("l", list) + "," + Column("m", map))),
            "NULL|NULL;[{'x': 1, 'y': NULL}, NULL]|{k={'x': 2, 'y': NULL}, n=NULL}");
}

TEST_F(ScanTest, ColumnMappingByNameFollowsPhysicalNames) {
  mode_ = MappingMode::kName;
  Write("SELECT 1::BIGINT AS \"col-1\", 'old' AS \"col-2\", 5 AS a");
  const auto schema = Schema(Mapped("a", "long", 1, "col-1") + "," + Mapped("b", "string", 3, "col-3"));
  EXPECT_EQ(Read(schema), "1|NULL");
  EXPECT_EQ(Read(schema, "a = 1"), "1|NULL");
}

TEST_F(ScanTest, ColumnMappingByIdFollowsFieldIdsEvenInLists) {
  mode_ = MappingMode::kId;
  Write("SELECT 1::BIGINT AS p, [{'q': 5}] AS l", ", FIELD_IDS {p: 7, l: {__duckdb_field_id: 8, element: {q: 9}}}");
  const std::string list = R"({"type":"array","elementType":{"type":"struct","fields":[)" +
                           Mapped("q2", "integer", 9, "x") + R"(]},"containsNull":true})";
  EXPECT_EQ(Read(Schema(Mapped("a", "long", 7, "zz") + "," + Mapped("l2", list, 8, "yy") + "," +
                        Mapped("gone", "long", 10, "p"))),
            "1|[{'q2': 5}]|NULL");
}

TEST_F(ScanTest, PartitionValuesAreConstantsOfTheFileAndFilterIt) {
  partitions_ = {"p"};
  const Literal one{DataType(TypeKind::kInteger), int64_t{1}};
  Write("SELECT 10 AS v, 99 AS p").partition_values = {one};
  Write("SELECT 20 AS v").partition_values = {Literal::Null(DataType(TypeKind::kInteger))};
  const auto schema = Schema(Column("v", "integer") + "," + Column("p", "integer"));
  EXPECT_EQ(Read(schema), "10|1;20|NULL");
  EXPECT_EQ(Read(schema, "p = 1"), "10|1");
  EXPECT_EQ(Read(schema, "p IS NULL"), "20|NULL");
  EXPECT_EQ(Read(schema, "p IN (1, 2) OR v = 20"), "10|1;20|NULL");
  EXPECT_EQ(Read(schema, "p + v = 11"), "10|1");
  EXPECT_EQ(Read(schema, "", {"p"}), "1;NULL");
}

TEST_F(ScanTest, AFileThatStoresAPartitionColumnIsReadForItAndOthersHaveTheirConstant) {
  partitions_ = {"p", "kind"};
  const Literal one{DataType(TypeKind::kInteger), int64_t{1}};
  const Literal inserted{DataType(TypeKind::kString), std::string("insert")};
  Write("SELECT unnest([10, 11]) AS v, 'wrong' AS kind").partition_values = {one, inserted};
  auto& stored = Write("SELECT unnest([20, 21]) AS v, unnest(['before', 'after']) AS kind");
  stored.partition_values = {one, Literal::Null(DataType(TypeKind::kString))};
  stored.stored_partition_columns = {1};
  const auto schema = Schema(Column("v", "integer") + "," + Column("p", "integer") + "," + Column("kind", "string"));
  EXPECT_EQ(Read(schema), "10|1|insert;11|1|insert;20|1|before;21|1|after");
  EXPECT_EQ(Read(schema, "kind = 'after'"), "21|1|after");
  EXPECT_EQ(Read(schema, "kind <> 'after' AND v > 10"), "11|1|insert;20|1|before");
  EXPECT_EQ(Read(schema, "kind IN ('insert', 'after')", {"v"}), "10;11;21");
  EXPECT_EQ(Read(schema, "", {"kind"}), "after;before;insert;insert");
}

TEST_F(ScanTest, DeletedRowsAreHiddenBeforeFiltersAndByTheirPositionInTheFile) {
  Write("SELECT range AS x FROM range(5000)", ", ROW_GROUP_SIZE 2048").has_deletions = true;
  files_->hidden = {0, 2047, 2048, 4999};
  EXPECT_EQ(Read(Schema(Column("x", "long")), "x IN (0, 1, 2047, 2048, 2049, 4998, 4999)"), "1;2049;4998");
  ReadSpec spec;
  spec.scan.files = files_;
  spec.scan.schema = *ParseSchemaJson(Schema(Column("x", "long")));
  auto count = engine_->Count(spec, CancelToken());
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 4996);
}

TEST_F(ScanTest, RowIdsComeFromTheFileOrFromItsFirstId) {
  auto& file = Write("SELECT unnest([10, 20, 30]) AS x, unnest([NULL, 7, NULL])::BIGINT AS \"_rid\"");
  file.base_row_id = 100;
  file.default_row_commit_version = 3;
  row_ids_ = true;
  row_id_column_ = "_rid";
  EXPECT_EQ(Read(Schema(Column("x", "integer"))), "10|100|3;20|7|3;30|102|3");
}

TEST_F(ScanTest, NotANumberIsAboveEveryNumberInRowGroupFilters) {
  Write("SELECT unnest([1.0, 'nan'::DOUBLE]) AS x");
  EXPECT_EQ(Read(Schema(Column("x", "double")), "x > 5"), "nan");
}

TEST_F(ScanTest, BinaryTextAndTimestampsWithoutZoneReadAsTheTablesTypes) {
  Write("SELECT 'a\\x41'::BLOB AS s, 'b'::VARCHAR AS y, TIMESTAMP '2024-01-01 12:00:00' AS t");
  EXPECT_EQ(Read(Schema(Column("s", "string") + "," + Column("y", "binary") + "," + Column("t", "timestamp"))),
            "aA|b|2024-01-01 12:00:00+00");
  EXPECT_EQ(Read(Schema(Column("s", "string")), "s = 'aA'"), "aA");
}

TEST_F(ScanTest, ATypeThatTheColumnWasNeverWidenedFromIsCorrupt) {
  Write("SELECT 'text' AS x");
  const auto answer = Read(Schema(Column("x", "long")));
  EXPECT_NE(answer.find("Corrupt"), std::string::npos) << answer;
  EXPECT_NE(answer.find("column x is VARCHAR"), std::string::npos) << answer;
}

TEST_F(ScanTest, FiltersReachTheFileSourceAsPredicates) {
  Write("SELECT 1::BIGINT AS a, 'x' AS s, {'n': 1::INTEGER} AS st");
  const auto schema = Schema(
      Column("a", "long") + "," + Column("s", "string") + "," +
      Column("st", R"({"type":"struct","fields":[{"name":"n","type":"integer","nullable":true,"metadata":{}}]})"));
  const auto pushed = [&](const std::string& where) {
    auto predicate = engine_->BindPredicate(*ParseSchemaJson(schema), where);
    return predicate.ok() ? predicate->ToString() : predicate.error().ToString();
  };
  const Predicate equals{.kind = Predicate::Kind::kCompare,
                         .column = {"a"},
                         .op = CompareOp::kEq,
                         .literals = {Literal{DataType(TypeKind::kLong), int64_t{1}}}};
  EXPECT_EQ(pushed("a = 1"), equals.ToString());
  EXPECT_EQ(pushed("1 = A"), equals.ToString());
  const std::pair<const char*, const char*> cases[] = {
      {"a BETWEEN 1 AND 2", "a >= 1 AND a <= 2"},
      {"a IN (1, 2, 9)", "a IN (1, 2, 9)"},
      {"NOT a = 3", "a <> 3"},
      {"s LIKE 'ab%'", "starts_with(s, 'ab')"},
      {"s IS NOT NULL", "s IS NOT NULL"},
      {"st.n > 3", "st.n > 3"},
      {"a IS NOT DISTINCT FROM 4", "a IS NOT DISTINCT FROM 4"},
      {"a < 3 OR s >= 'x'", "a < 3 OR s >= 'x'"},
      {"a > 1.5", "a > 1.5"},
      {"1 = 2", "false"},
  };
  for (const auto& [where, predicate] : cases) {
    EXPECT_EQ(pushed(where), predicate) << where;
  }
  EXPECT_NE(pushed("a = 1 AND a % 2 = 1").find("a = 1"), std::string::npos) << pushed("a = 1 AND a % 2 = 1");
  // Of a query within the filter the scan knows nothing; nor does its being empty say anything of the filter.
  for (const char* where : {"a IN (SELECT 1)", "a NOT IN (SELECT 1 WHERE false)"}) {
    EXPECT_NE(pushed(where).find("SELECT 1"), std::string::npos) << pushed(where);
  }
  EXPECT_NE(pushed("nope = 1").find("InvalidArgument"), std::string::npos);
  EXPECT_NE(pushed("a = 1); drop table x; --").find("InvalidArgument"), std::string::npos);
}

TEST_F(ScanTest, AMissingDataFileIsNotFoundByName) {
  files_->files.push_back({.local_path = (folder_ / "absent.parquet").string()});
  const auto answer = Read(Schema(Column("x", "long")));
  EXPECT_NE(answer.find("NotFound"), std::string::npos) << answer;
  EXPECT_NE(answer.find("absent.parquet"), std::string::npos) << answer;
}

}  // namespace
}  // namespace deltic
