#include "storage/refresh_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;

constexpr int64_t kSecond = 1'000'000;

// Hands out `group`, which must be the only one due, and starts it.
void Start(RefreshSchedule& schedule, size_t group, int64_t now_us) {
  ASSERT_THAT(schedule.TakeDue(now_us), ElementsAre(group));
  schedule.Started(group, now_us);
}

TEST(RefreshScheduleTest, NothingIsDueBeforeItIsAskedFor) {
  RefreshSchedule schedule({{.every_us = 5 * kSecond}}, 1, {});
  EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
  EXPECT_THAT(schedule.TakeDue(100 * kSecond), IsEmpty());
}

TEST(RefreshScheduleTest, EveryGroupIsDueAtTheStart) {
  RefreshSchedule schedule({{}, {.every_us = kSecond}}, 1, {});
  schedule.DueAll(7);
  EXPECT_EQ(schedule.NextDueUs(), 7);
  EXPECT_THAT(schedule.TakeDue(7), ElementsAre(0, 1));
  EXPECT_THAT(schedule.TakeDue(7), IsEmpty());
}

TEST(RefreshScheduleTest, GroupWithoutAPeriodIsLoadedOnce) {
  RefreshSchedule schedule({{}}, 1, {});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  schedule.Finished(0, LoadOutcome::kPublished, kSecond);
  EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
}

TEST(RefreshScheduleTest, PeriodRunsFromTheStartOfALoadAndIsSpread) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed=" << seed);
    RefreshSchedule schedule({{.every_us = 100 * kSecond}}, 1, {.seed = seed});
    schedule.DueAll(0);
    Start(schedule, 0, kSecond);
    schedule.Finished(0, LoadOutcome::kPublished, 3 * kSecond);
    EXPECT_THAT(schedule.NextDueUs(), AllOf(Ge(86 * kSecond), Le(116 * kSecond)));
  }
}

TEST(RefreshScheduleTest, LoadLongerThanThePeriodIsFollowedAtOnce) {
  RefreshSchedule schedule({{.every_us = kSecond}}, 1, {});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
  schedule.Finished(0, LoadOutcome::kPublished, 10 * kSecond);
  EXPECT_EQ(schedule.NextDueUs(), 10 * kSecond);
}

TEST(RefreshScheduleTest, RetriesAreJitteredBelowABoundThatDoublesUpToTheCap) {
  int64_t longest_us = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed=" << seed);
    RefreshSchedule schedule({{}}, 1, {.seed = seed});
    schedule.DueAll(0);
    int64_t now_us = 0;
    for (int attempt = 0; attempt < 12; ++attempt) {
      Start(schedule, 0, now_us);
      schedule.Finished(0, LoadOutcome::kFailed, now_us);
      const int64_t bound_us = std::min<int64_t>(30 * kSecond, (kSecond / 2) << attempt);
      const int64_t delay_us = schedule.NextDueUs() - now_us;
      EXPECT_THAT(delay_us, AllOf(Ge(0), Le(bound_us)));
      longest_us = std::max(longest_us, delay_us);
      now_us = schedule.NextDueUs();
    }
  }
  EXPECT_GT(longest_us, 20 * kSecond);
}

TEST(RefreshScheduleTest, SuccessStartsTheRetryBoundsAnew) {
  RefreshSchedule schedule({{}}, 1, {});
  int64_t now_us = 0;
  for (int attempt = 0; attempt < 10; ++attempt) {
    schedule.Request(0, now_us);
    Start(schedule, 0, now_us);
    schedule.Finished(0, LoadOutcome::kFailed, now_us);
  }
  schedule.Request(0, now_us);
  Start(schedule, 0, now_us);
  schedule.Finished(0, LoadOutcome::kPublished, now_us);
  schedule.Request(0, now_us);
  Start(schedule, 0, now_us);
  schedule.Finished(0, LoadOutcome::kFailed, now_us);
  EXPECT_LE(schedule.NextDueUs(), now_us + kSecond / 2);
}

TEST(RefreshScheduleTest, RefusedLoadIsRetriedSlowly) {
  RefreshSchedule schedule({{}}, 1, {});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  schedule.Finished(0, LoadOutcome::kRefused, 0);
  EXPECT_THAT(schedule.NextDueUs(), AllOf(Ge(15 * kSecond), Le(30 * kSecond)));
}

TEST(RefreshScheduleTest, RequestEndsTheWaitForARetry) {
  RefreshSchedule schedule({{}}, 1, {});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  schedule.Finished(0, LoadOutcome::kRefused, 0);
  schedule.Request(0, kSecond);
  EXPECT_THAT(schedule.TakeDue(kSecond), ElementsAre(0));
}

TEST(RefreshScheduleTest, RequestJoinsAQueuedLoad) {
  RefreshSchedule schedule({{}}, 1, {});
  schedule.Request(0, 0);
  ASSERT_THAT(schedule.TakeDue(0), ElementsAre(0));
  schedule.Request(0, 1);
  schedule.Started(0, 2);
  schedule.Finished(0, LoadOutcome::kPublished, 3);
  EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
}

TEST(RefreshScheduleTest, RequestDuringALoadGivesAnotherLoad) {
  RefreshSchedule schedule({{}}, 1, {});
  schedule.Request(0, 0);
  Start(schedule, 0, 0);
  schedule.Request(0, 1);
  EXPECT_THAT(schedule.TakeDue(1), IsEmpty());
  schedule.Finished(0, LoadOutcome::kPublished, 3);
  EXPECT_THAT(schedule.TakeDue(3), ElementsAre(0));
}

TEST(RefreshScheduleTest, LostSourceIsReportedOnceForAllItsGroups) {
  RefreshSchedule schedule({{}, {}, {}}, 1, {});
  schedule.DueAll(0);
  for (const size_t group : schedule.TakeDue(0)) schedule.Started(group, 0);
  EXPECT_EQ(schedule.Finished(0, LoadOutcome::kUnreachable, 1), SourceChange::kLost);
  EXPECT_EQ(schedule.Finished(1, LoadOutcome::kUnreachable, 1), SourceChange::kNone);
  EXPECT_EQ(schedule.Finished(2, LoadOutcome::kUnreachable, 1), SourceChange::kNone);
  EXPECT_FALSE(schedule.IsReachable(0));
}

TEST(RefreshScheduleTest, LostSourceIsProbedByOneGroupAtATime) {
  RefreshSchedule schedule({{}, {}, {}}, 1, {});
  schedule.DueAll(0);
  for (const size_t group : schedule.TakeDue(0)) schedule.Started(group, 0);
  for (size_t group = 0; group < 3; ++group) {
    schedule.Finished(group, LoadOutcome::kUnreachable, 1);
  }
  int64_t now_us = schedule.NextDueUs();
  for (int attempt = 0; attempt < 5; ++attempt) {
    Start(schedule, 0, now_us);
    EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
    EXPECT_EQ(schedule.Finished(0, LoadOutcome::kUnreachable, now_us), SourceChange::kNone);
    now_us = schedule.NextDueUs();
  }
}

TEST(RefreshScheduleTest, GroupsThatWaitedFollowWhenTheSourceIsBack) {
  RefreshSchedule schedule({{}, {}}, 1, {});
  schedule.DueAll(0);
  for (const size_t group : schedule.TakeDue(0)) schedule.Started(group, 0);
  schedule.Finished(0, LoadOutcome::kUnreachable, 1);
  schedule.Finished(1, LoadOutcome::kUnreachable, 1);
  const int64_t retry_us = schedule.NextDueUs();
  Start(schedule, 0, retry_us);
  EXPECT_EQ(schedule.Finished(0, LoadOutcome::kPublished, retry_us + 5), SourceChange::kBack);
  EXPECT_TRUE(schedule.IsReachable(0));
  EXPECT_THAT(schedule.TakeDue(retry_us + 5), ElementsAre(1));
}

TEST(RefreshScheduleTest, LostSourceLeavesOthersAlone) {
  RefreshSchedule schedule({{.source = 0}, {.source = 1}}, 2, {});
  schedule.DueAll(0);
  for (const size_t group : schedule.TakeDue(0)) schedule.Started(group, 0);
  schedule.Finished(0, LoadOutcome::kUnreachable, 1);
  EXPECT_EQ(schedule.Finished(1, LoadOutcome::kPublished, 1), SourceChange::kNone);
  EXPECT_TRUE(schedule.IsReachable(1));
  schedule.Request(1, 1);
  EXPECT_THAT(schedule.TakeDue(1), ::testing::Contains(1));
}

TEST(RefreshScheduleTest, RequestProbesALostSourceAtOnce) {
  RefreshSchedule schedule({{}}, 1, {.min_us = 20 * kSecond, .max_us = 30 * kSecond, .seed = 3});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  schedule.Finished(0, LoadOutcome::kUnreachable, 0);
  schedule.Request(0, 1);
  EXPECT_THAT(schedule.TakeDue(1), ElementsAre(0));
}

TEST(RefreshScheduleTest, StoppedLoadIsNotRetried) {
  RefreshSchedule schedule({{.every_us = kSecond}}, 1, {});
  schedule.DueAll(0);
  Start(schedule, 0, 0);
  EXPECT_EQ(schedule.Finished(0, LoadOutcome::kStopped, 1), SourceChange::kNone);
  EXPECT_EQ(schedule.NextDueUs(), RefreshSchedule::kNever);
}

}  // namespace
}  // namespace sextant
