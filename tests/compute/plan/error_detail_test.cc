#include "compute/plan/error_detail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

ErrorDetail FullDetail() {
  return {.field = "metrics[1].expression",
          .position = 7,
          .nearest = {"released_at", "created_at"},
          .reason = "DATASET_LOADING",
          .resource_type = "dataset",
          .resource_name = "pull_requests",
          .retry_after_s = 1.5,
          .metadata = {{"rows", "10"}, {"expected_rows", "20"}}};
}

TEST(ErrorDetailTest, AStatusGivesBackTheDetailItCarries) {
  const absl::Status status = WithDetail(absl::UnavailableError("loading"), FullDetail());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(DetailOf(status), FullDetail());
}

TEST(ErrorDetailTest, AnEmptyDetailStaysEmpty) {
  EXPECT_EQ(DetailOf(WithDetail(absl::AbortedError("x"), ErrorDetail())), ErrorDetail());
}

TEST(ErrorDetailTest, AStatusWithoutDetailHasNone) {
  EXPECT_EQ(DetailOf(absl::InternalError("x")), std::nullopt);
}

TEST(ErrorDetailTest, ASecondDetailReplacesTheFirst) {
  absl::Status status = WithDetail(absl::AbortedError("x"), FullDetail());
  status = WithDetail(std::move(status), {.reason = "OTHER"});
  EXPECT_EQ(DetailOf(status)->reason, "OTHER");
  EXPECT_EQ(DetailOf(status)->field, "");
}

TEST(ErrorDetailTest, NearestNamesAreCutAtTwenty) {
  ErrorDetail detail;
  detail.nearest.assign(21, "name");
  EXPECT_EQ(DetailOf(WithDetail(absl::AbortedError("x"), detail))->nearest.size(), 20);
}

TEST(ErrorDetailTest, AFieldErrorNamesItsFieldInMessageAndDetail) {
  const absl::Status status = FieldError("time_zone", "found 'Mars', allowed: an IANA name", 3);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "time_zone: found 'Mars', allowed: an IANA name (at character 4)");
  EXPECT_EQ(DetailOf(status)->field, "time_zone");
  EXPECT_EQ(DetailOf(status)->position, 3);
}

}  // namespace
}  // namespace sextant
