// Owns the tests of what came of a conditional put.
#include "answers/put_answer.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

HttpAnswer Answer(int status, int tries = 1, bool doubted = false) {
  return {.status = status, .tries = tries, .doubted = doubted};
}

TEST(PutAnswer, MadeIsMadeHoweverManyTriesItTook) {
  EXPECT_EQ(OutcomeOfPut(Answer(200), PutAnswer::kMade), PutOutcome::kWritten);
  EXPECT_EQ(OutcomeOfPut(Answer(200, 3, true), PutAnswer::kMade), PutOutcome::kWritten);
}

TEST(PutAnswer, WhatIsThereIsAnothersOnlyWhenThereWasOneTry) {
  EXPECT_EQ(OutcomeOfPut(Answer(412), PutAnswer::kTaken), PutOutcome::kExists);
  EXPECT_EQ(OutcomeOfPut(Answer(412, 2), PutAnswer::kTaken), PutOutcome::kUnknown);
  EXPECT_EQ(OutcomeOfPut(Answer(412, 1, true), PutAnswer::kTaken), PutOutcome::kUnknown);
  EXPECT_EQ(OutcomeOfPut(Answer(412, 2, true), PutAnswer::kTaken), PutOutcome::kUnknown);
}

TEST(PutAnswer, AFailureThatMayHaveTakenEffectIsUnknown) {
  for (const int status : {500, 502, 503, 504}) {
    EXPECT_EQ(OutcomeOfPut(Answer(status), PutAnswer::kOther), PutOutcome::kUnknown) << status;
  }
  HttpAnswer lost = Answer(0);
  lost.may_have_arrived = true;
  EXPECT_EQ(OutcomeOfPut(lost, PutAnswer::kOther), PutOutcome::kUnknown);
}

TEST(PutAnswer, ARefusalIsNoOutcomeUnlessATryBeforeItIsInDoubt) {
  for (const int status : {0, 400, 401, 403, 404, 408, 409, 429}) {
    EXPECT_EQ(OutcomeOfPut(Answer(status), PutAnswer::kOther), std::nullopt) << status;
    EXPECT_EQ(OutcomeOfPut(Answer(status, 2), PutAnswer::kOther), std::nullopt) << status;
    EXPECT_EQ(OutcomeOfPut(Answer(status, 2, true), PutAnswer::kOther), PutOutcome::kUnknown) << status;
  }
}

}  // namespace
}  // namespace deltic
