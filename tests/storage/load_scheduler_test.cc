#include "storage/load_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <future>

#include "tests/storage/fake_source.h"
#include "tests/testing/manual_clock.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LoadSchedulerTest : public ::testing::Test {
 protected:
  void StartWith(int max_connections) {
    scheduler_ = std::make_unique<LoadScheduler>(max_connections, source_.Factory(), clock_);
  }

  const DatasetSpec* Dataset(const std::string& name,
                             LoadPriority priority = LoadPriority::kInteractive) {
    DatasetSpec& spec = specs_.emplace_back();
    spec.name = name;
    spec.priority = priority;
    return &spec;
  }

  std::future<GroupResult> Submit(const std::string& group, GroupDatasets datasets) {
    auto promise = std::make_shared<std::promise<GroupResult>>();
    std::future<GroupResult> result = promise->get_future();
    scheduler_->Submit(
        {.group = group,
         .datasets = std::move(datasets),
         .started = [] {},
         .finished = [promise](GroupResult done) { promise->set_value(std::move(done)); }});
    return result;
  }

  ManualClock clock_;
  FakeSource source_;
  std::deque<DatasetSpec> specs_;
  std::unique_ptr<LoadScheduler> scheduler_;
};

TEST_F(LoadSchedulerTest, LeaderAloneLoadsAllOfItsGroup) {
  StartWith(1);
  const GroupResult result = Submit("g", {Dataset("a"), Dataset("b")}).get();
  ASSERT_TRUE(result.status.ok()) << result.status;
  ASSERT_THAT(result.tables, SizeIs(2));
  EXPECT_EQ(result.tables[0]->identity().dataset, "a");
  EXPECT_EQ(result.tables[1]->identity().dataset, "b");
  source_.Await("close");
  EXPECT_THAT(source_.journal(),
              ElementsAre("connect", "lead", "load a", "load b", "end", "close"));
}

TEST_F(LoadSchedulerTest, FreeThreadFollowsTheLeader) {
  StartWith(2);
  source_.Hold("a");
  source_.Hold("b");
  auto result = Submit("g", {Dataset("a"), Dataset("b")});
  source_.Await("load a");
  source_.Await("load b");
  source_.Release("a");
  source_.Release("b");
  EXPECT_TRUE(result.get().status.ok());
  EXPECT_THAT(source_.journal("lead"), SizeIs(1));
  EXPECT_THAT(source_.journal("follow"), SizeIs(1));
}

TEST_F(LoadSchedulerTest, NoMoreConnectionsThanAllowed) {
  StartWith(2);
  std::vector<std::future<GroupResult>> results;
  for (int group = 0; group < 6; ++group) {
    results.push_back(Submit(std::string(1, static_cast<char>('g' + group)),
                             {Dataset("a"), Dataset("b"), Dataset("c")}));
  }
  for (auto& result : results) EXPECT_TRUE(result.get().status.ok());
  EXPECT_LE(source_.num_open_max(), 2);
}

TEST_F(LoadSchedulerTest, LargestDatasetIsLoadedFirstBeforeAnythingIsKnown) {
  StartWith(1);
  source_.SetEstimatedBytes("small", 1'000'000);
  source_.SetEstimatedBytes("large", 900'000'000);
  source_.SetEstimatedBytes("medium", 90'000'000);
  Submit("g", {Dataset("small"), Dataset("large"), Dataset("medium")}).get();
  EXPECT_THAT(source_.journal("load"), ElementsAre("load large", "load medium", "load small"));
}

TEST_F(LoadSchedulerTest, MeasuredTimeOverridesTheSize) {
  StartWith(1);
  source_.SetEstimatedBytes("large", 900'000'000);
  source_.SetServerUs("large", 1000);
  source_.SetServerUs("slow", 2000);
  const GroupDatasets datasets = {Dataset("large"), Dataset("slow")};
  Submit("g", datasets).get();
  Submit("g", datasets).get();
  EXPECT_THAT(source_.journal("load"),
              ElementsAre("load large", "load slow", "load slow", "load large"));
}

TEST_F(LoadSchedulerTest, PriorityGoesBeforeDuration) {
  StartWith(1);
  source_.SetEstimatedBytes("long", 900'000'000);
  Submit("g", {Dataset("long", LoadPriority::kBatch), Dataset("now", LoadPriority::kCritical)})
      .get();
  EXPECT_THAT(source_.journal("load"), ElementsAre("load now", "load long"));
}

TEST_F(LoadSchedulerTest, UrgentGroupIsLedBeforeOthersThatWait) {
  StartWith(1);
  source_.Hold("running");
  auto running = Submit("running", {Dataset("running")});
  source_.Await("load running");
  auto background = Submit("b", {Dataset("background", LoadPriority::kBackground)});
  auto critical = Submit("c", {Dataset("critical", LoadPriority::kCritical)});
  source_.Release("running");
  running.get();
  background.get();
  critical.get();
  EXPECT_THAT(source_.journal("load"),
              ElementsAre("load running", "load critical", "load background"));
}

TEST_F(LoadSchedulerTest, AnInspectionWaitsBehindEveryLoad) {
  StartWith(1);
  source_.SetEstimatedBytes("inspected", 900'000'000);
  source_.Hold("running");
  auto running = Submit("running", {Dataset("running")});
  source_.Await("load running");
  std::promise<void> inspected;
  scheduler_->Submit({.group = "inspection 1",
                      .datasets = {Dataset("inspected", LoadPriority::kCritical)},
                      .started = [] {},
                      .inspect = [](auto&, const auto&, auto) { return absl::OkStatus(); },
                      .finished = [&](const GroupResult&) { inspected.set_value(); }});
  auto background = Submit("b", {Dataset("background", LoadPriority::kBackground)});
  source_.Release("running");
  inspected.get_future().get();
  EXPECT_THAT(source_.journal("load"),
              ElementsAre("load running", "load background", "load inspected"));
}

TEST_F(LoadSchedulerTest, FollowerLeavesForAMoreUrgentGroup) {
  StartWith(2);
  for (const char* name : {"a", "b", "c"}) source_.Hold(name);
  auto batch = Submit("g", {Dataset("a", LoadPriority::kBatch), Dataset("b", LoadPriority::kBatch),
                            Dataset("c", LoadPriority::kBatch)});
  source_.Await("load a");
  source_.Await("load b");
  source_.Hold("critical");
  auto critical = Submit("urgent", {Dataset("critical", LoadPriority::kCritical)});
  // Which of the two follows is not known: the one that leads goes on to c.
  source_.Release("a");
  source_.Release("b");
  source_.Await("load critical");
  source_.Await("load c");
  source_.Release("critical");
  source_.Release("c");
  EXPECT_TRUE(critical.get().status.ok());
  EXPECT_TRUE(batch.get().status.ok());
}

TEST_F(LoadSchedulerTest, LeaderStaysUntilAFollowerHasJoined) {
  StartWith(2);
  source_.HoldFollow();
  source_.Hold("a");
  auto result = Submit("g", {Dataset("a"), Dataset("b")});
  source_.Await("follow");
  source_.Release("a");
  source_.ReleaseFollow();
  EXPECT_TRUE(result.get().status.ok());
  const std::vector<std::string> journal = source_.journal();
  EXPECT_LT(std::find(journal.begin(), journal.end(), "joined"),
            std::find(journal.begin(), journal.end(), "end"));
}

TEST_F(LoadSchedulerTest, LeaderTakesOverFromAFollowerThatCannotJoin) {
  StartWith(2);
  source_.SetFollowStatus(absl::FailedPreconditionError("invalid snapshot identifier"));
  source_.Hold("a");
  auto result = Submit("g", {Dataset("a"), Dataset("b")});
  source_.Await("follow");
  source_.Release("a");
  const GroupResult done = result.get();
  EXPECT_TRUE(done.status.ok()) << done.status;
  EXPECT_THAT(source_.journal("load"), UnorderedElementsAre("load a", "load b"));
}

TEST_F(LoadSchedulerTest, FirstFailureIsTheGroupsAndCancelsItsSiblings) {
  StartWith(2);
  source_.Hold("a");
  source_.Hold("b");
  source_.SetLoadStatus("b", absl::FailedPreconditionError("dataset 'b': NaN"));
  auto result = Submit("g", {Dataset("a"), Dataset("b"), Dataset("c")});
  source_.Await("load a");
  source_.Await("load b");
  source_.Release("b");
  const GroupResult done = result.get();
  EXPECT_EQ(done.status, absl::FailedPreconditionError("dataset 'b': NaN"));
  EXPECT_FALSE(done.source_unreachable);
  EXPECT_THAT(done.tables, IsEmpty());
  EXPECT_THAT(source_.journal(), Not(Contains("load c")));
}

TEST_F(LoadSchedulerTest, GroupFailsWhenItsSnapshotCannotBeTaken) {
  StartWith(2);
  source_.SetLeadStatus(absl::UnavailableError("lock timeout"));
  const GroupResult done = Submit("g", {Dataset("a")}).get();
  EXPECT_EQ(done.status, absl::UnavailableError("lock timeout"));
  EXPECT_FALSE(done.source_unreachable);
}

TEST_F(LoadSchedulerTest, SourceThatCannotBeReachedIsToldFromALoadThatFails) {
  StartWith(1);
  source_.SetConnectStatus(absl::UnavailableError("connection refused"));
  EXPECT_TRUE(Submit("g", {Dataset("a")}).get().source_unreachable);
}

TEST_F(LoadSchedulerTest, WrongPasswordIsNotAnUnreachableSource) {
  StartWith(1);
  source_.SetConnectStatus(absl::FailedPreconditionError("28P01"));
  EXPECT_FALSE(Submit("g", {Dataset("a")}).get().source_unreachable);
}

TEST_F(LoadSchedulerTest, SpoiltConnectionIsReplacedAndCounted) {
  StartWith(1);
  source_.SetLoadStatus("a", absl::UnavailableError("connection lost"));
  Submit("g", {Dataset("a")}).get();
  source_.SetLoadStatus("a", absl::OkStatus());
  EXPECT_TRUE(Submit("g", {Dataset("a")}).get().status.ok());
  EXPECT_THAT(source_.journal("connect"), SizeIs(2));
  EXPECT_EQ(scheduler_->stats().reconnects, 1u);
}

TEST_F(LoadSchedulerTest, OneConnectionServesGroupsThatWaitInARow) {
  StartWith(1);
  source_.Hold("a");
  auto first = Submit("g", {Dataset("a")});
  source_.Await("load a");
  auto second = Submit("h", {Dataset("b")});
  source_.Release("a");
  first.get();
  second.get();
  EXPECT_THAT(source_.journal("connect"), SizeIs(1));
  EXPECT_EQ(scheduler_->stats().reconnects, 0u);
}

TEST_F(LoadSchedulerTest, StopCancelsWhatRunsAndWhatWaits) {
  StartWith(1);
  source_.Hold("a");
  auto running = Submit("g", {Dataset("a")});
  source_.Await("load a");
  auto waiting = Submit("h", {Dataset("b")});
  scheduler_->Stop();
  EXPECT_EQ(running.get().status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(waiting.get().status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(scheduler_->stats().connections_busy, 0);
}

TEST_F(LoadSchedulerTest, GroupSubmittedAfterStopIsCancelled) {
  StartWith(1);
  scheduler_->Stop();
  EXPECT_EQ(Submit("g", {Dataset("a")}).get().status.code(), absl::StatusCode::kCancelled);
}

TEST_F(LoadSchedulerTest, LoadTimeIsThatOfTheClock) {
  StartWith(1);
  source_.Hold("a");
  auto result = Submit("g", {Dataset("a")});
  source_.Await("load a");
  clock_.Advance(1234);
  source_.Release("a");
  EXPECT_EQ(result.get().load_us, 1234);
}

TEST_F(LoadSchedulerTest, ManyGroupsOverManyThreadsAllFinish) {
  StartWith(4);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::future<GroupResult>> results;
    for (int group = 0; group < 8; ++group) {
      GroupDatasets datasets;
      for (int i = 0; i < 5; ++i) {
        datasets.push_back(Dataset("d" + std::to_string(i), static_cast<LoadPriority>(i % 4)));
      }
      results.push_back(Submit("g" + std::to_string(group), std::move(datasets)));
    }
    for (auto& result : results) {
      const GroupResult done = result.get();
      ASSERT_TRUE(done.status.ok()) << done.status;
      for (const auto& table : done.tables) ASSERT_NE(table, nullptr);
    }
  }
}

}  // namespace
}  // namespace sextant
