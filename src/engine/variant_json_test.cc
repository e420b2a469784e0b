// Proves the JSON of variants byte by byte, as the encoding's specification lays them out, and the refusal of broken
// ones.
#include "engine/variant_json.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

using namespace std::string_literals;

const std::string kNoNames = "\x01\x00\x00"s;

std::string Json(const std::string& value, const std::string& metadata = kNoNames) {
  auto json = VariantToJson(metadata, value);
  return json.ok() ? *json : json.error().ToString();
}

TEST(VariantJsonTest, PrimitivesAreWrittenAsSparkWritesThem) {
  EXPECT_EQ(Json("\x00"s), "null");
  EXPECT_EQ(Json("\x04"s), "true");
  EXPECT_EQ(Json("\x08"s), "false");
  EXPECT_EQ(Json("\x0c\xff"s), "-1");
  EXPECT_EQ(Json("\x18\xff\xff\xff\xff\xff\xff\xff\x7f"s), "9223372036854775807");
  EXPECT_EQ(Json("\x1c\x00\x00\x00\x00\x00\x00\xf0\x3f"s), "1.0");
  EXPECT_EQ(Json("\x1c\x00\x00\x00\x00\x00\x00\xf8\x7f"s), "\"NaN\"");
  EXPECT_EQ(Json("\x2c\x01\x00\x00\x00"s), "\"1970-01-02\"");
  EXPECT_EQ(Json("\x30\x40\x42\x0f\x00\x00\x00\x00\x00"s), "\"1970-01-01 00:00:01+00:00\"");
  EXPECT_EQ(Json("\x34\x01\x00\x00\x00\x00\x00\x00\x00"s), "\"1970-01-01 00:00:00.000001\"");
  EXPECT_EQ(Json("\x3c\x02\x00\x00\x00\x00\xff"s), "\"AP8=\"");
  EXPECT_EQ(Json("\x40\x02\x00\x00\x00h\""s), "\"h\\\"\"");
  EXPECT_EQ(Json("\x05x"s), "\"x\"");
}

TEST(VariantJsonTest, DecimalsKeepEveryDigit) {
  EXPECT_EQ(Json("\x20\x02\x96\x00\x00\x00"s), "1.5");
  EXPECT_EQ(Json("\x20\x02\xff\xff\xff\xff"s), "-0.01");
  EXPECT_EQ(Json("\x20\x02\x00\x00\x00\x00"s), "0");
  // 123456789012345678.90 = 12345678901234567890 / 100 needs 64 bits unsigned, so 16 bytes
  EXPECT_EQ(Json("\x28\x02\xd2\x0a\x1f\xeb\x8c\xa9\x54\xab\x00\x00\x00\x00\x00\x00\x00\x00"s), "123456789012345678.9");
}

TEST(VariantJsonTest, ObjectsAndArraysNest) {
  const std::string names = "\x01\x02\x00\x01\x02"s + "ab";
  // {"a": 1, "b": [true, null]}
  const std::string value = "\x02\x02\x00\x01\x00\x02\x08"s + "\x0c\x01"s + "\x03\x02\x00\x01\x02\x04\x00"s;
  EXPECT_EQ(Json(value, names), R"({"a":1,"b":[true,null]})");
}

TEST(VariantJsonTest, BrokenBytesAreCorrupt) {
  const std::string names = "\x01\x02\x00\x01\x02"s + "ab";
  const std::string value = "\x02\x02\x00\x01\x00\x02\x08"s + "\x0c\x01"s + "\x03\x02\x00\x01\x02\x04\x00"s;
  for (size_t size = 0; size < value.size(); size++) {
    EXPECT_NE(Json(value.substr(0, size), names).find("Corrupt"), std::string::npos) << size;
  }
  for (size_t size = 0; size < names.size(); size++) {
    EXPECT_NE(Json(value, names.substr(0, size)).find("Corrupt"), std::string::npos) << size;
  }
  EXPECT_NE(Json("\x02\x01\x07\x00\x01\x00"s, names).find("Corrupt"), std::string::npos);
  EXPECT_NE(Json("\xf8"s).find("primitive type 62"), std::string::npos);
  std::string deep;
  for (int i = 0; i < 2000; i++) deep += "\x03\x01\x00\xff"s;
  EXPECT_NE(Json(deep).find("Corrupt"), std::string::npos);
}

}  // namespace
}  // namespace deltic
