#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/integration/sextantd/running_server.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr int kNumStreams = 50;
constexpr int kNumRows = 25'000;

/// One dataset of 5 MB of names.
std::string WideCatalog() {
  const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(conninfo, absl::StrCat("CREATE TABLE items AS SELECT i AS id, ",
                                    "repeat(md5(i::text), 6) || i AS name ",
                                    "FROM generate_series(1, ", kNumRows, ") i"));
  return absl::StrCat("sources:\n  - {name: s, conninfo: \"", conninfo,
                      "\"}\ndatasets:\n  - {name: items, source: s, table: items, key: [id], "
                      "required: true}\n");
}

struct StreamOutcome {
  grpc::Status status;
  int64_t rows = 0;
  bool has_summary = false;
};

/// Reads every name, pausing between frames so that the stream takes about 5 s more.
StreamOutcome ReadSlowly(const std::shared_ptr<grpc::Channel>& channel, std::latch& started) {
  v1::QueryMetricsRequest request;
  request.set_dataset("items");
  request.add_group_by()->set_column("name");
  auto* metric = request.add_metrics()->mutable_definition();
  metric->set_name("n");
  metric->set_expression("count(*)");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stub = v1::MetricService::NewStub(channel);
  const auto reader = stub->QueryMetrics(&context, request);
  StreamOutcome outcome;
  v1::QueryMetricsResponse frame;
  bool more = reader->Read(&frame);
  started.count_down();
  for (; more; more = reader->Read(&frame)) {
    outcome.rows += frame.batch().row_count();
    outcome.has_summary = outcome.has_summary || frame.has_summary();
    std::this_thread::sleep_for(std::chrono::milliseconds(70));
  }
  outcome.status = reader->Finish();
  return outcome;
}

/// What 50 slow readers see of a server that is told to end once all of them have begun.
std::vector<StreamOutcome> EndDuringStreams(const std::string& drain_ms) {
  RunningServer server(WideCatalog(), {.arguments = {"--drain-ms", drain_ms}});
  server.WaitUntilReady();
  const std::shared_ptr<grpc::Channel> channel = server.NewChannel();
  std::latch started(kNumStreams);
  std::vector<StreamOutcome> outcomes(kNumStreams);
  std::vector<std::thread> readers;
  for (StreamOutcome& outcome : outcomes) {
    readers.emplace_back([&] { outcome = ReadSlowly(channel, started); });
  }
  started.wait();
  server.Signal(SIGTERM);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(server.WaitForExit(), 0);
  return outcomes;
}

TEST(OverloadTest, StreamsThatEndWithinTheDrainAreComplete) {
  for (const StreamOutcome& outcome : EndDuringStreams("60000")) {
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_TRUE(outcome.has_summary);
    EXPECT_EQ(outcome.rows, kNumRows);
  }
}

TEST(OverloadTest, StreamsThatOutlastTheDrainEndWithAnErrorAndNeverShort) {
  int failed = 0;
  for (const StreamOutcome& outcome : EndDuringStreams("1500")) {
    EXPECT_EQ(outcome.status.ok(), outcome.has_summary);
    if (outcome.status.ok()) {
      EXPECT_EQ(outcome.rows, kNumRows);
    }
    failed += outcome.status.ok() ? 0 : 1;
  }
  EXPECT_GT(failed, 0);
}

TEST(OverloadTest, ServesAgainWithinFiveSecondsAfter300ConnectionsAt128Descriptors) {
  RunningServer server(
      "sources:\n  - {name: s, conninfo: host=/nowhere}\n"
      "datasets:\n  - {name: items, source: s, table: items, key: [id]}\n",
      {.max_descriptors = 128});
  std::vector<int> flood;
  for (int i = 0; i < 300; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server.grpc_port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    flood.push_back(fd);
  }
  // The health of the process is seen even now: its port has descriptors of its own.
  EXPECT_EQ(server.HttpCode("/healthz"), 200);
  const std::string metrics = server.HttpBody("/metrics");
  EXPECT_THAT(metrics, HasSubstr("sextant_connections_total{result=\"exhausted\"} 0\n"));
  for (const int fd : flood) close(fd);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Status().datasets_size(), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sextant
