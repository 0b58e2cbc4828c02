#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

class AdminServiceTest : public ::testing::Test {
 protected:
  absl::Status Refresh(const std::string& name, bool wait, int64_t timeout_ms = 30'000) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
    v1::RefreshDatasetRequest request;
    request.set_name(name);
    request.set_wait(wait);
    return FromGrpcStatus(service_.admin_stub().RefreshDataset(&context, request, &response_));
  }
  void WaitForARefresh() {
    while (service_.num_refreshes_waiting() == 0) std::this_thread::yield();
  }

  TestService service_;
  v1::RefreshDatasetResponse response_;
};

TEST_F(AdminServiceTest, TheStatusTellsOfTheServerAndEveryDataset) {
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  ASSERT_TRUE(service_.admin_stub().GetStatus(&context, {}, &status).ok());
  EXPECT_EQ(status.server_version(), "1.2.3");
  EXPECT_TRUE(status.ready());
  EXPECT_EQ(status.compute_threads(), 2);
  ASSERT_EQ(status.datasets_size(), 7);
  EXPECT_EQ(status.datasets(0).name(), "commits");
  EXPECT_TRUE(status.datasets(0).required());
  EXPECT_EQ(status.datasets(0).row_count(), 5);
  EXPECT_EQ(status.datasets(4).name(), "unloaded");
  EXPECT_EQ(status.datasets(4).state(), v1::DATASET_STATE_LOADING);
}

TEST_F(AdminServiceTest, ARefreshThatIsNotWaitedForAnswersAtOnce) {
  ASSERT_TRUE(Refresh("commits", /*wait=*/false).ok());
  EXPECT_EQ(service_.num_refreshes_waiting(), 1u);
  EXPECT_EQ(response_.dataset().version(), 1);
}

TEST_F(AdminServiceTest, ARefreshThatIsWaitedForAnswersWhenTheLoadHasEnded) {
  std::thread load([this] {
    WaitForARefresh();
    service_.FinishRefreshes(absl::OkStatus());
  });
  EXPECT_TRUE(Refresh("commits", /*wait=*/true).ok());
  load.join();
  EXPECT_EQ(response_.dataset().name(), "commits");
}

TEST_F(AdminServiceTest, ALoadThatFailsIsTheErrorOfTheRefresh) {
  std::thread load([this] {
    WaitForARefresh();
    service_.FinishRefreshes(absl::FailedPreconditionError("a column is gone"));
  });
  EXPECT_EQ(Refresh("commits", /*wait=*/true), absl::FailedPreconditionError("a column is gone"));
  load.join();
}

TEST_F(AdminServiceTest, ACallerThatGivesUpLeavesTheLoadAlone) {
  EXPECT_EQ(Refresh("commits", /*wait=*/true, /*timeout_ms=*/50).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(service_.num_refreshes_waiting(), 1u);
  service_.FinishRefreshes(absl::OkStatus());
}

TEST_F(AdminServiceTest, AnUnknownDatasetIsNotFoundWithAndWithoutWaiting) {
  EXPECT_EQ(Refresh("comits", true).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Refresh("comits", false).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace sextant
