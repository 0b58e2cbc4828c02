#include "service/rpc/error_details.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

/// The detail of type T in the status on the wire, default when it has none.
template <typename T>
T Find(const absl::Status& status) {
  const google::rpc::Status details = DetailsOf(ToGrpcStatus(status));
  T found;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.Is<T>()) any.UnpackTo(&found);
  }
  return found;
}

TEST(ErrorDetailsTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(ErrorDetailsTest, CodeAndMessageAreKept) {
  const grpc::Status status = ToGrpcStatus(absl::OutOfRangeError("sum overflows"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(status.error_message(), "sum overflows");
}

TEST(ErrorDetailsTest, AFieldErrorIsAFieldViolation) {
  const auto bad_request = Find<google::rpc::BadRequest>(FieldError("time_zone", "found 'Mars'"));
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), "time_zone");
  EXPECT_THAT(bad_request.field_violations(0).description(), HasSubstr("found 'Mars'"));
}

TEST(ErrorDetailsTest, PositionAndNearestNamesCanBeReadByAProgram) {
  const auto info =
      Find<google::rpc::ErrorInfo>(FieldError("where", "unknown column", 12, {"author", "anchor"}));
  EXPECT_EQ(info.domain(), "sextant");
  EXPECT_EQ(info.metadata().at("position"), "12");
  EXPECT_EQ(info.metadata().at("nearest"), "author, anchor");
}

TEST(ErrorDetailsTest, ADatasetThatDoesNotExistIsAResourceInfo) {
  const auto resource = Find<google::rpc::ResourceInfo>(WithDetail(
      absl::NotFoundError("no dataset"), {.resource_type = "dataset", .resource_name = "pulls"}));
  EXPECT_EQ(resource.resource_type(), "dataset");
  EXPECT_EQ(resource.resource_name(), "pulls");
}

TEST(ErrorDetailsTest, ALoadingDatasetSaysWhenToTryAgainAndHowFarItIs) {
  const absl::Status loading =
      WithDetail(absl::UnavailableError("loading"),
                 {.reason = "DATASET_LOADING", .retry_after_s = 1.5, .metadata = {{"rows", "10"}}});
  const auto retry = Find<google::rpc::RetryInfo>(loading);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(loading).reason(), "DATASET_LOADING");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(loading).metadata().at("rows"), "10");
}

TEST(ErrorDetailsTest, AQuotaIsAQuotaFailureAndALimitOfTheQueryIsNot) {
  const absl::Status quota = WithDetail(absl::ResourceExhaustedError("queue full"),
                                        {.reason = "QUEUE_FULL", .retry_after_s = 1});
  EXPECT_EQ(Find<google::rpc::QuotaFailure>(quota).violations_size(), 1);
  const absl::Status limit =
      WithDetail(absl::ResourceExhaustedError("too many cells"), {.reason = "TOO_MANY_CELLS"});
  EXPECT_EQ(Find<google::rpc::QuotaFailure>(limit).violations_size(), 0);
  EXPECT_FALSE(Find<google::rpc::RetryInfo>(limit).has_retry_delay());
}

TEST(ErrorDetailsTest, ALongMessageIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 5000) text += "ü";
  const grpc::Status status = ToGrpcStatus(absl::InvalidArgumentError(text));
  EXPECT_LE(status.error_message().size(), 1024u);
  const size_t dots = status.error_message().size() - 3;
  EXPECT_EQ(status.error_message().substr(dots), "...");
  EXPECT_EQ(dots % 2, 0u);
}

TEST(ErrorDetailsTest, DetailsStayWithinFourKilobytes) {
  const std::vector<std::string> names(20, std::string(500, 'x'));
  const grpc::Status status =
      ToGrpcStatus(FieldError(std::string(3000, 'f'), std::string(3000, 'm'), 1, names));
  EXPECT_LE(status.error_details().size(), 4096u);
  EXPECT_GT(status.error_details().size(), 0u);
}

TEST(ErrorDetailsTest, AClientReadsBackWhatTheServerMeant) {
  const ErrorDetail detail{.field = "where",
                           .position = 3,
                           .nearest = {"a", "b"},
                           .reason = "REASON",
                           .resource_type = "dataset",
                           .resource_name = "x",
                           .retry_after_s = 2.0,
                           .metadata = {{"limit", "5"}}};
  const absl::Status status = WithDetail(absl::UnavailableError("m"), detail);
  const absl::Status read = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(read.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(read.message(), "m");
  EXPECT_EQ(DetailOf(read), detail);
}

TEST(ErrorDetailsTest, DetailsThatAreNoneAreIgnored) {
  const grpc::Status foreign(grpc::StatusCode::ABORTED, "m", "\xFF\xFF not a message");
  EXPECT_EQ(FromGrpcStatus(foreign), absl::AbortedError("m"));
}

}  // namespace
}  // namespace sextant
