// Owns the proof of the signature by the examples that AWS publishes ("Signature Calculations for the Authorization
// Header", S3 API reference; and the IAM example of "Signature Version 4 signing process").
#include "s3/sigv4.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace deltic {
namespace {

constexpr int64_t kMay24 = 1'369'353'600'000;  // 2013-05-24T00:00:00Z

const AwsCredentials& Example() {
  static const AwsCredentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                          .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  return credentials;
}

std::string Signature(const SigningRequest& request, const SigningScope& scope, const AwsCredentials& credentials) {
  const auto headers = SignV4(request, scope, credentials);
  const std::string& authorization = headers.back().second;
  return authorization.substr(authorization.find("Signature=") + 10);
}

SigningRequest Request(const std::string& method, const std::string& path) {
  return {.method = method, .host = "examplebucket.s3.amazonaws.com", .path = path, .payload_hash = Hex(Sha256(""))};
}

const SigningScope kScope{.region = "us-east-1", .now_ms = kMay24};

TEST(SigV4, GetOfARangeIsThePublishedExample) {
  auto request = Request("GET", "/test.txt");
  request.headers = {{"Range", "bytes=0-9"}};
  EXPECT_EQ(Signature(request, kScope, Example()), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, PutOfAnObjectIsThePublishedExample) {
  auto request = Request("PUT", "/test%24file.text");
  request.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.payload_hash = Hex(Sha256("Welcome to Amazon S3."));
  EXPECT_EQ(Signature(request, kScope, Example()), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, AQueryWithoutAValueIsThePublishedExample) {
  auto request = Request("GET", "/");
  request.query = {{"lifecycle", ""}};
  EXPECT_EQ(Signature(request, kScope, Example()), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, AListingIsThePublishedExample) {
  auto request = Request("GET", "/");
  request.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_EQ(Signature(request, kScope, Example()), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, AnotherServiceIsThePublishedExampleOfIam) {
  const SigningRequest request{.method = "GET",
                               .host = "iam.amazonaws.com",
                               .path = "/",
                               .query = {{"Action", "ListUsers"}, {"Version", "2010-05-08"}},
                               .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
                               .payload_hash = Hex(Sha256(""))};
  const SigningScope scope{.region = "us-east-1",
                           .service = "iam",
                           .now_ms = 1'440'938'160'000,  // 2015-08-30T12:36:00Z
                           .path_encoded_twice = true};
  const AwsCredentials credentials{.access_key_id = "AKIDEXAMPLE",
                                   .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  EXPECT_EQ(Signature(request, scope, credentials), "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, ASessionTokenIsSignedAndSent) {
  auto credentials = Example();
  credentials.session_token = "token";
  const auto headers = SignV4(Request("GET", "/x"), kScope, credentials);
  bool sent = false;
  for (const auto& [name, value] : headers) sent = sent || (name == "x-amz-security-token" && value == "token");
  EXPECT_TRUE(sent);
  EXPECT_NE(headers.back().second.find("x-amz-date;x-amz-security-token,"), std::string::npos);
}

TEST(SigV4, TheSecretIsInNoHeader) {
  for (const auto& [name, value] : SignV4(Request("GET", "/x"), kScope, Example())) {
    EXPECT_EQ(value.find("wJalr"), std::string::npos) << name;
  }
}

TEST(SigV4, BlanksInHeaderValuesAreFolded) {
  auto a = Request("GET", "/x");
  auto b = a;
  a.headers = {{"x-amz-meta-a", "one two"}};
  b.headers = {{"X-Amz-Meta-A", "  one    two "}};
  EXPECT_EQ(Signature(a, kScope, Example()), Signature(b, kScope, Example()));
}

TEST(SigV4, DatesAreRightInLeapYears) {
  EXPECT_EQ(AmzDate(0), "19700101T000000Z");
  EXPECT_EQ(AmzDate(951'782'400'000), "20000229T000000Z");
  EXPECT_EQ(AmzDate(1'709'251'199'000), "20240229T235959Z");
}

}  // namespace
}  // namespace deltic
