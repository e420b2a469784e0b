// Owns the tests of JSON text as variant bytes, by way of the reader of those bytes.
#include "engine/variant_encode.h"

#include <gtest/gtest.h>

#include "engine/variant_json.h"

namespace deltic {
namespace {

std::string BackAndForth(const std::string& json) {
  auto bytes = VariantFromJson(json);
  if (!bytes.ok()) return bytes.error().ToString();
  auto text = VariantToJson(bytes->metadata, bytes->value);
  return text.ok() ? *text : text.error().ToString();
}

TEST(VariantFromJson, EveryKindOfValueComesBackAsItWas) {
  for (const char* json : {"null",
                           "true",
                           "false",
                           "0",
                           "-1",
                           "127",
                           "128",
                           "-32768",
                           "40000",
                           "2147483648",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "1.5",
                           "0.01",
                           "\"\"",
                           "\"x\\ny\"",
                           "[]",
                           "{}",
                           "[1,[2,[]],{}]",
                           R"({"a":1,"b":{"c":[null,true]}})",
                           "12345678901234567890",
                           "99999999999999999999999999999999999999"}) {
    EXPECT_EQ(BackAndForth(json), json);
  }
}

TEST(VariantFromJson, DecimalsKeepAllTheirDigits) {
  EXPECT_EQ(BackAndForth("0.12345678901234567890123456789012345678"), "0.12345678901234567890123456789012345678");
  EXPECT_EQ(BackAndForth("1e3"), "1000.0");  // an exponent makes a double, as in Spark
}

TEST(VariantFromJson, LongStringsAndLargeObjectsAreWhole) {
  const std::string text = "\"" + std::string(100'000, 'x') + "\"";
  EXPECT_EQ(BackAndForth(text), text);
  std::string object = "{", array = "[";
  for (int i = 0; i < 1000; i++) {
    object += (i ? ",\"k" : "\"k") + std::to_string(1000 + i) + "\":" + std::to_string(i);
    array += (i ? "," : "") + std::to_string(i);
  }
  EXPECT_EQ(BackAndForth(object + "}"), object + "}");
  EXPECT_EQ(BackAndForth(array + "]"), array + "]");
}

TEST(VariantFromJson, FieldsAreOrderedByName) { EXPECT_EQ(BackAndForth(R"({"b":1,"a":2})"), R"({"a":2,"b":1})"); }

TEST(VariantFromJson, WhatIsNotJsonIsRefused) {
  for (const char* json :
       {"", "{", "[1,", "nul", "{\"a\":1}x", "1 2", "'a'", "{\"a\":1,\"a\":2}", "[1 2]", "truex", "\"a\"b"}) {
    auto bytes = VariantFromJson(json);
    ASSERT_FALSE(bytes.ok()) << json;
    EXPECT_EQ(bytes.error().code(), Code::kInvalidArgument);
  }
  EXPECT_FALSE(VariantFromJson(std::string(2000, '[') + std::string(2000, ']')).ok());
}

}  // namespace
}  // namespace deltic
