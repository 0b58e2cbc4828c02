#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/service/rpc/held_inspection.h"
#include "tests/service/rpc/inspection_calls.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::Pair;

/// Verifications that are held where a test wants them.
class VerifyDeadlineTest : public ::testing::Test {
 protected:
  /// A service whose calls have so much time and are held at `place`.
  TestService& Start(HeldInspection::Place place, int64_t deadline_us = 50'000) {
    held_.HoldAt(place);
    TestServiceOptions options;
    options.deadlines.default_us = deadline_us;
    options.inspect = [this](TableCache& cache, const std::vector<std::string>& datasets,
                             const Inspection& inspection) {
      return held_.Begin(cache, datasets, inspection);
    };
    return service_.emplace(options);
  }

  void TearDown() override {
    held_.AwaitEnd();
    service_.reset();
  }

  static void ExpectDeadline(const absl::Status& status, const std::string& stage) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
    EXPECT_EQ(ReasonOf(status), "DEADLINE");
    EXPECT_THAT(MetadataOf(status), Contains(Pair("stage", stage)));
  }

  HeldInspection held_;
  std::optional<TestService> service_;
};

TEST_F(VerifyDeadlineTest, WhatWaitsForItsLoadLeavesTheQueue) {
  TestService& service = Start(HeldInspection::Place::kQueue);
  ExpectDeadline(Verify(service), "QUEUE");
  EXPECT_TRUE(held_.is_stopped());
  // The turn was given back before the answer.
  ExpectDeadline(Verify(service), "QUEUE");
}

TEST_F(VerifyDeadlineTest, WhatLoadsIsStopped) {
  TestService& service = Start(HeldInspection::Place::kLoad);
  ExpectDeadline(Verify(service), "LOAD");
  EXPECT_TRUE(held_.is_stopped());
  held_.AwaitEnd();
}

TEST_F(VerifyDeadlineTest, ALoadThatDoesNotStopKeepsTheTurnAndNotTheCaller) {
  TestService& service = Start(HeldInspection::Place::kDeafLoad);
  ExpectDeadline(Verify(service), "LOAD");
  EXPECT_EQ(ReasonOf(Verify(service)), "VERIFICATION_RUNNING");
  held_.Release();
  held_.AwaitEnd();
  ExpectDeadline(Verify(service), "LOAD");
  held_.Release();
}

TEST_F(VerifyDeadlineTest, WhatAsksTheSourceIsStopped) {
  TestService& service = Start(HeldInspection::Place::kSql);
  ExpectDeadline(Verify(service), "SQL");
  held_.AwaitEnd();
}

TEST_F(VerifyDeadlineTest, TheSourceIsToldTheDeadline) {
  TestService& service = Start(HeldInspection::Place::kQueue);
  const int64_t before_us = Clock::System().MonotonicUs();
  ExpectDeadline(Verify(service), "QUEUE");
  EXPECT_GE(held_.deadline_us(), before_us + 50'000);
  EXPECT_LE(held_.deadline_us(), Clock::System().MonotonicUs());
}

TEST_F(VerifyDeadlineTest, ACallerThatIsGoneStopsItsLoad) {
  TestService& service = Start(HeldInspection::Place::kLoad, 60'000'000);
  grpc::ClientContext context;
  std::jthread leaver([&] {
    held_.AwaitBegin();
    context.TryCancel();
  });
  v1::VerifyMetricsRequest request;
  *request.mutable_query() = LinesByAuthor();
  v1::VerifyMetricsResponse response;
  const grpc::Status status = service.metric_stub().VerifyMetrics(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  held_.AwaitEnd();
  EXPECT_TRUE(held_.is_stopped());
}

}  // namespace
}  // namespace sextant
