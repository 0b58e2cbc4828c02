#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <latch>
#include <memory>
#include <thread>

#include "compute/plan/error_detail.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class MetricServiceTest : public ::testing::Test {
 protected:
  TestService service_;
};

v1::QueryMetricsRequest CommitsByAuthor() {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.add_group_by()->set_column("author");
  return request;
}

v1::QueryMetricsRequest EveryNumber() {
  v1::QueryMetricsRequest request = RequestFor("numbers", "count(*)");
  request.add_group_by()->set_column("name");
  return request;
}

TEST_F(MetricServiceTest, AStreamIsAHeaderThenBatchesThenOneSummary) {
  const StreamedAnswer answer = QueryAll(service_, CommitsByAuthor());
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.num_headers, 1);
  EXPECT_EQ(answer.num_summaries, 1);
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("ann|3", "bob|1", "NULL|1"));
  EXPECT_EQ(answer.summary.cells(), 3);
  EXPECT_EQ(answer.summary.rows_scanned(), 5);
}

TEST_F(MetricServiceTest, TheHeaderSaysWhatTheColumnsAreAndWhichVersionAnswered) {
  const v1::Header header = QueryAll(service_, CommitsByAuthor()).header;
  ASSERT_EQ(header.columns_size(), 2);
  EXPECT_EQ(header.columns(0).name(), "author");
  EXPECT_EQ(header.columns(0).role(), v1::COLUMN_ROLE_AXIS);
  EXPECT_EQ(header.columns(0).type(), v1::DATA_TYPE_TEXT);
  EXPECT_EQ(header.columns(1).role(), v1::COLUMN_ROLE_METRIC);
  EXPECT_EQ(header.columns(1).type(), v1::DATA_TYPE_INT64);
  EXPECT_EQ(header.datasets(0).dataset(), "commits");
  EXPECT_EQ(header.datasets(0).version(), 1);
  EXPECT_EQ(header.datasets(0).as_of(), "1970-01-11T00:00:00+00:00");
  EXPECT_EQ(header.time_zone(), "UTC");
  EXPECT_THAT(header.tz_version(), ::testing::Not(IsEmpty()));
}

TEST_F(MetricServiceTest, TheFiguresOfTheSummaryAreInTheTrailersToo) {
  const StreamedAnswer answer = QueryAll(service_, CommitsByAuthor());
  EXPECT_THAT(answer.trailers, Contains(Pair("x-sextant-cells", "3")));
  EXPECT_THAT(answer.trailers, Contains(Pair("x-sextant-rows-scanned", "5")));
}

TEST_F(MetricServiceTest, AManyBatchAnswerIsWholeAndItsChecksumRight) {
  const StreamedAnswer answer = QueryAll(service_, EveryNumber());
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.num_rows(), 200'000);
  EXPECT_GT(answer.batches.size(), 50u);
  uint32_t checksum = 0;
  for (const v1::Batch& batch : answer.batches) {
    const std::string bytes = batch.SerializeAsString();
    EXPECT_LE(bytes.size(), size_t{1} << 20);
    checksum = static_cast<uint32_t>(crc32(checksum, reinterpret_cast<const Bytef*>(bytes.data()),
                                           static_cast<uInt>(bytes.size())));
  }
  EXPECT_EQ(answer.summary.batch_count(), answer.batches.size());
  EXPECT_EQ(answer.summary.batches_crc32(), checksum);
}

TEST_F(MetricServiceTest, TheFirstBatchIsSmall) {
  const StreamedAnswer answer = QueryAll(service_, EveryNumber());
  ASSERT_GT(answer.batches.size(), 1u);
  EXPECT_LT(answer.batches[0].ByteSizeLong(), 10'000u);
}

TEST_F(MetricServiceTest, AStartIsAnIndexIntoTheBordersOfItsSeries) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
  request.add_series()->set_interval("day");
  request.mutable_time_range()->set_from("1970-01-01");
  request.mutable_time_range()->set_to("1970-01-03");
  const StreamedAnswer answer = QueryAll(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(answer.header.series(0).borders(),
              ElementsAre("1970-01-01T00:00:00+00:00", "1970-01-02T00:00:00+00:00",
                          "1970-01-03T00:00:00+00:00"));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|2", "1|2"));
}

TEST_F(MetricServiceTest, ComputeMetricsGivesTheSameCells) {
  v1::ComputeMetricsResponse response;
  const absl::Status status = Compute(service_, CommitsByAuthor(), response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(RowTexts(response.header(), {response.batches().begin(), response.batches().end()}),
              ElementsAre("ann|3", "bob|1", "NULL|1"));
  EXPECT_EQ(response.summary().cells(), 3);
}

TEST_F(MetricServiceTest, ComputeMetricsRefusesAnAnswerOfMoreThanFourMebibytes) {
  v1::ComputeMetricsResponse response;
  const absl::Status status = Compute(service_, EveryNumber(), response);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(status)->reason, "RESPONSE_TOO_LARGE");
  EXPECT_FALSE(DetailOf(status)->retry_after_s.has_value());
}

TEST_F(MetricServiceTest, AnUnknownColumnIsAFieldViolationBeforeTheFirstFrame) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.add_group_by()->set_column("auther");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(DetailOf(answer.status)->field, HasSubstr("group_by[0]"));
  EXPECT_THAT(DetailOf(answer.status)->nearest, Contains("author"));
  EXPECT_EQ(answer.num_headers, 0);
}

TEST_F(MetricServiceTest, ATypeMismatchIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "sum(author)");
  EXPECT_EQ(QueryAll(service_, request).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(MetricServiceTest, AnUnknownZoneIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.set_time_zone("Europe/Berln");
  const absl::Status status = QueryAll(service_, request).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status)->field, "time_zone");
}

TEST_F(MetricServiceTest, AnEmptyTimeRangeIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.mutable_time_range()->set_from("2024-01-02");
  request.mutable_time_range()->set_to("2024-01-02");
  EXPECT_EQ(QueryAll(service_, request).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(MetricServiceTest, ABadExpressionSaysWhere) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*) +");
  const absl::Status status = QueryAll(service_, request).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(DetailOf(status)->field, HasSubstr("expression"));
}

TEST_F(MetricServiceTest, AListThatIsTooLongIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  v1::InList* list = request.mutable_filter()->mutable_in_list();
  list->mutable_operand()->set_column("lines");
  for (int i = 0; i <= 100'000; ++i) list->mutable_values()->add_ints(i);
  const absl::Status status = QueryAll(service_, request).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status)->field, "filter.in_list.values");
}

TEST_F(MetricServiceTest, ADatasetThatDoesNotExistIsAResourceThatIsNotFound) {
  const absl::Status status = QueryAll(service_, RequestFor("comits", "count(*)")).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DetailOf(status)->resource_type, "dataset");
  EXPECT_EQ(DetailOf(status)->resource_name, "comits");
}

TEST_F(MetricServiceTest, ADatasetThatIsLoadingSaysWhenToTryAgain) {
  const absl::Status status = QueryAll(service_, RequestFor("unloaded", "count(*)")).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(DetailOf(status)->reason, "DATASET_LOADING");
  EXPECT_TRUE(DetailOf(status)->retry_after_s.has_value());
}

TEST_F(MetricServiceTest, ATenantSeesItsRowsOnly) {
  v1::QueryMetricsRequest request = RequestFor("visits", "count(*)");
  request.add_group_by()->set_column("page");
  const StreamedAnswer answer = QueryAll(service_, request, {.tenant = "acme"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("/|1", "/a|1"));
}

TEST_F(MetricServiceTest, AMissingTenantIsNotTakenForEveryTenant) {
  const absl::Status status = QueryAll(service_, RequestFor("visits", "count(*)")).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "TENANT_MISSING");
  EXPECT_EQ(status.message(),
            "dataset 'visits' belongs to tenants, and the request names none; allowed: one in the "
            "metadata key 'x-sextant-tenant' (client: --tenant or SEXTANT_TENANT)");
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("metadata", "x-sextant-tenant")));
}

TEST_F(MetricServiceTest, AnUnknownTenantHasNoRows) {
  const StreamedAnswer answer =
      QueryAll(service_, RequestFor("visits", "count(*)"), {.tenant = "nobody"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.summary.rows_scanned(), 0);
}

TEST_F(MetricServiceTest, MoreCellsThanAllowedNameTheLimit) {
  v1::QueryMetricsRequest request = CommitsByAuthor();
  request.set_max_cells(2);
  const absl::Status status = QueryAll(service_, request).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(DetailOf(status)->retry_after_s.has_value());
  EXPECT_FALSE(DetailOf(status)->reason.empty());
}

TEST_F(MetricServiceTest, AListAxisThatIsNoListIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.add_group_by()->set_list_element("author");
  EXPECT_EQ(DetailOf(QueryAll(service_, request).status)->field, "group_by[0].list_element");
}

TEST_F(MetricServiceTest, AListAxisCountsARowInEachOfItsElements) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.add_group_by()->set_list_element("labels");
  const StreamedAnswer answer = QueryAll(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("a|2", "b|2"));
}

TEST_F(MetricServiceTest, AColumnThatIsAListIsGroupedByItsElements) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.add_group_by()->set_column("labels");
  const StreamedAnswer answer = QueryAll(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("a|2", "b|2"));
}

v1::QueryMetricsRequest WithFilterDepth(int depth) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  v1::Filter* node = request.mutable_filter();
  for (int i = 1; i < depth; ++i) node = node->mutable_all_of()->add_filters();
  node->mutable_is_not_null()->set_column("author");
  return request;
}

TEST_F(MetricServiceTest, AFilter32DeepPassesTheWireAndOneDeeperIsRefusedWithItsPath) {
  EXPECT_TRUE(QueryAll(service_, WithFilterDepth(31)).status.ok());
  const absl::Status status = QueryAll(service_, WithFilterDepth(33)).status;
  EXPECT_THAT(DetailOf(status)->field, HasSubstr("filter.all_of"));
}

TEST_F(MetricServiceTest, AClientThatGoesAwayEndsItsQuery) {
  {
    grpc::ClientContext context;
    const auto reader = service_.metric_stub().QueryMetrics(&context, EveryNumber());
    v1::QueryMetricsResponse frame;
    ASSERT_TRUE(reader->Read(&frame));
    context.TryCancel();
    while (reader->Read(&frame)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  // The server goes on to answer.
  EXPECT_TRUE(QueryAll(service_, CommitsByAuthor()).status.ok());
}

TEST_F(MetricServiceTest, AReaderThatStopsParksTheTaskAndLeavesTheWorkersToOthers) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::QueryMetricsResponse>>> readers;
  for (int i = 0; i < 6; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    contexts.back()->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    readers.push_back(service_.metric_stub().QueryMetrics(contexts.back().get(), EveryNumber()));
    v1::QueryMetricsResponse frame;
    ASSERT_TRUE(readers.back()->Read(&frame));
  }
  // Six streams that nobody reads, two workers: another call is answered all the same.
  EXPECT_TRUE(QueryAll(service_, CommitsByAuthor()).status.ok());
  for (size_t i = 0; i < readers.size(); ++i) {
    int64_t rows = 0;
    for (v1::QueryMetricsResponse frame; readers[i]->Read(&frame);) {
      rows += frame.batch().row_count();
    }
    EXPECT_TRUE(readers[i]->Finish().ok());
    EXPECT_EQ(rows, 200'000);
  }
}

TEST_F(MetricServiceTest, TheWaitOfAMessageToBeReadIsTimeInTheQueue) {
  // A worker may still be in wait() when another one has answered and the test is over.
  const auto release = std::make_shared<std::latch>(1);
  for (int worker = 0; worker < service_.pool().stats().num_workers; ++worker) {
    service_.pool().Submit(Priority::kCritical, [release] { release->wait(); });
  }
  const auto depth = [&](Priority priority) {
    return service_.pool().stats().queue_depth[static_cast<size_t>(priority)];
  };
  while (depth(Priority::kCritical) > 0) std::this_thread::yield();
  StreamedAnswer answer;
  std::thread client([&] { answer = QueryAll(service_, CommitsByAuthor()); });
  while (depth(Priority::kInteractive) == 0) std::this_thread::yield();
  const int64_t seen_us = Clock::System().MonotonicUs();
  while (Clock::System().MonotonicUs() < seen_us + 5'000) std::this_thread::yield();
  release->count_down();
  client.join();
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_GE(answer.summary.queued_us(), 5'000);
}

TEST_F(MetricServiceTest, ACallThatIsNoRequestIsRefused) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(7, "\xFF");
  EXPECT_EQ(QueryAll(service_, request).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(MetricServiceDeadlineTest, TimeThatRunsOutBeforeTheQueryRunsNamesTheQueue) {
  TestService service({.deadlines = {.default_us = 0, .cap_us = 0}});
  const absl::Status status = QueryAll(service, CommitsByAuthor()).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("stage", "QUEUE")));
}

TEST(MetricServiceDeadlineTest, TimeThatRunsOutWithASlowReaderIsAnErrorAndNeverAShortAnswer) {
  TestService service({.deadlines = {.default_us = 10'000'000, .cap_us = 300'000}});
  grpc::ClientContext context;
  v1::QueryMetricsRequest request = EveryNumber();
  const auto reader = service.metric_stub().QueryMetrics(&context, request);
  v1::QueryMetricsResponse frame;
  bool summary = false;
  int frames = 0;
  // Reads the first frames, and then not until the server has given up.
  while (reader->Read(&frame)) {
    if (++frames == 3) std::this_thread::sleep_for(std::chrono::milliseconds(800));
    summary = summary || frame.has_summary();
  }
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.ok(), summary);
}

TEST(MetricServiceMemoryTest, AQueryThatNeedsMoreMemoryThanItMayHaveNamesTheLimit) {
  TestService service({.memory_per_query_bytes = 64 * 1024});
  const absl::Status status = QueryAll(service, EveryNumber()).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(status)->reason, "MEMORY_LIMIT");
  EXPECT_FALSE(DetailOf(status)->retry_after_s.has_value());
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("limit", "65536")));
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("budget", "query")));
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("asked", Not(IsEmpty()))));
  EXPECT_THAT(service.metrics().Text(),
              HasSubstr("sextant_rejected_total{priority=\"interactive\",reason=\"memory\"} 1\n"));
  EXPECT_TRUE(QueryAll(service, CommitsByAuthor()).status.ok());
}

TEST(MetricServiceMetricsTest, AQueryOfADatasetThatIsLoadingIsARejection) {
  TestService service;
  EXPECT_FALSE(QueryAll(service, RequestFor("unloaded", "count(*)")).status.ok());
  EXPECT_THAT(
      service.metrics().Text(),
      HasSubstr("sextant_rejected_total{priority=\"interactive\",reason=\"not_ready\"} 1\n"));
}

TEST(MetricServiceMetricsTest, AQueryOfAServerThatIsEndingIsToldSoAndCounted) {
  TestService service;
  service.gate().Close();
  const absl::Status status = QueryAll(service, CommitsByAuthor()).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(DetailOf(status)->reason, "DRAINING");
  EXPECT_TRUE(DetailOf(status)->retry_after_s.has_value());
  EXPECT_THAT(
      service.metrics().Text(),
      HasSubstr("sextant_rejected_total{priority=\"interactive\",reason=\"draining\"} 1\n"));
}

TEST(MetricServiceMetricsTest, CallsAreCountedByTheirCodes) {
  TestService service;
  EXPECT_TRUE(QueryAll(service, CommitsByAuthor()).status.ok());
  EXPECT_FALSE(QueryAll(service, RequestFor("comits", "count(*)")).status.ok());
  service.server().Stop(1000);
  const std::string text = service.metrics().Text();
  const std::string labels =
      "grpc_method=\"QueryMetrics\",grpc_service=\"sextant.v1.MetricService\","
      "grpc_type=\"server_stream\"}";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + " 2\n"));
  EXPECT_THAT(text, HasSubstr("sextant_rows_scanned_total 5\n"));
}

}  // namespace
}  // namespace sextant
