// Tests the reading of version checksums.
#include "log/checksum.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

constexpr const char* kGood =
    R"({"tableSizeBytes":1003,"numFiles":2,"numMetadata":1,"numProtocol":1,"inCommitTimestampOpt":77,"unknown":[1],)"
    R"("metadata":{"id":"i","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}",)"
    R"("partitionColumns":["p"],"configuration":{"a":"b"}},"protocol":{"minReaderVersion":1,"minWriterVersion":2},)"
    R"("numDeletionVectorsOpt":null})";

TEST(Checksum, ProtocolMetadataAndCountsAreRead) {
  auto checksum = ParseChecksum(kGood);
  ASSERT_TRUE(checksum.ok()) << checksum.error().ToString();
  EXPECT_EQ(checksum->num_files, 2);
  EXPECT_EQ(checksum->table_size_bytes, 1003);
  EXPECT_EQ(checksum->in_commit_timestamp, 77);
  EXPECT_FALSE(checksum->num_deletion_vectors);
  ASSERT_TRUE(checksum->protocol);
  EXPECT_EQ(checksum->protocol->min_writer_version, 2);
  ASSERT_TRUE(checksum->metadata);
  EXPECT_EQ(checksum->metadata->schema_string, R"({"type":"struct","fields":[]})");
  EXPECT_EQ(checksum->metadata->partition_columns, std::vector<std::string>{"p"});
}

TEST(Checksum, OneWithoutMetadataSaysSo) {
  auto checksum = ParseChecksum(R"({"numFiles":2,"protocol":{"minReaderVersion":1,"minWriterVersion":2}})");
  ASSERT_TRUE(checksum.ok());
  EXPECT_TRUE(checksum->protocol);
  EXPECT_FALSE(checksum->metadata);
}

TEST(Checksum, WhatIsBrokenIsCorrupt) {
  for (const char* text : {"", "{", "[]", "x", R"({"numFiles":"2"})", R"({"numFiles":-2})", R"({"metadata":{}})",
                           R"({"protocol":7})", R"({"numFiles":1}{"numFiles":2})"}) {
    auto checksum = ParseChecksum(text);
    ASSERT_FALSE(checksum.ok()) << text;
    EXPECT_EQ(checksum.error().code(), Code::kCorrupt) << text;
  }
}

}  // namespace
}  // namespace deltic
