// Periods of calendars: whose they are, in which calls, and how often they are read.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "service/rpc/error_details.h"
#include "tests/service/rpc/inspection_calls.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// count(*) of a dataset by the periods of `calendar`, from 1970-01-01 to 1970-01-04.
v1::QueryMetricsRequest Counts(const std::string& dataset, const std::string& at,
                               const std::string& calendar) {
  v1::QueryMetricsRequest request = RequestFor(dataset, "count(*)");
  request.mutable_metrics(0)->mutable_definition()->set_at(at);
  request.add_series()->set_interval(calendar);
  request.mutable_time_range()->set_from("1970-01-01");
  request.mutable_time_range()->set_to("1970-01-04");
  return request;
}

v1::QueryMetricsRequest Commits(const std::string& calendar) {
  return Counts("commits", "committed_at", calendar);
}

TEST(CalendarCallsTest, EachTenantHasItsOwnPeriods) {
  TestService service;
  const StreamedAnswer acme = QueryAll(service, Commits("term"), {.tenant = "acme"});
  ASSERT_TRUE(acme.status.ok()) << acme.status;
  EXPECT_THAT(acme.header.series(0).labels(), ElementsAre("all"));
  EXPECT_THAT(RowTexts(acme.header, acme.batches), ElementsAre("0|5"));
  const StreamedAnswer other = QueryAll(service, Commits("term"), {.tenant = "other"});
  ASSERT_TRUE(other.status.ok()) << other.status;
  EXPECT_THAT(other.header.series(0).labels(), ElementsAre("begin", "rest"));
  EXPECT_THAT(RowTexts(other.header, other.batches), ElementsAre("0|2", "1|3"));
}

TEST(CalendarCallsTest, ACalendarOfTenantsNeedsOne) {
  TestService service;
  const StreamedAnswer nobody = QueryAll(service, Commits("term"));
  EXPECT_EQ(nobody.status.code(), absl::StatusCode::kUnauthenticated);
  const StreamedAnswer unknown = QueryAll(service, Commits("term"), {.tenant = "nobody"});
  EXPECT_EQ(unknown.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(unknown.status.message()), HasSubstr("has no periods"));
}

TEST(CalendarCallsTest, APeriodWithoutEndHoldsAnyTime) {
  TestService service;
  v1::QueryMetricsRequest request = Commits("term");
  request.mutable_time_range()->set_to("2400-01-01");
  const StreamedAnswer answer = QueryAll(service, request, {.tenant = "other"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|2", "1|3"));
}

TEST(CalendarCallsTest, TheDatasetOfACalendarMayBeTheOneThatIsAsked) {
  TestService service;
  const StreamedAnswer answer =
      QueryAll(service, Counts("terms", "first", "term"), {.tenant = "other"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|1", "1|1"));
}

TEST(CalendarCallsTest, ARequestMayHaveTwoCalendars) {
  TestService service;
  v1::QueryMetricsRequest request = Commits("term");
  request.add_series()->set_interval("half");
  const StreamedAnswer answer = QueryAll(service, request, {.tenant = "acme"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(answer.header.series(0).labels(), ElementsAre("all"));
  EXPECT_THAT(answer.header.series(1).labels(), ElementsAre("short", "long"));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|0|5", "1|0|2", "1|1|3"));
}

TEST(CalendarCallsTest, QueriesOfABatchHaveCalendars) {
  TestService service;
  v1::BatchQueryMetricsRequest request;
  *request.add_queries() = Commits("half");
  *request.add_queries() = Commits("term");
  grpc::ClientContext context;
  context.AddMetadata("x-sextant-tenant", "other");
  const auto reader = service.metric_stub().BatchQueryMetrics(&context, request);
  std::map<int, v1::Header> headers;
  std::map<int, std::vector<v1::Batch>> batches;
  for (v1::BatchQueryMetricsResponse frame; reader->Read(&frame);) {
    EXPECT_FALSE(frame.has_error()) << frame.error().message();
    if (frame.has_header()) headers[frame.query()] = frame.header();
    if (frame.has_batch()) batches[frame.query()].push_back(frame.batch());
  }
  ASSERT_TRUE(reader->Finish().ok());
  EXPECT_THAT(headers[0].series(0).labels(), ElementsAre("short", "long"));
  EXPECT_THAT(RowTexts(headers[0], batches[0]), ElementsAre("0|2", "1|3"));
  EXPECT_THAT(headers[1].series(0).labels(), ElementsAre("begin", "rest"));
  EXPECT_THAT(RowTexts(headers[1], batches[1]), ElementsAre("0|2", "1|3"));
}

TEST(CalendarCallsTest, TheSqlOfAnExplanationHasTheBorders) {
  TestService service;
  grpc::ClientContext context;
  v1::ExplainMetricsRequest request;
  *request.mutable_query() = Commits("half");
  v1::ExplainMetricsResponse response;
  const absl::Status status =
      FromGrpcStatus(service.metric_stub().ExplainMetrics(&context, request, &response));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(response.sql(), HasSubstr("1970-01-02"));
  EXPECT_THAT(response.sql(), testing::Not(HasSubstr("halves")));
  EXPECT_EQ(response.summary().cells(), 2);
}

TEST(CalendarCallsTest, AnAnswerByPeriodsIsVerified) {
  TestServiceOptions options;
  options.inspect = [](TableCache& cache, const std::vector<std::string>& datasets,
                       const Inspection& inspection) {
    EXPECT_THAT(datasets, ElementsAre("commits"));
    inspection.started();
    const QuerySnapshot query = [](const std::string& sql, TakeRow take) {
      EXPECT_THAT(sql, HasSubstr("1970-01-02"));
      const absl::Status first = take({"1970-01-01 00:00:00+00", "2"});
      return first.ok() ? take({"1970-01-02 00:00:00+00", "4"}) : first;
    };
    inspection.done(inspection.inspect(query, *cache.Pin(datasets), {}));
    return absl::OkStatus();
  };
  TestService service(options);
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, Commits("half"), response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.cells_compared(), 2);
  ASSERT_EQ(response.differences_size(), 1);
  EXPECT_EQ(response.differences(0).cell(), "start=1970-01-02 00:00:00+00:00");
  EXPECT_EQ(response.differences(0).ours(), "3");
  EXPECT_EQ(response.differences(0).sql(), "4");
}

TEST(CalendarCallsTest, PeriodsAreReadOncePerVersionTenantAndZone) {
  TestService service({.result_cache_bytes = size_t{1} << 20});
  ASSERT_TRUE(QueryAll(service, Commits("term"), {.tenant = "acme"}).status.ok());
  const StreamedAnswer again = QueryAll(service, Commits("term"), {.tenant = "acme"});
  EXPECT_TRUE(again.summary.from_result_cache());
  EXPECT_EQ(service.periods().stats().misses, 1u);
  EXPECT_EQ(service.periods().stats().hits, 1u);
  ASSERT_TRUE(QueryAll(service, Commits("term"), {.tenant = "other"}).status.ok());
  EXPECT_EQ(service.periods().stats().misses, 2u);
  v1::QueryMetricsRequest elsewhere = Commits("term");
  elsewhere.set_time_zone("Asia/Kathmandu");
  ASSERT_TRUE(QueryAll(service, elsewhere, {.tenant = "other"}).status.ok());
  EXPECT_EQ(service.periods().stats().misses, 3u);
}

TEST(CalendarCallsTest, ANewVersionOfACalendarHasNewPeriods) {
  TestService service({.result_cache_bytes = size_t{1} << 20});
  ASSERT_TRUE(QueryAll(service, Commits("half")).status.ok());
  const DataType day = DataType::Of(TypeKind::kDate);
  service.cache().Publish({TableOf({{"first", day, {Int(0)}},
                                    {"last", day, {Int(9)}},
                                    {"name", DataType::Of(TypeKind::kText), {Text("whole")}}},
                                   {.dataset = "halves", .version = 2})},
                          /*load_us=*/1000, /*wall_us=*/0);
  const StreamedAnswer answer = QueryAll(service, Commits("half"));
  EXPECT_FALSE(answer.summary.from_result_cache());
  EXPECT_THAT(answer.header.series(0).labels(), ElementsAre("whole"));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|5"));
}

TEST(CalendarCallsTest, PeriodsAreReadWithTheMemoryOfTheQuery) {
  TestService service({.memory_per_query_bytes = 4096});
  const StreamedAnswer answer = QueryAll(service, Commits("half"));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(service.periods().stats().entries, 0u);
}

}  // namespace
}  // namespace sextant
