// Owns a small table in memory with real data files, and changes of its rows from any of its versions, for this
// folder's tests. Not part of the library.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "alter/definition.h"
#include "dml/change_rows.h"
#include "dml/merge.h"
#include "scan/table_files.h"
#include "storage/fault_store.h"
#include "storage/memory_store.h"

namespace deltic {

class RowsTable : public ::testing::Test {
 protected:
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  void SetUp() override {
    auto engine = GetEngine();
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = *engine;
    store_ = MakeMemoryStore("rows");
  }

  static WriteOptions Writes() {
    WriteOptions options;
    options.env = RealEnv();
    return options;
  }
  static CommitOptions Commits() {
    CommitOptions options;
    options.env = RealEnv();
    options.sleep_ms = [](int64_t) {};
    return options;
  }

  // Version 0: a file for each query, of the first one's columns.
  void Create(const StringMap& properties, const std::vector<std::string>& files,
              const std::vector<std::string>& partitions = {}) {
    Intent intent{.base = nullptr, .store = store_};
    intent.operation = {.name = "WRITE", .parameters = {}, .metrics = {}};
    std::optional<WriteTarget> target;
    for (const std::string& sql : files) {
      auto input = engine_->InputFromSql(sql, nullptr);
      ASSERT_TRUE(input.ok()) << input.error().ToString();
      if (!target) {
        Fields schema = (*input)->schema();
        for (StructField& field : schema) field.nullable = true;
        const auto table = DefineTable(
            {.schema = schema, .partition_columns = partitions, .cluster_by = {}, .configuration = properties},
            RealEnv());
        ASSERT_TRUE(table.ok()) << table.error().ToString();
        const auto config = MakeTableConfig(table->protocol, table->metadata);
        ASSERT_TRUE(config.ok());
        target = WriteTarget{.store = store_,
                             .protocol = table->protocol,
                             .metadata = table->metadata,
                             .schema = table->schema,
                             .config = *config};
        intent.actions = DefinitionActions(nullptr, *table);
      }
      auto written = WriteRows(*engine_, std::move(*input), *target, Writes());
      ASSERT_TRUE(written.ok()) << written.error().ToString();
      for (AddFile& file : written->files) intent.actions.emplace_back(std::move(file));
    }
    const auto done = Commit(intent, Commits());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }

  SnapshotPtr Newest() {
    auto snapshot = Snapshot::Open(store_);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return snapshot.ok() ? *snapshot : nullptr;
  }

  Result<Merged> Merge(SnapshotPtr base, const std::string& source, const std::vector<std::string>& clauses,
                       const std::string& on = "t.id = s.id") {
    MergeContext context;
    context.rules = {.on = on, .target_alias = "t", .source_alias = "s", .clauses = {}};
    for (const std::string& text : clauses) {
      DELTIC_TRY(MergeClauseText clause, ParseClauseText(text));
      context.rules.clauses.push_back(std::move(clause));
    }
    context.write = Writes();
    context.commit = Commits();
    DELTIC_TRY(auto rows, engine_->InputFromSql(source, nullptr));
    return MergeRows(*engine_, base, std::move(rows), nullptr, context);
  }

  static RowChange Change(const std::string& where) {
    RowChange change;
    if (!where.empty()) change.where = where;
    change.write = Writes();
    change.commit = Commits();
    return change;
  }
  Result<RowsChanged> Delete(SnapshotPtr base, const std::string& where) {
    return DeleteRows(*engine_, base, nullptr, Change(where));
  }
  Result<RowsChanged> Update(SnapshotPtr base, const std::string& column, const std::string& sql,
                             const std::string& where) {
    RowChange change = Change(where);
    change.set = {{.column = column, .sql = sql}};
    return UpdateRows(*engine_, base, nullptr, change);
  }

  std::vector<AddFile> Files() {
    std::vector<AddFile> files;
    auto cursor = Newest()->LiveFiles({.all_fields = true});
    while (cursor.ok()) {
      auto file = (*cursor)->Next();
      if (!file.ok() || !*file) break;
      files.push_back(**file);
    }
    return files;
  }

  // "1 a, 2 NULL": the rows in order, of the newest version.
  std::string Rows(const std::string& columns = "*") {
    auto session = engine_->OpenWork(nullptr);
    auto spec = MakeReadSpec(Newest(), {});
    if (!session.ok() || !spec.ok()) return "not opened";
    const auto added = (*session)->AddScan("rows", spec->scan, {});
    if (!added.ok()) return added.error().ToString();
    auto rows = (*session)->ReadText("SELECT " + columns + " FROM rows ORDER BY ALL", CancelToken());
    if (!rows.ok()) return rows.error().ToString();
    std::string text;
    while (true) {
      auto batch = (*rows)->Next();
      if (!batch.ok()) return batch.error().ToString();
      if (batch->empty()) return text;
      for (const auto& row : *batch) {
        text += text.empty() ? "" : ", ";
        for (size_t i = 0; i < row.size(); i++) text += (i == 0 ? "" : " ") + row[i].value_or("NULL");
      }
    }
  }

  template <class T>
  static std::string Outcome(const Result<T>& done) {
    return done.ok() ? "done" : done.error().ToString();
  }

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> store_;
};

inline const StringMap kVectors = {{"delta.enableDeletionVectors", "true"}};

}  // namespace deltic
