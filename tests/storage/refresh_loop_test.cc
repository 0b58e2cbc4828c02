#include "storage/refresh_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/storage/fake_source.h"
#include "tests/testing/manual_clock.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLongestRetry = 30 * kSecond;

// The events of a loop, which a test can wait for.
class EventJournal {
 public:
  void Add(const LoadEvent& event) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      events_.push_back(event);
    }
    changed_.notify_all();
  }

  std::vector<LoadEvent> OfKind(LoadEvent::Kind kind) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return OfKindLocked(kind);
  }

  void Await(LoadEvent::Kind kind, size_t times) const {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return OfKindLocked(kind).size() >= times; });
  }

 private:
  std::vector<LoadEvent> OfKindLocked(LoadEvent::Kind kind) const {
    std::vector<LoadEvent> chosen;
    for (const LoadEvent& event : events_) {
      if (event.kind == kind) chosen.push_back(event);
    }
    return chosen;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<LoadEvent> events_;
};

class RefreshLoopTest : public ::testing::Test {
 protected:
  void Declare(const std::string& name, const std::string& group = "") {
    DatasetSpec& dataset = spec_.datasets.emplace_back();
    dataset.name = name;
    dataset.source = "warehouse";
    dataset.group = group;
  }

  void Start(int max_connections = 2) {
    spec_.sources.push_back(
        {.name = "warehouse", .conninfo = "", .max_connections = max_connections});
    cache_ = std::make_unique<TableCache>(spec_);
    source_.next_version = [this](const std::string& dataset) {
      return cache_->NextVersion(dataset);
    };
    loop_ = std::make_unique<RefreshLoop>(
        spec_, *cache_, [this](const SourceSpec&) { return source_.Factory(); },
        [this](const LoadEvent& event) { events_.Add(event); }, clock_,
        RefreshSchedule::Retry{.seed = 7});
    loop_->Start();
  }

  std::future<absl::Status> RefreshNow(const std::string& dataset) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    std::future<absl::Status> result = promise->get_future();
    EXPECT_TRUE(
        loop_
            ->RefreshNow(dataset,
                         [promise](absl::Status status) { promise->set_value(std::move(status)); })
            .ok());
    return result;
  }

  // Lets time pass in long steps until `done`.
  void AdvanceUntil(const std::function<bool()>& done) {
    while (!done()) {
      clock_.Advance(kLongestRetry);
      std::this_thread::yield();
    }
  }

  uint64_t VersionOf(const std::string& dataset) { return cache_->StatusOf(dataset)->version; }

  StorageSpec spec_;
  ManualClock clock_;
  FakeSource source_;
  EventJournal events_;
  std::unique_ptr<TableCache> cache_;
  std::unique_ptr<RefreshLoop> loop_;
};

TEST_F(RefreshLoopTest, EveryGroupIsLoadedAtTheStart) {
  Declare("a");
  Declare("b", "g");
  Declare("c", "g");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 3);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(VersionOf(name), 1u) << name;
}

TEST_F(RefreshLoopTest, GroupIsPublishedTogether) {
  Declare("b", "g");
  Declare("c", "g");
  source_.Hold("c");
  Start();
  source_.Await("load c");
  // b may be complete by now; it must not be visible.
  EXPECT_EQ(cache_->Pin("b").status().code(), absl::StatusCode::kUnavailable);
  source_.Release("c");
  events_.Await(LoadEvent::Kind::kPublished, 2);
  EXPECT_TRUE(cache_->Pin(std::vector<std::string>{"b", "c"}).ok());
}

TEST_F(RefreshLoopTest, PublicationIsReportedWithItsFigures) {
  Declare("b", "g");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 1);
  const LoadEvent event = events_.OfKind(LoadEvent::Kind::kPublished)[0];
  EXPECT_EQ(event.group, "g");
  EXPECT_EQ(event.dataset, "b");
  EXPECT_EQ(event.version, 1u);
  EXPECT_EQ(event.rows, 1u);
  EXPECT_GT(event.bytes, 0u);
}

TEST_F(RefreshLoopTest, GroupWithAPeriodIsLoadedAgain) {
  Declare("a");
  spec_.groups.push_back({.name = "a", .refresh_every_us = 10 * kSecond});
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 1);
  clock_.Advance(12 * kSecond);
  events_.Await(LoadEvent::Kind::kPublished, 2);
  EXPECT_EQ(VersionOf("a"), 2u);
}

TEST_F(RefreshLoopTest, RefreshNowReportsTheEndOfItsLoad) {
  Declare("a");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 1);
  EXPECT_TRUE(RefreshNow("a").get().ok());
  EXPECT_EQ(VersionOf("a"), 2u);
}

TEST_F(RefreshLoopTest, RefreshNowOfAnUnknownDatasetIsNotFound) {
  Declare("a");
  Start();
  EXPECT_EQ(loop_->RefreshNow("b", [](absl::Status) { FAIL(); }).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RefreshLoopTest, RefreshNowDuringALoadWaitsForTheNextOne) {
  Declare("a");
  source_.Hold("a");
  Start();
  source_.Await("load a");
  auto first = RefreshNow("a");
  auto second = RefreshNow("a");
  source_.Release("a");
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(VersionOf("a"), 2u);
  EXPECT_THAT(source_.journal("load"), SizeIs(2));
}

TEST_F(RefreshLoopTest, RefreshNowGetsTheErrorOfItsLoad) {
  Declare("a");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 1);
  source_.SetLoadStatus("a", absl::FailedPreconditionError("dataset 'a': NaN"));
  EXPECT_EQ(RefreshNow("a").get(), absl::FailedPreconditionError("dataset 'a': NaN"));
  EXPECT_EQ(VersionOf("a"), 1u);
  EXPECT_EQ(cache_->StatusOf("a")->last_error, "dataset 'a': NaN");
}

TEST_F(RefreshLoopTest, FailedLoadIsRetriedUntilItSucceeds) {
  Declare("a");
  source_.SetLoadStatus("a", absl::UnavailableError("connection lost"));
  Start();
  source_.Await("load a");
  events_.Await(LoadEvent::Kind::kFailed, 1);
  AdvanceUntil([&] { return source_.journal("load").size() >= 3; });
  source_.SetLoadStatus("a", absl::OkStatus());
  AdvanceUntil([&] { return !events_.OfKind(LoadEvent::Kind::kPublished).empty(); });
  EXPECT_EQ(VersionOf("a"), 1u);
}

TEST_F(RefreshLoopTest, FailureThatRepeatsIsReportedOnce) {
  Declare("a");
  source_.SetLoadStatus("a", absl::FailedPreconditionError("dataset 'a': NaN"));
  Start();
  for (int attempt = 1; attempt <= 5; ++attempt) {
    RefreshNow("a").wait();
    source_.Await("load a", attempt);
  }
  EXPECT_THAT(events_.OfKind(LoadEvent::Kind::kFailed), SizeIs(1));
  EXPECT_GE(cache_->StatusOf("a")->loads_failed, 5u);
}

TEST_F(RefreshLoopTest, FailureOfOneDatasetPublishesNothingOfItsGroup) {
  Declare("b", "g");
  Declare("c", "g");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 2);
  source_.SetLoadStatus("c", absl::FailedPreconditionError("dataset 'c': NaN"));
  EXPECT_FALSE(RefreshNow("b").get().ok());
  EXPECT_EQ(VersionOf("b"), 1u);
  EXPECT_EQ(VersionOf("c"), 1u);
}

TEST_F(RefreshLoopTest, SourceThatIsDownIsReportedOnceAndItsReturnOnce) {
  Declare("a");
  Declare("b");
  Declare("c");
  source_.SetConnectStatus(absl::UnavailableError("connection refused"));
  Start();
  events_.Await(LoadEvent::Kind::kSourceUnreachable, 1);
  AdvanceUntil([&] { return source_.journal("connect").size() >= 12; });
  source_.SetConnectStatus(absl::OkStatus());
  AdvanceUntil([&] { return events_.OfKind(LoadEvent::Kind::kPublished).size() >= 3; });
  const auto lost = events_.OfKind(LoadEvent::Kind::kSourceUnreachable);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_THAT(lost[0].message, HasSubstr("'warehouse'"));
  EXPECT_THAT(lost[0].message, HasSubstr("connection refused"));
  EXPECT_THAT(events_.OfKind(LoadEvent::Kind::kSourceBack), SizeIs(1));
  EXPECT_THAT(events_.OfKind(LoadEvent::Kind::kFailed), IsEmpty());
}

TEST_F(RefreshLoopTest, RefreshNowOfAGroupBehindALostSourceFails) {
  Declare("a");
  Declare("b");
  source_.SetConnectStatus(absl::UnavailableError("connection refused"));
  Start();
  events_.Await(LoadEvent::Kind::kSourceUnreachable, 1);
  auto a = RefreshNow("a");
  auto b = RefreshNow("b");
  EXPECT_EQ(a.get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(b.get().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RefreshLoopTest, StopCancelsTheLoadThatRunsAndKeepsWhatWasPublished) {
  Declare("a");
  Start();
  events_.Await(LoadEvent::Kind::kPublished, 1);
  source_.Hold("a");
  auto refresh = RefreshNow("a");
  source_.Await("load a", 2);
  loop_->Stop();
  EXPECT_EQ(refresh.get().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(VersionOf("a"), 1u);
  EXPECT_THAT(events_.OfKind(LoadEvent::Kind::kFailed), IsEmpty());
}

TEST_F(RefreshLoopTest, RefreshNowAfterStopIsCancelled) {
  Declare("a");
  Start();
  loop_->Stop();
  EXPECT_EQ(RefreshNow("a").get().code(), absl::StatusCode::kCancelled);
}

TEST_F(RefreshLoopTest, StatisticsCountTheLimitOfConnections) {
  Declare("a");
  Start(3);
  EXPECT_EQ(loop_->stats().connections_limit, 3);
}

}  // namespace
}  // namespace sextant
