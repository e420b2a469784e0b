// Owns the proof of what a clone is, apart from its files, beside what Spark 4.2 with Delta 4.4 makes of it.
#include <gtest/gtest.h>

#include "alter/clustering.h"
#include "clone/clone.h"
#include "features/feature_sets.h"
#include "schema/ddl.h"

namespace deltic {
namespace {

TableDefinition Make(const std::string& ddl, StringMap configuration = {}, std::vector<std::string> cluster_by = {}) {
  TableSpec spec;
  spec.schema = *ParseDdl(ddl);
  spec.configuration = std::move(configuration);
  spec.cluster_by = std::move(cluster_by);
  const auto made = DefineTable(spec, RealEnv());
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().ToString());
  return *made;
}

Result<TableDefinition> Plan(const TableDefinition& source, const TableDefinition* replaced = nullptr,
                             const StringMap& properties = {}) {
  return PlanClonedDefinition(source, replaced, properties, RealEnv());
}

TEST(ClonedDefinitionTest, ANewCloneHasAnIdOfItsOwnAndTheSourcesProperties) {
  TableDefinition source = Make("x int", {{"my.prop", "x"}, {"delta.appendOnly", "true"}});
  source.metadata.name = "events";
  const auto clone = Plan(source, nullptr, {{"my.prop", "y"}, {"delta.enableChangeDataFeed", "true"}});
  ASSERT_TRUE(clone.ok()) << clone.error().ToString();
  EXPECT_NE(clone->metadata.id, source.metadata.id);
  EXPECT_FALSE(clone->metadata.name);
  EXPECT_EQ(clone->metadata.schema_string, source.metadata.schema_string);
  EXPECT_EQ(clone->metadata.configuration,
            (StringMap{{"my.prop", "y"}, {"delta.appendOnly", "true"}, {"delta.enableChangeDataFeed", "true"}}));
  EXPECT_TRUE(SupportsFeature(clone->protocol, "changeDataFeed"));
}

TEST(ClonedDefinitionTest, RowIdColumnsHaveNamesOfTheirOwn) {
  const TableDefinition source = Make("x int", {{"delta.enableRowTracking", "true"}});
  const auto clone = Plan(source);
  ASSERT_TRUE(clone.ok()) << clone.error().ToString();
  for (const char* name :
       {"delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName"}) {
    EXPECT_FALSE(clone->metadata.configuration.at(name).empty());
    EXPECT_NE(clone->metadata.configuration.at(name), source.metadata.configuration.at(name));
  }
}

TEST(ClonedDefinitionTest, AReplacedTableKeepsItsIdAndFeatures) {
  const TableDefinition source = Make("x int", {{"delta.enableDeletionVectors", "true"}});
  TableDefinition replaced = Make("a string", {{"delta.enableChangeDataFeed", "true"}, {"keep", "1"}});
  replaced.metadata.name = "mine";
  const auto clone = Plan(source, &replaced);
  ASSERT_TRUE(clone.ok()) << clone.error().ToString();
  EXPECT_EQ(clone->metadata.id, replaced.metadata.id);
  EXPECT_EQ(clone->metadata.name, "mine");
  EXPECT_EQ(clone->metadata.configuration, source.metadata.configuration);
  EXPECT_TRUE(SupportsFeature(clone->protocol, "changeDataFeed"));
  EXPECT_TRUE(SupportsFeature(clone->protocol, "deletionVectors"));
}

TEST(ClonedDefinitionTest, ClusteringGoesWithIt) {
  const TableDefinition clustered = Make("x int", {}, {"x"});
  const TableDefinition plain = Make("x int");
  ASSERT_EQ(Plan(clustered)->domains.size(), 1);
  EXPECT_EQ(Plan(clustered)->domains[0].configuration, clustered.domains[0].configuration);
  EXPECT_TRUE(Plan(clustered, &clustered)->domains.empty());
  ASSERT_EQ(Plan(plain, &clustered)->domains.size(), 1);
  EXPECT_TRUE(Plan(plain, &clustered)->domains[0].removed);
}

TEST(ClonedDefinitionTest, WhatFilesWereNotWrittenForIsRefused) {
  const TableDefinition plain = Make("x int");
  const TableDefinition mapped = Make("x int", {{"delta.columnMapping.mode", "name"}});
  const auto error = [](const Result<TableDefinition>& plan) { return plan.ok() ? "planned" : plan.error().message(); };
  EXPECT_EQ(error(Plan(plain, nullptr, {{"delta.columnMapping.mode", "name"}})),
            "delta.columnMapping.mode of a clone is that of its source (none), not name: its files name their columns "
            "so");
  EXPECT_EQ(error(Plan(plain, &mapped)),
            "a table with delta.columnMapping.mode name cannot be replaced by a clone of one with mode none: clone to "
            "another place");
  EXPECT_FALSE(Plan(plain, nullptr, {{"delta.noSuchProperty", "1"}}).ok());
}

}  // namespace
}  // namespace deltic
