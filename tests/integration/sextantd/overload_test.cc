#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
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

/// A connection whose streams hold 64 KB that were not read, however fast the network is.
std::shared_ptr<grpc::Channel> NarrowChannel(const RunningServer& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server.grpc_port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

/// Reads one frame, tells so, and reads the rest of the names after `resume`.
StreamOutcome ReadInTwoParts(const std::shared_ptr<grpc::Channel>& channel, std::latch& started,
                             absl::Notification& resume) {
  v1::QueryMetricsRequest request;
  request.set_dataset("items");
  request.add_group_by()->set_column("name");
  auto* metric = request.add_metrics()->mutable_definition();
  metric->set_name("n");
  metric->set_expression("count(*)");
  grpc::ClientContext context;
  const auto stub = v1::MetricService::NewStub(channel);
  const auto reader = stub->QueryMetrics(&context, request);
  StreamOutcome outcome;
  v1::QueryMetricsResponse frame;
  bool more = reader->Read(&frame);
  started.count_down();
  resume.WaitForNotification();
  for (; more; more = reader->Read(&frame)) {
    outcome.rows += frame.batch().row_count();
    outcome.has_summary = outcome.has_summary || frame.has_summary();
  }
  outcome.status = reader->Finish();
  return outcome;
}

/// When the readers go on: once the server was told to end, or once it has ended.
enum class Resume { kWhileDraining, kAfterTheEnd };

/// What 50 readers see of a server that is told to end once all of them have begun.
std::vector<StreamOutcome> EndDuringStreams(const std::string& drain_ms, Resume when) {
  RunningServer server(WideCatalog(), {.arguments = {"--drain-ms", drain_ms}});
  server.WaitUntilReady();
  const std::shared_ptr<grpc::Channel> channel = NarrowChannel(server);
  std::latch started(kNumStreams);
  absl::Notification resume;
  std::vector<StreamOutcome> outcomes(kNumStreams);
  std::vector<std::thread> readers;
  for (StreamOutcome& outcome : outcomes) {
    readers.emplace_back([&] { outcome = ReadInTwoParts(channel, started, resume); });
  }
  started.wait();
  server.Signal(SIGTERM);
  if (when == Resume::kAfterTheEnd) {
    EXPECT_EQ(server.WaitForExit(), 0);
  }
  resume.Notify();
  for (std::thread& reader : readers) reader.join();
  if (when == Resume::kWhileDraining) {
    EXPECT_EQ(server.WaitForExit(), 0);
  }
  return outcomes;
}

TEST(OverloadTest, StreamsThatEndWithinTheDrainAreComplete) {
  for (const StreamOutcome& outcome : EndDuringStreams("600000", Resume::kWhileDraining)) {
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_TRUE(outcome.has_summary);
    EXPECT_EQ(outcome.rows, kNumRows);
  }
}

TEST(OverloadTest, StreamsThatOutlastTheDrainEndWithAnErrorAndNeverShort) {
  for (const StreamOutcome& outcome : EndDuringStreams("100", Resume::kAfterTheEnd)) {
    EXPECT_FALSE(outcome.status.ok());
    EXPECT_FALSE(outcome.has_summary);
    EXPECT_LT(outcome.rows, kNumRows);
  }
}

TEST(OverloadTest, ServesAgainAfter300ConnectionsAt128Descriptors) {
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
  EXPECT_EQ(server.Status().datasets_size(), 1);
}

}  // namespace
}  // namespace sextant
