// Owns the tests of keys below a prefix.
#include "storage/key_prefix.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(KeyPrefix, JoinsAndCutsNames) {
  const KeyPrefix prefix("ware house/t");
  EXPECT_EQ(prefix.Full("_delta_log/0.json"), "ware house/t/_delta_log/0.json");
  EXPECT_EQ(prefix.Full(""), "ware house/t/");
  EXPECT_EQ(prefix.Encoded(), "ware%20house/t/");
  EXPECT_EQ(prefix.KeyOf("ware house/t/_delta_log/0.json"), "_delta_log/0.json");
  EXPECT_EQ(prefix.KeyOf("ware house/t/"), "");
  EXPECT_EQ(prefix.KeyOf("ware house/t"), "");
}

TEST(KeyPrefix, OfTheWholeBucketChangesNothing) {
  const KeyPrefix prefix("");
  EXPECT_EQ(prefix.Full("a/b"), "a/b");
  EXPECT_EQ(prefix.Full(""), "");
  EXPECT_EQ(prefix.Encoded(), "");
  EXPECT_EQ(prefix.KeyOf("a/b"), "a/b");
  EXPECT_EQ(prefix.KeyOf(""), "");
}

TEST(KeyPrefix, AFolderIsNothingOrAKeyWithASlash) {
  EXPECT_TRUE(CheckFolder("").ok());
  EXPECT_TRUE(CheckFolder("a/b/").ok());
  for (const char* folder : {"a", "/", "a//", "../", "/a/"}) {
    const Status status = CheckFolder(folder);
    ASSERT_FALSE(status.ok()) << folder;
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument) << folder;
  }
}

}  // namespace
}  // namespace deltic
