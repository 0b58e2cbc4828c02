#include "storage/postgres/copy_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "storage/postgres/pqxx_status.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

// Far more than is read before anything goes wrong.
constexpr char kEndless[] = "SELECT generate_series(1, 100000000), repeat('x', 500)";

absl::Status Ignore(const RawRowBatch&) { return absl::OkStatus(); }

SessionOptions OptionsFor(const std::string& conninfo, absl::Duration timeout) {
  SessionOptions options;
  options.source_name = "s";
  options.conninfo = conninfo;
  options.first_byte_timeout = timeout;
  options.progress_timeout = timeout;
  options.drain_timeout = absl::Milliseconds(500);
  return options;
}

class CopyStreamTest : public ::testing::Test {
 protected:
  CopyStreamTest() { Open(absl::Seconds(15)); }

  void Open(absl::Duration timeout) {
    auto session = PostgresSession::Open(OptionsFor(conninfo_, timeout), {});
    EXPECT_TRUE(session.ok()) << session.status();
    session_ = *std::move(session);
    pid_ = std::stoi(session_->Query("pid", "SELECT pg_backend_pid()", {})->at(0).at(0).value());
  }

  bool SessionWorks() { return session_->Query("asking", "SELECT 1", {}).ok(); }

  const std::string conninfo_ = PostgresCluster::Shared().Conninfo();
  std::unique_ptr<PostgresSession> session_;
  pid_t pid_ = 0;
};

TEST_F(CopyStreamTest, RowsArriveInOrderAndAreCounted) {
  int64_t next = 1;
  bool in_order = true;
  const auto check = [&](const RawRowBatch& batch) {
    in_order = in_order && batch.first_row == next - 1 && batch.rows.size() <= kMaxRawRows;
    for (const std::string_view row : batch.rows) {
      // int16 field count, int32 length, int64 value
      int64_t value = 0;
      for (const char c : row.substr(6)) value = value << 8 | static_cast<unsigned char>(c);
      in_order = in_order && row.size() == 14 && value == next++;
    }
    return absl::OkStatus();
  };
  const auto statistics =
      CopyRows(*session_, "SELECT i::int8 FROM generate_series(1, 100000) i", check, {});
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(statistics->rows, 100000);
  EXPECT_EQ(statistics->bytes, 100000 * 14 + 19 + 2);
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, AnEmptyResultIsCompleteWithoutABatch) {
  int num_batches = 0;
  const auto count = [&](const RawRowBatch&) {
    ++num_batches;
    return absl::OkStatus();
  };
  const auto statistics = CopyRows(*session_, "SELECT 1 WHERE false", count, {});
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ(statistics->rows, 0);
  EXPECT_EQ(num_batches, 0);
}

TEST_F(CopyStreamTest, ARowLargerThanABatchComesAlone) {
  std::vector<size_t> batch_rows;
  const auto remember = [&](const RawRowBatch& batch) {
    batch_rows.push_back(batch.rows.size());
    return absl::OkStatus();
  };
  const auto statistics = CopyRows(
      *session_,
      "SELECT repeat('x', CASE i WHEN 3 THEN 3000000 ELSE 10 END) FROM generate_series(1, 5) i",
      remember, {});
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ(batch_rows, (std::vector<size_t>{2, 1, 2}));
}

TEST_F(CopyStreamTest, BatchesStayWithinTheirBytes) {
  size_t largest = 0;
  const auto measure = [&](const RawRowBatch& batch) {
    size_t bytes = 0;
    for (const std::string_view row : batch.rows) bytes += row.size();
    largest = std::max(largest, bytes);
    return absl::OkStatus();
  };
  const auto statistics =
      CopyRows(*session_, "SELECT repeat('x', 9000) FROM generate_series(1, 500)", measure, {});
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_LE(largest, kMaxRawBatchBytes);
  EXPECT_GT(largest, kMaxRawBatchBytes / 2);
}

TEST_F(CopyStreamTest, ACommentAtTheEndOfTheQueryIsHarmless) {
  EXPECT_TRUE(CopyRows(*session_, "SELECT 1 -- one", Ignore, {}).ok());
}

TEST_F(CopyStreamTest, AnErrorInMidStreamIsAnErrorAndTheSessionGoesOn) {
  int64_t rows = 0;
  const auto count = [&](const RawRowBatch& batch) {
    rows += static_cast<int64_t>(batch.rows.size());
    return absl::OkStatus();
  };
  const auto statistics =
      CopyRows(*session_, "SELECT 1 / (250000 - i) FROM generate_series(1, 300000) i", count, {});
  EXPECT_EQ(SqlstateOf(statistics.status()), "22012");
  EXPECT_TRUE(absl::IsFailedPrecondition(statistics.status()));
  EXPECT_GT(rows, 200000);
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, AnErrorBeforeTheFirstRowIsAnError) {
  const auto statistics = CopyRows(*session_, "SELECT * FROM missing", Ignore, {});
  EXPECT_EQ(SqlstateOf(statistics.status()), "42P01");
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, ASyntaxErrorIsInvalidArgument) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(CopyRows(*session_, "SELECT FROM WHERE", Ignore, {}).status()));
}

TEST_F(CopyStreamTest, AFailingConsumerEndsTheStreamWithItsStatus) {
  const auto fail = [&](const RawRowBatch& batch) {
    return batch.first_row < 1000 ? absl::OkStatus() : absl::ResourceExhaustedError("full");
  };
  EXPECT_EQ(CopyRows(*session_, kEndless, fail, {}).status(), absl::ResourceExhaustedError("full"));
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, AStopRequestInMidStreamCancels) {
  std::stop_source stop;
  const auto request = [&](const RawRowBatch&) {
    stop.request_stop();
    return absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(CopyRows(*session_, kEndless, request, stop.get_token()).status()));
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, AStopRequestWhileTheServerIsSilentCancels) {
  std::stop_source stop;
  std::jthread stopper([&] {
    while (ExecuteSqlScalar(conninfo_,
                            "SELECT count(*) FROM pg_stat_activity WHERE state = "
                            "'active' AND pid = " +
                                std::to_string(pid_)) == "0") {
    }
    stop.request_stop();
  });
  const auto statistics = CopyRows(*session_, "SELECT pg_sleep(600)", Ignore, stop.get_token());
  EXPECT_TRUE(absl::IsCancelled(statistics.status()));
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, ATerminatedBackendIsUnavailable) {
  const auto terminate = [&](const RawRowBatch& batch) {
    if (batch.first_row == 0) {
      ExecuteSql(conninfo_, "SELECT pg_terminate_backend(" + std::to_string(pid_) + ")");
    }
    return absl::OkStatus();
  };
  const auto statistics = CopyRows(*session_, kEndless, terminate, {});
  EXPECT_TRUE(IsRetriable(statistics.status())) << statistics.status();
  EXPECT_FALSE(SessionWorks());
}

TEST_F(CopyStreamTest, ACrashOfTheServerIsUnavailable) {
  const auto cluster = PostgresCluster::Start();
  auto session = PostgresSession::Open(OptionsFor(cluster->Conninfo(), absl::Seconds(15)), {});
  ASSERT_TRUE(session.ok()) << session.status();
  const auto crash = [&](const RawRowBatch& batch) {
    if (batch.first_row == 0) cluster->StopImmediately();
    return absl::OkStatus();
  };
  const auto statistics = CopyRows(**session, kEndless, crash, {});
  EXPECT_TRUE(IsRetriable(statistics.status())) << statistics.status();
}

TEST_F(CopyStreamTest, ABackendThatHangsInMidStreamIsGivenUp) {
  Open(absl::Milliseconds(300));
  const auto hang = [&](const RawRowBatch& batch) {
    if (batch.first_row == 0) kill(pid_, SIGSTOP);
    return absl::OkStatus();
  };
  const auto statistics = CopyRows(*session_, kEndless, hang, {});
  kill(pid_, SIGCONT);
  EXPECT_TRUE(IsRetriable(statistics.status())) << statistics.status();
  EXPECT_THAT(std::string(statistics.status().message()), HasSubstr("no byte"));
  EXPECT_FALSE(session_->IsUsable());
}

TEST_F(CopyStreamTest, ASilentServerThatStillListensIsCancelledAndUsableAfterwards) {
  Open(absl::Milliseconds(200));
  const auto statistics = CopyRows(*session_, "SELECT pg_sleep(600)", Ignore, {});
  EXPECT_THAT(std::string(statistics.status().message()), HasSubstr("no byte"));
  EXPECT_TRUE(SessionWorks());
}

TEST_F(CopyStreamTest, AStatementTimeoutIsRetriable) {
  ASSERT_TRUE(session_->Query("setting", "SET statement_timeout = 100", {}).ok());
  const auto statistics = CopyRows(*session_, "SELECT pg_sleep(600)", Ignore, {});
  EXPECT_EQ(SqlstateOf(statistics.status()), "57014");
  EXPECT_TRUE(IsRetriable(statistics.status()));
}

}  // namespace
}  // namespace sextant
