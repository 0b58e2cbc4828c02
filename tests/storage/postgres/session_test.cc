#include "storage/postgres/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <thread>

#include "storage/postgres/pqxx_status.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SessionOptions OptionsFor(const std::string& conninfo) {
  SessionOptions options;
  options.source_name = "warehouse";
  options.conninfo = conninfo;
  return options;
}

std::unique_ptr<PostgresSession> OpenSession(const SessionOptions& options) {
  auto session = PostgresSession::Open(options, {});
  EXPECT_TRUE(session.ok()) << session.status();
  return *std::move(session);
}

std::string Scalar(PostgresSession& session, const std::string& sql) {
  const auto rows = session.Query("asking", sql, {});
  return rows.ok() ? rows->at(0).at(0).value_or("NULL") : std::string(rows.status().message());
}

class SessionTest : public ::testing::Test {
 protected:
  const std::string conninfo_ = PostgresCluster::Shared().Conninfo();
};

TEST_F(SessionTest, SettingsOfALoadAreInForce) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  EXPECT_EQ(Scalar(*session, "SHOW default_transaction_read_only"), "on");
  EXPECT_EQ(Scalar(*session, "SHOW row_security"), "off");
  EXPECT_EQ(Scalar(*session, "SHOW timezone"), "UTC");
  EXPECT_EQ(Scalar(*session, "SHOW datestyle"), "ISO, YMD");
  EXPECT_EQ(Scalar(*session, "SHOW lock_timeout"), "2s");
  EXPECT_EQ(Scalar(*session, "SHOW statement_timeout"), "10min");
  EXPECT_EQ(Scalar(*session, "SHOW idle_in_transaction_session_timeout"), "2min");
  EXPECT_EQ(Scalar(*session, "SHOW client_connection_check_interval"), "5s");
  EXPECT_EQ(Scalar(*session, "SHOW application_name"), "sextant");
  EXPECT_EQ(Scalar(*session, "SHOW client_encoding"), "UTF8");
  EXPECT_EQ(Scalar(*session, "SHOW synchronize_seqscans"), "off");
}

TEST_F(SessionTest, AConninfoMayNameTheApplication) {
  const auto session = OpenSession(OptionsFor(conninfo_ + " application_name=mine"));
  EXPECT_EQ(Scalar(*session, "SHOW application_name"), "mine");
}

TEST_F(SessionTest, ItConnectsByTcpToo) {
  const auto session = OpenSession(OptionsFor(PostgresCluster::Shared().TcpConninfo()));
  EXPECT_EQ(Scalar(*session, "SELECT host(inet_client_addr())"), "127.0.0.1");
}

TEST_F(SessionTest, WritingIsRefused) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  const auto rows = session->Query("writing", "CREATE TABLE written (a int)", {});
  EXPECT_EQ(SqlstateOf(rows.status()), "25006");
}

TEST_F(SessionTest, NullAndEmptyTextAreDistinct) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  const auto rows = session->Query("asking", "SELECT NULL::text, ''", {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->at(0), (TextRow{std::nullopt, ""}));
}

TEST_F(SessionTest, AnErrorNamesSourceTaskAndSqlstateAndLeavesTheSessionUsable) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  const auto rows = session->Query("counting", "SELECT * FROM missing_table", {});
  EXPECT_TRUE(absl::IsFailedPrecondition(rows.status()));
  EXPECT_THAT(std::string(rows.status().message()),
              HasSubstr("source 'warehouse': counting: PostgreSQL 42P01: relation"));
  EXPECT_TRUE(session->IsUsable());
}

TEST_F(SessionTest, DescribeGivesNamesTypesAndOrigins) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database, "CREATE TABLE t (a numeric(12,2), b text)");
  const auto session = OpenSession(OptionsFor(database));
  const auto columns = session->Describe("describing", "SELECT a, 1 AS one FROM t", {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  ASSERT_EQ(columns->size(), 2u);
  EXPECT_EQ(columns->at(0).name, "a");
  EXPECT_EQ(columns->at(0).type_oid, 1700u);
  EXPECT_EQ(columns->at(0).typmod, (12 << 16 | 2) + 4);
  EXPECT_EQ(columns->at(0).origin_attribute, 1);
  EXPECT_EQ(columns->at(1).type_oid, 23u);
  EXPECT_EQ(columns->at(1).origin_relation_oid, 0u);
}

TEST_F(SessionTest, DescribeReportsAWrongColumn) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  EXPECT_EQ(SqlstateOf(session->Describe("describing", "SELECT nope FROM pg_class", {}).status()),
            "42703");
}

TEST_F(SessionTest, NoServerIsUnavailable) {
  const auto session =
      PostgresSession::Open(OptionsFor("host=/nonexistent dbname=x user=u password=hunter2"), {});
  EXPECT_TRUE(IsRetriable(session.status()));
  EXPECT_THAT(std::string(session.status().message()), HasSubstr("source 'warehouse': connecting"));
}

TEST_F(SessionTest, AMalformedConninfoIsRefusedWithoutItsText) {
  const auto session = PostgresSession::Open(OptionsFor("host=a hunter2 password=hunter2"), {});
  EXPECT_TRUE(absl::IsInvalidArgument(session.status()));
  EXPECT_THAT(std::string(session.status().message()), Not(HasSubstr("hunter2")));
}

TEST_F(SessionTest, APasswordIsNeverInAMessage) {
  const auto session =
      PostgresSession::Open(OptionsFor("host=/hunter2 dbname=x user=u password=hunter2"), {});
  ASSERT_FALSE(session.ok());
  EXPECT_THAT(std::string(session.status().message()), Not(HasSubstr("hunter2")));
}

TEST_F(SessionTest, AMissingDatabaseIsNamed) {
  const auto session =
      PostgresSession::Open(OptionsFor(PostgresCluster::Shared().Conninfo("nowhere")), {});
  EXPECT_FALSE(session.ok());
  EXPECT_THAT(std::string(session.status().message()), HasSubstr("nowhere"));
}

TEST_F(SessionTest, ATerminatedSessionIsLostAndNeverReconnectsByItself) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  const std::string pid = Scalar(*session, "SELECT pg_backend_pid()");
  ExecuteSql(conninfo_, "SELECT pg_terminate_backend(" + pid + ", 5000)");
  EXPECT_TRUE(IsRetriable(session->Query("asking", "SELECT 1", {}).status()));
  EXPECT_TRUE(IsRetriable(session->Query("asking", "SELECT 1", {}).status()));
  EXPECT_FALSE(session->IsUsable());
}

TEST_F(SessionTest, AServerThatHangsIsGivenUp) {
  SessionOptions options = OptionsFor(conninfo_);
  options.progress_timeout = absl::Milliseconds(300);
  const auto session = OpenSession(options);
  const pid_t pid = std::stoi(Scalar(*session, "SELECT pg_backend_pid()"));
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  const auto rows = session->Query("asking", "SELECT 1", {});
  kill(pid, SIGCONT);
  EXPECT_TRUE(IsRetriable(rows.status()));
  EXPECT_THAT(std::string(rows.status().message()), HasSubstr("no answer for 300ms"));
  EXPECT_FALSE(session->IsUsable());
}

TEST_F(SessionTest, AStopRequestCancelsARunningStatement) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  std::stop_source stop;
  std::jthread stopper([&] {
    while (ExecuteSqlScalar(conninfo_,
                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                            "query = 'SELECT pg_sleep(600)'") == "0") {
    }
    stop.request_stop();
  });
  const auto rows = session->Query("sleeping", "SELECT pg_sleep(600)", stop.get_token());
  EXPECT_TRUE(absl::IsCancelled(rows.status())) << rows.status();
  EXPECT_EQ(Scalar(*session, "SELECT 1"), "1");
}

TEST_F(SessionTest, RowsAreStreamedInOrderWithTheirNulls) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  std::vector<TextRow> rows;
  const absl::Status status =
      session->StreamRows(absl::Seconds(60), "asking", "VALUES (1, NULL), (2, ''), (3, 'x')",
                          [&](TextRow row) {
                            rows.push_back(std::move(row));
                            return absl::OkStatus();
                          },
                          {});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(rows, ElementsAre(TextRow{"1", std::nullopt}, TextRow{"2", ""}, TextRow{"3", "x"}));
}

TEST_F(SessionTest, WhoTakesStreamedRowsMayEndTheStatement) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  int num_rows = 0;
  // All of it would take for ever.
  const absl::Status status = session->StreamRows(
      absl::Seconds(60), "asking", "SELECT generate_series(1, 1000000000000)",
      [&](TextRow) {
        return ++num_rows < 10 ? absl::OkStatus() : absl::ResourceExhaustedError("enough");
      },
      {});
  EXPECT_EQ(status.message(), "enough");
  EXPECT_EQ(num_rows, 10);
}

TEST_F(SessionTest, AnErrorAmongStreamedRowsIsTheStatements) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  const absl::Status status = session->StreamRows(absl::Seconds(60), "dividing",
                                                  "SELECT 1 / (3 - i) FROM "
                                                  "generate_series(1, 5) AS i",
                                                  [](TextRow) { return absl::OkStatus(); }, {});
  EXPECT_EQ(SqlstateOf(status), "22012");
  EXPECT_EQ(Scalar(*session, "SELECT 1"), "1");
}

TEST_F(SessionTest, AStopRequestedBeforeMeansThatNothingRuns) {
  const auto session = OpenSession(OptionsFor(conninfo_));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(session->Query("asking", "SELECT 1", stop.get_token()).status()));
}

}  // namespace
}  // namespace sextant
