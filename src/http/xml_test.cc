// Owns the tests of the XML reader.
#include "http/xml.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(Xml, ReadsAListingAsStoresWriteIt) {
  auto root = ParseXml(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>false</IsTruncated>
<!-- two --><Contents><Key>a&amp;b &lt;x&gt; &#228;&#x20AC;</Key><Size>5</Size></Contents><Contents><Key>c</Key></Contents>
<CommonPrefixes/></ListBucketResult>)");
  ASSERT_TRUE(root.ok()) << root.error().ToString();
  EXPECT_EQ(root->name, "ListBucketResult");
  EXPECT_EQ(root->Text("IsTruncated"), "false");
  ASSERT_EQ(root->children.size(), 5U);
  EXPECT_EQ(root->children[2].Text("Key"), "a&b <x> \xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(root->children[3].Text("Size"), "");
  EXPECT_EQ(root->Find("None"), nullptr);
}

TEST(Xml, PrefixesAttributesWithBracketsAndCdataAreUnderstood) {
  auto root = ParseXml("<d:a x=\"1>2\" y='<'><d:b><![CDATA[<&]]></d:b></d:a>");
  ASSERT_TRUE(root.ok()) << root.error().ToString();
  EXPECT_EQ(root->name, "a");
  EXPECT_EQ(root->Text("b"), "<&");
}

TEST(Xml, WhatIsNoDocumentIsCorrupt) {
  for (const char* text : {"", "x", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>&nope;</a>", "<a>&#0;</a>",
                           "<a>&#xD800;</a>", "<a>&#99999999;</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a",
                           "<a b=\"", "<>", "</a>", "<a>&", "<a><!-- </a>", "<a><![CDATA[ </a>"}) {
    EXPECT_FALSE(ParseXml(text).ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(ParseXml(deep).error().code(), Code::kCorrupt);
}

TEST(Xml, WhatIsEscapedIsReadBack) {
  const std::string text = "a&b<c>\"d'\re";
  EXPECT_EQ(ParseXml("<a>" + EscapeXml(text) + "</a>")->text, text);
}

}  // namespace
}  // namespace deltic
