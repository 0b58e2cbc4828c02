#include "service/rpc/grpc_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <list>
#include <string>
#include <thread>

#include "service/rpc/query_call.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

/// The raw answer of grpc.health.v1.Health.Check; field 1 of both messages.
std::string CheckHealth(TestService& service, const std::string& name) {
  std::string request;
  if (!name.empty()) request = std::string("\x0a") + static_cast<char>(name.size()) + name;
  grpc::GenericStub stub(service.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::ByteBuffer request_bytes = ToByteBuffer(request);
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request_bytes, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return "error " + std::to_string(status.error_code());
  std::vector<grpc::Slice> slices;
  (void)response.Dump(&slices);
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes == "\x08\x01" ? "SERVING" : bytes == "\x08\x02" ? "NOT_SERVING" : "other";
}

TEST(GrpcServerTest, LivenessIsServingAndTheOthersAreNotUntilSaidSo) {
  TestService service;
  EXPECT_EQ(CheckHealth(service, ""), "SERVING");
  EXPECT_EQ(CheckHealth(service, "startup"), "NOT_SERVING");
  EXPECT_EQ(CheckHealth(service, "readiness"), "NOT_SERVING");
  service.server().SetHealth("readiness", true);
  EXPECT_EQ(CheckHealth(service, "readiness"), "SERVING");
  EXPECT_EQ(CheckHealth(service, "nonsense"),
            "error " + std::to_string(grpc::StatusCode::NOT_FOUND));
}

TEST(GrpcServerTest, ARequestOfMoreThanEightMebibytesIsRefused) {
  TestService service;
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  v1::ValueList* values = request.mutable_filter()->mutable_in_list()->mutable_values();
  request.mutable_filter()->mutable_in_list()->mutable_operand()->set_column("author");
  const size_t base = request.ByteSizeLong();
  constexpr size_t kLimit = 8 * 1024 * 1024;
  // A string of 8 MiB less its frame: three lengths of 4 bytes and three tags enclose it.
  values->add_strings(std::string(kLimit - base - 16, 'x'));
  while (request.ByteSizeLong() < kLimit) values->mutable_strings(0)->push_back('x');
  ASSERT_EQ(request.ByteSizeLong(), kLimit);
  EXPECT_TRUE(QueryAll(service, request).status.ok());
  values->mutable_strings(0)->push_back('x');
  EXPECT_EQ(QueryAll(service, request).status.code(), absl::StatusCode::kResourceExhausted);
}

TEST(GrpcServerTest, MetadataOfMoreThanEightKibibytesIsRefused) {
  TestService service;
  v1::GetStatusResponse response;
  grpc::ClientContext small;
  small.AddMetadata("x-padding", std::string(4 * 1024, 'x'));
  EXPECT_TRUE(service.admin_stub().GetStatus(&small, {}, &response).ok());
  grpc::ClientContext large;
  large.AddMetadata("x-padding", std::string(9 * 1024, 'x'));
  EXPECT_EQ(service.admin_stub().GetStatus(&large, {}, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

/// Calls that stay open until they are cancelled: refreshes that nobody finishes.
class OpenCalls {
 public:
  OpenCalls(TestService& service, size_t count) : service_(service) {
    request_.set_name("commits");
    request_.set_wait(true);
    const size_t open_before = service.num_refreshes_waiting();
    for (size_t i = 0; i < count; ++i) Open();
    while (service_.num_refreshes_waiting() < open_before + count) std::this_thread::yield();
  }
  ~OpenCalls() {
    for (Call& call : calls_) call.context.TryCancel();
    for (Call& call : calls_) call.ended.get_future().wait();
  }
  void CancelOne() { calls_.front().context.TryCancel(); }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::RefreshDatasetResponse response;
    std::promise<void> ended;
  };
  void Open() {
    Call& call = calls_.emplace_back();
    service_.admin_stub().async()->RefreshDataset(
        &call.context, &request_, &call.response,
        [&call](const grpc::Status&) { call.ended.set_value(); });
  }

  TestService& service_;
  v1::RefreshDatasetRequest request_;
  std::list<Call> calls_;
};

grpc::StatusCode GetStatusWithin(TestService& service, int64_t timeout_ms) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
  v1::GetStatusResponse response;
  return service.admin_stub().GetStatus(&context, {}, &response).error_code();
}

TEST(GrpcServerTest, AHundredCallsShareAConnectionAndOneMoreWaitsForItsTurn) {
  TestService service;
  OpenCalls almost(service, 99);
  EXPECT_EQ(GetStatusWithin(service, 30'000), grpc::StatusCode::OK);
  OpenCalls last(service, 1);
  EXPECT_EQ(GetStatusWithin(service, 200), grpc::StatusCode::DEADLINE_EXCEEDED);
  almost.CancelOne();
  EXPECT_EQ(GetStatusWithin(service, 30'000), grpc::StatusCode::OK);
}

TEST(GrpcServerTest, AStoppedServerIsUnavailable) {
  TestService service;
  service.server().Stop(/*grace_ms=*/1000);
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  EXPECT_EQ(service.admin_stub().GetStatus(&context, {}, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(GrpcServerTest, ACallThatOutlastsTheDrainEndsWithAnErrorAndNotShort) {
  TestService service;
  v1::QueryMetricsRequest request = RequestFor("numbers", "count(*)");
  request.add_group_by()->set_column("name");
  grpc::ClientContext context;
  const auto reader = service.metric_stub().QueryMetrics(&context, request);
  v1::QueryMetricsResponse frame;
  ASSERT_TRUE(reader->Read(&frame));
  service.server().Drain(service.gate(), /*drain_ms=*/50);  // nobody reads meanwhile
  bool summary = false;
  while (reader->Read(&frame)) summary = summary || frame.has_summary();
  EXPECT_EQ(reader->Finish().ok(), summary);
}

TEST(GrpcServerTest, ACallThatIsReadDuringTheDrainIsComplete) {
  TestService service;
  v1::QueryMetricsRequest request = RequestFor("numbers", "count(*)");
  request.add_group_by()->set_column("name");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto reader = service.metric_stub().QueryMetrics(&context, request);
  v1::QueryMetricsResponse frame;
  ASSERT_TRUE(reader->Read(&frame));
  std::thread stopping([&] { service.server().Drain(service.gate(), /*drain_ms=*/60'000); });
  int64_t rows = 0;
  while (reader->Read(&frame)) rows += frame.batch().row_count();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(rows, 200'000);
  stopping.join();
}

TEST(GrpcServerTest, AFloodOfConnectionsIsShedAndTheServerServesOnAfterwards) {
  const int lowest_free = dup(0);
  close(lowest_free);
  TestService service({.descriptor_cap = lowest_free + 60});
  std::vector<int> flood;
  for (int i = 0; i < 300; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(service.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    flood.push_back(fd);
  }
  while (service.server().accept_counters().refused == 0) std::this_thread::yield();
  for (const int fd : flood) close(fd);
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  v1::GetStatusResponse response;
  const grpc::Status status = service.admin_stub().GetStatus(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace sextant
