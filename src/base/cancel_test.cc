// Owns the tests of signs over threads: who heeds which token, how long clean-up is patient, and whose turn it is.
#include "base/cancel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/parallel.h"
#include "base/turns.h"

namespace deltic {
namespace {

void Pause(int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

TEST(StopSignTest, StandsOverItsThreadAsLongAsItsScope) {
  CancelToken outer, inner;
  EXPECT_FALSE(StopSign::Here().up());
  {
    const CancelScope a(StopSign::Here().With(outer));
    {
      const CancelScope b(StopSign::Here().With(inner));
      inner.Cancel();
      EXPECT_TRUE(StopSign::Here().up());
      EXPECT_EQ(StopSign::Here().Check().error().code(), Code::kCancelled);
      std::thread([] { EXPECT_FALSE(StopSign::Here().up()) << "another thread's"; }).join();
    }
    EXPECT_FALSE(StopSign::Here().up());
    outer.Cancel();
    EXPECT_TRUE(StopSign::Here().up());
  }
  EXPECT_FALSE(StopSign::Here().up());
}

TEST(StopSignTest, IsCarriedOverToTheThreadsOfParallelWork) {
  CancelToken token;
  const CancelScope scope(StopSign::Here().With(token));
  token.Cancel();
  std::atomic<int> up{0};
  ASSERT_TRUE(ForEachParallel(100, 4, [&](size_t) {
                if (StopSign::Here().up()) up++;
                return Status();
              }).ok());
  EXPECT_EQ(up, 100);
}

TEST(StopSignTest, CleanUpIsGivenTheTimeThatItsServerIsSilent) {
  CancelToken token;
  token.Cancel();
  const CancelScope cancelled(StopSign::Here().With(token));
  const StopSign patient = StopSign::Here().Patient(100'000);
  EXPECT_FALSE(patient.up());
  const StopSign brief = StopSign::Here().Patient(0);
  Pause(5);
  EXPECT_TRUE(brief.up());
  brief.Asked();
  EXPECT_TRUE(brief.up()) << "a server that was given up is not waited for once more";
  brief.Heard();
  const StopSign copy = brief;  // shares what is known of the server
  Pause(5);
  EXPECT_TRUE(copy.up());
}

TEST(StopSignTest, PatienceEndsNothingThatWasNotCancelled) {
  const StopSign sign = StopSign::Here().With(CancelToken()).Patient(0);
  Pause(5);
  EXPECT_FALSE(sign.up());
}

TEST(TurnsTest, OneAtATimeHasIt) {
  Turns turns;
  std::atomic<int> inside{0};
  ASSERT_TRUE(ForEachParallel(200, 4, [&](size_t) -> Status {
                DELTIC_TRY(const Turns::Turn turn, turns.Take());
                EXPECT_EQ(++inside, 1);
                --inside;
                return {};
              }).ok());
}

TEST(TurnsTest, WhoIsCancelledLeavesAndTheOthersWaitOn) {
  Turns turns;
  auto mine = turns.Take();
  ASSERT_TRUE(mine.ok());
  CancelToken token;
  std::atomic<bool> left{false}, had{false};
  std::thread cancelled([&] {
    const CancelScope scope(StopSign::Here().With(token));
    EXPECT_EQ(turns.Take().error().code(), Code::kCancelled);
    left = true;
  });
  std::thread other([&] { had = turns.Take().ok(); });
  token.Cancel();
  cancelled.join();
  EXPECT_TRUE(left);
  EXPECT_FALSE(had);
  mine->reset();
  other.join();
  EXPECT_TRUE(had);
}

}  // namespace
}  // namespace deltic
