// What goes wrong at the source ends in a clear status, and what was published stays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/load/load_fixture.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kMakeItems[] =
    "CREATE TABLE items (id int8 PRIMARY KEY, label text, amount int4); "
    "INSERT INTO items SELECT g, 'label ' || g % 10, g FROM generate_series(1, 5000) AS g";

class LoadFaultsTest : public LoadFixture {
 protected:
  LoadFaultsTest() {
    Execute(kMakeItems);
    // The gate is a lock too.
    options_.lock_timeout_us = 60'000'000;
  }

  // The rows before the last one are sent before the gate.
  void DeclareGatedItems() { Declare("items").where = "id < 5000 OR gate()"; }

  std::string NumLoadBackends() {
    return Scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> "
        "'idle' AND pid <> pg_backend_pid() AND query LIKE 'COPY%'");
  }
};

TEST_F(LoadFaultsTest, BackendTerminatedInMidStreamKeepsTheOldVersion) {
  Gate gate(conninfo_);
  DeclareGatedItems();
  gate.Open();
  ASSERT_TRUE(Load("items").ok());
  Gate closed(conninfo_);
  auto refresh = BeginLoad("items");
  Execute("SELECT pg_terminate_backend(" + std::to_string(closed.AwaitArrival()) + ")");
  EXPECT_EQ(refresh.get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Pinned("items")->identity().version, 1u);
  EXPECT_EQ(cache_->StatusOf("items")->state, DatasetState::kReady);
  EXPECT_THAT(cache_->StatusOf("items")->last_error, HasSubstr("dataset 'items'"));
  EXPECT_THAT(EventsOfKind(LoadEvent::Kind::kFailed), SizeIs(1));
  EXPECT_THAT(EventsOfKind(LoadEvent::Kind::kSourceUnreachable), IsEmpty());
}

TEST_F(LoadFaultsTest, LoadAfterATerminatedBackendSucceedsOnANewConnection) {
  max_connections_ = 1;  // with two, the other may take the retry
  Gate gate(conninfo_);
  DeclareGatedItems();
  auto first = BeginLoad("items");
  Execute("SELECT pg_terminate_backend(" + std::to_string(gate.AwaitArrival()) + ")");
  EXPECT_FALSE(first.get().ok());
  gate.Open();
  AdvanceUntil([&] { return cache_->StatusOf("items")->loads_ok > 0; });
  EXPECT_EQ(Pinned("items")->num_rows(), 5000u);
  EXPECT_EQ(refresher_->stats().reconnects, 1u);
}

TEST_F(LoadFaultsTest, TruncateDuringALoadWaitsForIt) {
  Gate gate(conninfo_);
  DeclareGatedItems();
  auto load = BeginLoad("items");
  gate.AwaitArrival();
  std::thread truncate([this] { Execute("TRUNCATE items"); });
  gate.Open();
  EXPECT_TRUE(load.get().ok());
  truncate.join();
  EXPECT_EQ(Pinned("items")->num_rows(), 5000u);
  ASSERT_TRUE(Load("items").ok());
  EXPECT_EQ(Pinned("items")->num_rows(), 0u);
}

TEST_F(LoadFaultsTest, TableLockedByOthersIsAFailureThatIsRetried) {
  options_.lock_timeout_us = 50'000;
  Declare("items");
  Prepare();
  std::promise<void> release;
  std::promise<void> locked;
  std::thread owner([&] {
    WithSession(conninfo_, "BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE", [&] {
      locked.set_value();
      release.get_future().wait();
    });
  });
  locked.get_future().wait();
  const absl::Status status = Load("items");
  release.set_value();
  owner.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("items"));
  AdvanceUntil([&] { return cache_->StatusOf("items")->loads_ok > 0; });
}

TEST_F(LoadFaultsTest, StopCancelsTheLoadAndLeavesNoStatementBehind) {
  Gate gate(conninfo_);
  DeclareGatedItems();
  auto load = BeginLoad("items");
  gate.AwaitArrival();
  refresher_->Stop();
  EXPECT_EQ(load.get().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(NumLoadBackends(), "0");
  EXPECT_EQ(budget_->reserved_bytes(), 0u);
}

TEST_F(LoadFaultsTest, LoadIsSeenWhileItRuns) {
  Gate gate(conninfo_);
  Execute(
      "INSERT INTO items SELECT g, 'x', g FROM generate_series(5001, 50000) AS g; "
      "ANALYZE items");
  Declare("items").where = "id < 50000 OR gate()";
  auto load = BeginLoad("items");
  gate.AwaitArrival();
  while (cache_->StatusOf("items")->progress.rows == 0) std::this_thread::yield();
  const DatasetStatus status = cache_->StatusOf("items").value();
  EXPECT_EQ(status.state, DatasetState::kLoading);
  EXPECT_GT(status.progress.wire_bytes, 0u);
  EXPECT_GT(status.progress.expected_rows, 0u);
  EXPECT_EQ(refresher_->stats().connections_busy, 1);
  gate.Open();
  EXPECT_TRUE(load.get().ok());
}

TEST_F(LoadFaultsTest, RefusedMemoryEndsTheLoadAndKeepsTheOldVersion) {
  budget_bytes_ = 4 * 1024 * 1024;
  Declare("items");
  ASSERT_TRUE(Load("items").ok());
  Execute(
      "INSERT INTO items SELECT g, repeat(md5(g::text), 8), g "
      "FROM generate_series(5001, 50000) AS g");
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset 'items'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("memory budget 'cache'"));
  EXPECT_EQ(Pinned("items")->identity().version, 1u);
  EXPECT_EQ(budget_->reserved_bytes(), Pinned("items")->reserved_bytes());
  EXPECT_EQ(NumLoadBackends(), "0");
}

TEST_F(LoadFaultsTest, DroppedColumnIsRefusedAndTheOldVersionStays) {
  Declare("items");
  ASSERT_TRUE(Load("items").ok());
  Execute("ALTER TABLE items DROP COLUMN label");
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("column 'label' (text) is gone"));
  EXPECT_EQ(Pinned("items")->identity().version, 1u);
}

TEST_F(LoadFaultsTest, RenamedColumnIsRefused) {
  Declare("items").include = {"id", "label"};
  ASSERT_TRUE(Load("items").ok());
  Execute("ALTER TABLE items RENAME COLUMN label TO title");
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'label'"));
  EXPECT_EQ(Pinned("items")->identity().version, 1u);
}

TEST_F(LoadFaultsTest, ColumnOfAnotherTypeIsRefused) {
  Declare("items");
  ASSERT_TRUE(Load("items").ok());
  Execute("ALTER TABLE items ALTER COLUMN amount TYPE text");
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("column 'amount' is text, was integer"));
}

TEST_F(LoadFaultsTest, AddedColumnIsNotRead) {
  Declare("items");
  ASSERT_TRUE(Load("items").ok());
  Execute("ALTER TABLE items ADD COLUMN extra int DEFAULT 1");
  ASSERT_TRUE(Load("items").ok());
  EXPECT_EQ(Pinned("items")->identity().version, 2u);
  EXPECT_FALSE(Pinned("items")->schema().Find("extra").has_value());
}

TEST_F(LoadFaultsTest, MissingTableNamesTheNearest) {
  Declare("item");
  const absl::Status status = Load("item");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("items"));
}

TEST_F(LoadFaultsTest, MissingColumnNamesTheNearest) {
  Declare("items").include = {"id", "lable"};
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'lable'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("'label'"));
}

TEST_F(LoadFaultsTest, RowSecurityIsAnErrorAndNeverMissingRows) {
  Execute(
      "DROP ROLE IF EXISTS loader; CREATE ROLE loader LOGIN; GRANT SELECT ON items TO loader; "
      "ALTER TABLE items ENABLE ROW LEVEL SECURITY");
  Declare("items");
  Prepare();
  spec_.sources[0].conninfo = conninfo_ + " user=loader";
  refresher_ = std::make_unique<Refresher>(
      spec_, *cache_, *budget_, nullptr, [](const LoadEvent&) {}, clock_, options_);
  const absl::Status status = Load("items");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("row-level security"));
  Execute("DROP OWNED BY loader; DROP ROLE loader");
}

TEST_F(LoadFaultsTest, ErrorsDoNotShowTheConnectionString) {
  Declare("items").table = "missing";
  Prepare();
  spec_.sources[0].conninfo = conninfo_ + " password=hunter2";
  refresher_ = std::make_unique<Refresher>(
      spec_, *cache_, *budget_, nullptr, [](const LoadEvent&) {}, clock_, options_);
  EXPECT_THAT(std::string(Load("items").message()), Not(HasSubstr("hunter2")));
}

class ServerFaultsTest : public LoadFixture {
 protected:
  ServerFaultsTest() : ServerFaultsTest(PostgresCluster::Start()) {}
  explicit ServerFaultsTest(std::unique_ptr<PostgresCluster> cluster)
      : LoadFixture(cluster->CreateDatabase()), cluster_(std::move(cluster)) {
    Execute(kMakeItems);
    // Commits are asynchronous here: a crash would take them along.
    Execute("CHECKPOINT");
    Declare("items");
  }
  ~ServerFaultsTest() override { refresher_.reset(); }

  const std::unique_ptr<PostgresCluster> cluster_;
};

TEST_F(ServerFaultsTest, ServerThatIsDownAtTheStartIsAskedUntilItIsUp) {
  cluster_->Stop();
  StartLoads();
  AdvanceUntil([&] { return cache_->StatusOf("items")->loads_failed >= 5; });
  EXPECT_FALSE(cache_->RequiredArePublished() && cache_->Pin("items").ok());
  cluster_->StartAgain();
  AdvanceUntil([&] { return cache_->StatusOf("items")->loads_ok > 0; });
  const auto lost = EventsOfKind(LoadEvent::Kind::kSourceUnreachable);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_THAT(lost[0].message, HasSubstr("'warehouse'"));
  refresher_->Stop();
  EXPECT_THAT(EventsOfKind(LoadEvent::Kind::kSourceBack), SizeIs(1));
  EXPECT_THAT(EventsOfKind(LoadEvent::Kind::kFailed), IsEmpty());
}

TEST_F(ServerFaultsTest, ServerThatGoesAwayLeavesWhatWasPublished) {
  ASSERT_TRUE(Load("items").ok());
  cluster_->StopImmediately();
  EXPECT_EQ(Load("items").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Pinned("items")->num_rows(), 5000u);
  EXPECT_EQ(cache_->StatusOf("items")->state, DatasetState::kReady);
  cluster_->StartAgain();
  AdvanceUntil([&] { return cache_->StatusOf("items")->loads_ok == 2; });
  EXPECT_EQ(Pinned("items")->identity().version, 2u);
}

TEST_F(ServerFaultsTest, ServerThatCrashesInMidStreamKeepsTheOldVersion) {
  options_.lock_timeout_us = 60'000'000;
  Gate opened(conninfo_);
  opened.Open();
  spec_.datasets[0].where = "id < 5000 OR gate()";
  ASSERT_TRUE(Load("items").ok());
  Gate gate(conninfo_);
  auto load = BeginLoad("items");
  gate.AwaitArrival();
  cluster_->StopImmediately();
  EXPECT_EQ(load.get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Pinned("items")->identity().version, 1u);
}

}  // namespace
}  // namespace sextant
