// What an inspection asks of a real PostgreSQL, and how that ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "storage/postgres/pqxx_status.h"
#include "storage/postgres_source.h"
#include "tests/integration/load/load_fixture.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr char kShowLimit[] = "SHOW statement_timeout";

class InspectedSnapshotTest : public LoadFixture {
 protected:
  InspectedSnapshotTest() {
    Execute("CREATE TABLE debit (amount int8); INSERT INTO debit VALUES (1)");
    Declare("debit");
    Prepare();
    environment_ = std::make_unique<LoadEnvironment>(
        LoadEnvironment{*cache_, *budget_, make_deriver_, clock_, options_});
    auto connection = ConnectToPostgres(spec_.sources[0], *environment_)({});
    EXPECT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
  }

  absl::Status Lead(int64_t deadline_us) {
    return connection_->Lead({&spec_.datasets[0]}, deadline_us, {}).status();
  }

  /// The first column of all rows, or the error.
  std::vector<std::string> Query(const std::string& sql) {
    std::vector<std::string> values;
    const absl::Status status = connection_->Query(sql,
                                                   [&](SourceRow row) {
                                                     values.push_back(row.at(0).value_or("NULL"));
                                                     return absl::OkStatus();
                                                   },
                                                   {});
    if (!status.ok()) values = {SqlstateOf(status)};
    return values;
  }

  std::unique_ptr<LoadEnvironment> environment_;
  std::unique_ptr<SourceConnection> connection_;
};

TEST_F(InspectedSnapshotTest, TheServerEndsStatementsAtTheDeadline) {
  clock_.Advance(1'000'000);
  ASSERT_TRUE(Lead(/*deadline_us=*/5'000'000).ok());
  EXPECT_THAT(Query(kShowLimit), ElementsAre("4s"));
}

TEST_F(InspectedSnapshotTest, TheTimeThatIsLeftGoesDown) {
  ASSERT_TRUE(Lead(/*deadline_us=*/5'000'000).ok());
  ASSERT_TRUE(connection_->Load(0, LoadPurpose::kInspect, {}).ok());
  clock_.Advance(3'000'000);
  EXPECT_THAT(Query(kShowLimit), ElementsAre("2s"));
}

TEST_F(InspectedSnapshotTest, AStatementBeyondTheDeadlineIsEndedByTheServer) {
  ASSERT_TRUE(Lead(/*deadline_us=*/1'000'000).ok());
  clock_.Advance(999'950);
  EXPECT_THAT(Query("SELECT pg_sleep(600)"), ElementsAre("57014"));
}

TEST_F(InspectedSnapshotTest, AfterItTheLimitOfTheSessionHoldsAgain) {
  ASSERT_TRUE(Lead(/*deadline_us=*/5'000'000).ok());
  connection_->End();
  ASSERT_TRUE(Lead(kNoLoadDeadline).ok());
  EXPECT_THAT(Query(kShowLimit), ElementsAre("10min"));
}

TEST_F(InspectedSnapshotTest, ADeadlineBeyondTheLimitOfTheSessionDoesNotRaiseIt) {
  ASSERT_TRUE(Lead(/*deadline_us=*/int64_t{7'200} * 1'000'000).ok());
  EXPECT_THAT(Query(kShowLimit), ElementsAre("10min"));
}

TEST_F(InspectedSnapshotTest, QueriesSeeTheSnapshot) {
  ASSERT_TRUE(Lead(kNoLoadDeadline).ok());
  Execute("INSERT INTO debit VALUES (2)");
  EXPECT_THAT(Query("SELECT amount FROM debit"), ElementsAre("1"));
}

TEST_F(InspectedSnapshotTest, ACallerThatIsGoneEndsTheStatement) {
  ASSERT_TRUE(Lead(kNoLoadDeadline).ok());
  std::stop_source caller;
  std::jthread leaver([&] {
    while (Scalar("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                  "query = 'SELECT pg_sleep(601)'") == "0") {
    }
    caller.request_stop();
  });
  const absl::Status status = connection_->Query(
      "SELECT pg_sleep(601)", [](SourceRow) { return absl::OkStatus(); }, caller.get_token());
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
}

}  // namespace
}  // namespace sextant
