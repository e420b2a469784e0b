// Owns the tests of the errors that answers become.
#include "answers/failure.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

Error Failure(const HttpAnswer& answer) {
  return FailureOf(answer, CodeOfStatus(answer.status),
                   {.doing = "reading s3://b/k",
                    .said = " SlowDown (less, please)",
                    .server = "https://user@host/b?sig=secret",
                    .missing = "there is no such object"});
}

TEST(Failure, ItsCodeSaysWhatTheCallerCanDoNext) {
  for (const int status : {0, 408, 429, 500, 502, 503, 504}) EXPECT_EQ(CodeOfStatus(status), Code::kUnavailable);
  for (const int status : {401, 403}) EXPECT_EQ(CodeOfStatus(status), Code::kPermissionDenied);
  EXPECT_EQ(CodeOfStatus(404), Code::kNotFound);
  for (const int status : {200, 301, 400, 405, 409, 412, 416, 501}) {
    EXPECT_EQ(CodeOfStatus(status), Code::kInvalidArgument) << status;
  }
}

TEST(Failure, ItsTextHasTheStoresOwnWordsAndNoSecrets) {
  EXPECT_EQ(Failure({.status = 503}).message(), "reading s3://b/k: the store answered 503 SlowDown (less, please)");
  EXPECT_EQ(Failure({.status = 404}).message(), "reading s3://b/k: there is no such object");
  const Error lost = FailureOf({.failure = "the connection broke"}, Code::kUnavailable,
                               {.doing = "reading k", .server = "https://user@host/b?sig=secret"});
  EXPECT_EQ(lost.message(), "reading k: no answer from https://host/b (the connection broke)");
}

TEST(Failure, OfWhatNobodyWaitedForIsCancelledAndNeverTriedAgain) {
  EXPECT_EQ(Failure({.may_have_arrived = true, .stopped = true}).code(), Code::kCancelled);
  EXPECT_EQ(Failure({.status = 503, .stopped = true}).code(), Code::kCancelled);
}

TEST(Failure, AStoreMayKnowBetter) {
  const Error error = FailureOf({.status = 404}, Code::kPermissionDenied, {.doing = "reading k", .said = " NoKey"});
  EXPECT_EQ(error.code(), Code::kPermissionDenied);
  EXPECT_EQ(error.message(), "reading k: the store answered 404 NoKey");
}

}  // namespace
}  // namespace deltic
