// Proves that misspelt names are told, that known and foreign ones are not, and that values never are.
#include "stores/option_names.h"

#include <gtest/gtest.h>

#include <set>

namespace deltic {
namespace {

TEST(OptionNames, ANameNearAKnownOneIsWarnedOfWithoutItsValue) {
  const auto warnings =
      WarnOfOptions({{"aws_regoin", "hidden"}, {"AWS_SECRET_ACCES_KEY", "hidden"}, {"allow-http", "hidden"}});
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_NE(warnings[0].find("AWS_SECRET_ACCES_KEY is not known"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[0].find("is aws_secret_access_key meant"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("allow_http"), std::string::npos) << warnings[1];
  EXPECT_NE(warnings[2].find("aws_region"), std::string::npos) << warnings[2];
  for (const std::string& warning : warnings) EXPECT_EQ(warning.find("hidden"), std::string::npos) << warning;
}

TEST(OptionNames, KnownNamesInAnyCaseAndForeignOnesAreNoMisspellings) {
  EXPECT_TRUE(WarnOfOptions({{"AWS_S3_ALLOW_UNSAFE_RENAME", "true"},
                             {"Region", "x"},
                             {"fs.s3a.endpoint", "x"},
                             {"spark.something", "x"},
                             {"my_option", "x"},
                             {"x", "x"}})
                  .empty());
  EXPECT_EQ(UseOfOption("AWS_REGION"), OptionUse::kUsed);
  EXPECT_EQ(UseOfOption("aws_s3_allow_unsafe_rename"), OptionUse::kIgnored);
  EXPECT_EQ(UseOfOption("my_option"), std::nullopt);
}

TEST(OptionNames, NoNameIsListedTwice) {
  const auto names = KnownOptions();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

}  // namespace
}  // namespace deltic
