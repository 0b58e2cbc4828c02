// The datasets of a group show one state of the source, whatever commits between their loads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "storage/load_scheduler.h"
#include "storage/postgres_source.h"
#include "tests/integration/load/load_fixture.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Calls `hook` before each dataset is loaded, with how many were begun before.
class HookedConnection final : public SourceConnection {
 public:
  using Hook = std::function<void(int num_begun)>;

  HookedConnection(std::unique_ptr<SourceConnection> inner, Hook hook, std::atomic<int>& num_begun)
      : inner_(std::move(inner)), hook_(std::move(hook)), num_begun_(num_begun) {}

  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> Lead(const GroupDatasets& datasets,
                                                            int64_t deadline_us,
                                                            std::stop_token stop) override {
    return inner_->Lead(datasets, deadline_us, stop);
  }
  absl::Status Follow(std::shared_ptr<const GroupSnapshot> snapshot,
                      std::stop_token stop) override {
    return inner_->Follow(std::move(snapshot), stop);
  }
  absl::StatusOr<LoadedTable> Load(size_t dataset, LoadPurpose purpose,
                                   std::stop_token stop) override {
    hook_(num_begun_.fetch_add(1));
    return inner_->Load(dataset, purpose, stop);
  }
  absl::Status Query(const std::string& sql, TakeRow take, std::stop_token stop) override {
    return inner_->Query(sql, take, stop);
  }
  void End() override { inner_->End(); }

 private:
  const std::unique_ptr<SourceConnection> inner_;
  const Hook hook_;
  std::atomic<int>& num_begun_;
};

class GroupSnapshotTest : public LoadFixture {
 protected:
  GroupSnapshotTest() {
    Execute(
        "CREATE TABLE debit (amount int8); CREATE TABLE credit (amount int8); "
        "INSERT INTO debit VALUES (1); INSERT INTO credit VALUES (1)");
    Declare("debit", "ledger");
    Declare("credit", "ledger");
  }

  GroupResult LoadWithHook(int max_connections, const HookedConnection::Hook& hook) {
    Prepare();
    const LoadEnvironment environment{*cache_, *budget_, make_deriver_, clock_, options_};
    const ConnectionFactory connect = ConnectToPostgres(spec_.sources[0], environment);
    std::atomic<int> num_begun = 0;
    LoadScheduler scheduler(
        max_connections,
        [&](std::stop_token stop) -> absl::StatusOr<std::unique_ptr<SourceConnection>> {
          auto connection = connect(stop);
          if (!connection.ok()) return connection.status();
          return std::make_unique<HookedConnection>(*std::move(connection), hook, num_begun);
        },
        clock_);
    std::promise<GroupResult> promise;
    scheduler.Submit(
        {.group = "ledger",
         .datasets = {&spec_.datasets[0], &spec_.datasets[1]},
         .started = [] {},
         .finished = [&](GroupResult result) { promise.set_value(std::move(result)); }});
    return promise.get_future().get();
  }

  void Transfer() {
    Execute(
        "BEGIN; UPDATE debit SET amount = amount + 1; UPDATE credit SET amount = amount + 1; "
        "INSERT INTO debit VALUES (9); COMMIT");
  }
};

TEST_F(GroupSnapshotTest, CommitBetweenTwoLoadsOfOneConnectionIsNotSeen) {
  const GroupResult result = LoadWithHook(1, [this](int) { Transfer(); });
  ASSERT_TRUE(result.status.ok()) << result.status;
  ASSERT_THAT(result.tables, SizeIs(2));
  EXPECT_THAT(ColumnTexts(*result.tables[0], "amount"), ElementsAre("1"));
  EXPECT_THAT(ColumnTexts(*result.tables[1], "amount"), ElementsAre("1"));
}

TEST_F(GroupSnapshotTest, FollowersSeeTheLeadersState) {
  // Both loads have begun before either reads: one of them is a follower's.
  std::atomic<int> num_arrived = 0;
  const GroupResult result = LoadWithHook(2, [&](int) {
    Transfer();
    ++num_arrived;
    while (num_arrived < 2) std::this_thread::yield();
  });
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(ColumnTexts(*result.tables[0], "amount"), ElementsAre("1"));
  EXPECT_THAT(ColumnTexts(*result.tables[1], "amount"), ElementsAre("1"));
  EXPECT_EQ(result.tables[0]->identity().as_of_us, result.tables[1]->identity().as_of_us);
}

TEST_F(GroupSnapshotTest, VersionsOfAGroupArePublishedTogether) {
  ASSERT_TRUE(Load("debit").ok());
  Transfer();
  ASSERT_TRUE(Load("credit").ok());
  const auto pinned = cache_->Pin(std::vector<std::string>{"debit", "credit"}).value();
  EXPECT_EQ(pinned[0]->identity().version, 2u);
  EXPECT_EQ(pinned[1]->identity().version, 2u);
  EXPECT_EQ(pinned[0]->identity().as_of_us, pinned[1]->identity().as_of_us);
  EXPECT_THAT(ColumnTexts(*pinned[1], "amount"), ElementsAre("2"));
}

TEST_F(GroupSnapshotTest, TimeOfTheSnapshotIsTheServers) {
  const std::string before = Scalar("SELECT trunc(extract(epoch FROM now()) * 1000000)::text");
  ASSERT_TRUE(Load("debit").ok());
  const std::string after = Scalar("SELECT trunc(extract(epoch FROM now()) * 1000000)::text");
  const int64_t as_of_us = Pinned("debit")->identity().as_of_us;
  EXPECT_GE(as_of_us, std::stoll(before));
  EXPECT_LE(as_of_us, std::stoll(after));
}

TEST_F(GroupSnapshotTest, FailureOfOneDatasetKeepsTheOldVersionOfAll) {
  ASSERT_TRUE(Load("debit").ok());
  Execute("ALTER TABLE credit DROP COLUMN amount; ALTER TABLE credit ADD COLUMN other int");
  Execute("UPDATE debit SET amount = 5");
  EXPECT_FALSE(Load("debit").ok());
  EXPECT_EQ(Pinned("debit")->identity().version, 1u);
  EXPECT_THAT(ColumnTexts(*Pinned("debit"), "amount"), ElementsAre("1"));
}

}  // namespace
}  // namespace sextant
