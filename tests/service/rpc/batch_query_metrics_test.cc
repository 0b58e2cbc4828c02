#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "compute/plan/error_detail.h"
#include "google/rpc/status.pb.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"
#include "tests/testing/arrow_cells.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What a batch told, per query; `order` has the query of each frame.
struct BatchAnswer {
  std::map<int, StreamedAnswer> queries;
  std::vector<int> order;
  absl::Status status;
};

void Take(const v1::BatchQueryMetricsResponse& frame, StreamedAnswer& answer) {
  if (frame.has_header()) {
    answer.header = frame.header();
    ++answer.num_headers;
  } else if (frame.has_batch()) {
    answer.batches.push_back(frame.batch());
  } else if (frame.has_arrow()) {
    answer.arrow.push_back(frame.arrow());
  } else if (frame.has_summary()) {
    answer.summary = frame.summary();
    ++answer.num_summaries;
  } else {
    const google::rpc::Status& error = frame.error();
    answer.status = FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(error.code()),
                                                error.message(), error.SerializeAsString()));
  }
}

BatchAnswer Ask(TestService& service, const v1::BatchQueryMetricsRequest& request,
                const CallOptions& options = {}) {
  grpc::ClientContext context;
  if (!options.tenant.empty()) context.AddMetadata("x-sextant-tenant", options.tenant);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(options.timeout_ms));
  const auto reader = service.metric_stub().BatchQueryMetrics(&context, request);
  BatchAnswer answer;
  for (v1::BatchQueryMetricsResponse frame; reader->Read(&frame);) {
    answer.order.push_back(frame.query());
    Take(frame, answer.queries[frame.query()]);
  }
  answer.status = FromGrpcStatus(reader->Finish());
  return answer;
}

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

v1::BatchQueryMetricsRequest BatchOf(const std::vector<v1::QueryMetricsRequest>& queries) {
  v1::BatchQueryMetricsRequest request;
  for (const v1::QueryMetricsRequest& query : queries) *request.add_queries() = query;
  return request;
}

std::vector<std::string> TextsOf(const StreamedAnswer& answer) {
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  return RowTexts(answer.header, answer.batches);
}

class BatchQueryMetricsTest : public ::testing::Test {
 protected:
  TestService service_;
};

TEST_F(BatchQueryMetricsTest, EachQueryHasAHeaderBatchesAndASummaryOfItsOwn) {
  BatchAnswer answer =
      Ask(service_, BatchOf({RequestFor("commits", "sum(lines)"), CommitsByAuthor()}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  ASSERT_THAT(answer.queries, SizeIs(2));
  EXPECT_THAT(TextsOf(answer.queries[0]), ElementsAre("10"));
  EXPECT_THAT(TextsOf(answer.queries[1]), ElementsAre("ann|3", "bob|1", "NULL|1"));
  for (const auto& [number, one] : answer.queries) {
    EXPECT_EQ(one.num_headers, 1) << number;
    EXPECT_EQ(one.num_summaries, 1) << number;
  }
  EXPECT_EQ(answer.queries[1].summary.cells(), 3);
}

TEST_F(BatchQueryMetricsTest, TheFramesOfAQueryFollowOneAnother) {
  const BatchAnswer answer =
      Ask(service_, BatchOf({EveryNumber(), CommitsByAuthor(), EveryNumber(), CommitsByAuthor()}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  std::vector<int> told = answer.order;
  told.erase(std::unique(told.begin(), told.end()), told.end());
  EXPECT_THAT(told, SizeIs(4));
}

TEST_F(BatchQueryMetricsTest, AQueryThatFailsDoesNotFailTheOthers) {
  v1::QueryMetricsRequest misspelt = CommitsByAuthor();
  misspelt.set_where("autor = 'ann'");
  BatchAnswer answer =
      Ask(service_, BatchOf({misspelt, CommitsByAuthor(), RequestFor("comits", "count(*)"),
                             RequestFor("unloaded", "count(*)")}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.queries[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(answer.queries[0].status)->field, "where");
  EXPECT_THAT(DetailOf(answer.queries[0].status)->nearest, ElementsAre("author"));
  EXPECT_EQ(answer.queries[0].num_headers, 0);
  EXPECT_THAT(TextsOf(answer.queries[1]), SizeIs(3));
  EXPECT_EQ(answer.queries[2].status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(answer.queries[3].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(DetailOf(answer.queries[3].status)->retry_after_s.has_value());
}

TEST_F(BatchQueryMetricsTest, AQueryThatFailsWhileItRunsDoesNotFailTheOthers) {
  BatchAnswer answer =
      Ask(service_, BatchOf({RequestFor("numbers", "sum(9223372036854775807 - id)"),
                             RequestFor("commits", "count(*)")}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.queries[0].status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(answer.queries[1].status.ok()) << answer.queries[1].status;
}

TEST_F(BatchQueryMetricsTest, AllQueriesMayFail) {
  const BatchAnswer answer = Ask(service_, BatchOf({RequestFor("comits", "count(*)")}));
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.queries.at(0).status.code(), absl::StatusCode::kNotFound);
}

TEST_F(BatchQueryMetricsTest, ALargeAnswerIsWhole) {
  BatchAnswer answer = Ask(service_, BatchOf({EveryNumber(), EveryNumber()}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  for (auto& [number, one] : answer.queries) {
    EXPECT_EQ(one.num_rows(), 200'000);
    EXPECT_EQ(one.summary.batch_count(), one.batches.size());
  }
}

TEST_F(BatchQueryMetricsTest, AQueryThatBeginsAfterAPublicationIsOfTheVersionsBefore) {
  // More than the connection holds comes before the last query, so that it begins after the first
  // frame was read.
  std::vector<v1::QueryMetricsRequest> queries(7, EveryNumber());
  queries.push_back(RequestFor("commits", "count(*)"));
  grpc::ClientContext context;
  const auto reader = service_.metric_stub().BatchQueryMetrics(&context, BatchOf(queries));
  v1::BatchQueryMetricsResponse frame;
  ASSERT_TRUE(reader->Read(&frame));
  const auto next = TableOf({{"author", DataType::Of(TypeKind::kText), {Text("zoe")}}},
                            {.dataset = "commits", .version = 2});
  service_.cache().Publish({next}, 0, 0);
  StreamedAnswer last;
  while (reader->Read(&frame)) {
    if (frame.query() == 7) Take(frame, last);
  }
  ASSERT_TRUE(reader->Finish().ok());
  EXPECT_EQ(last.header.datasets(0).version(), 1);
  EXPECT_THAT(TextsOf(last), ElementsAre("5"));
}

TEST_F(BatchQueryMetricsTest, EachQueryHasItsOwnFormat) {
  v1::QueryMetricsRequest arrow = CommitsByAuthor();
  arrow.set_format(v1::RESULT_FORMAT_ARROW_IPC);
  BatchAnswer answer = Ask(service_, BatchOf({CommitsByAuthor(), arrow}));
  EXPECT_THAT(answer.queries[0].arrow, IsEmpty());
  EXPECT_THAT(answer.queries[1].batches, IsEmpty());
  ArrowCells cells(answer.queries[1].header.arrow_schema());
  for (const v1::ArrowMessage& message : answer.queries[1].arrow) cells.Add(message);
  EXPECT_EQ(cells.rows(), TextsOf(answer.queries[0]));
}

TEST_F(BatchQueryMetricsTest, QueriesShareTheResultCache) {
  TestService service({.result_cache_bytes = size_t{16} << 20});
  ASSERT_TRUE(QueryAll(service, CommitsByAuthor()).status.ok());
  BatchAnswer answer = Ask(service, BatchOf({CommitsByAuthor()}));
  EXPECT_TRUE(answer.queries[0].summary.from_result_cache());
}

TEST_F(BatchQueryMetricsTest, AllQueriesAreOfOneTenant) {
  const auto pages = [] {
    v1::QueryMetricsRequest request = RequestFor("visits", "count(*)");
    request.add_group_by()->set_column("page");
    return request;
  }();
  BatchAnswer answer = Ask(service_, BatchOf({pages, pages}), {.tenant = "other"});
  EXPECT_THAT(TextsOf(answer.queries[0]), ElementsAre("/secret|1"));
  EXPECT_THAT(TextsOf(answer.queries[1]), ElementsAre("/secret|1"));
}

TEST_F(BatchQueryMetricsTest, OfACallWithoutATenantOnlyQueriesThatNeedOneFail) {
  BatchAnswer answer =
      Ask(service_, BatchOf({RequestFor("visits", "count(*)"), CommitsByAuthor()}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.queries[0].status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(answer.queries[1].status.ok());
}

TEST_F(BatchQueryMetricsTest, TheNumberOfQueriesIsAllowedUpToItsEdge) {
  TestService service({.max_queries_per_batch = 3});
  const v1::QueryMetricsRequest one = CommitsByAuthor();
  EXPECT_THAT(Ask(service, BatchOf({one, one, one})).queries, SizeIs(3));
  const absl::Status status = Ask(service, BatchOf({one, one, one, one})).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status)->field, "queries");
  EXPECT_THAT(std::string(status.message()), HasSubstr("found 4 queries, allowed: 1 to 3"));
}

TEST_F(BatchQueryMetricsTest, ABatchOfNoQueriesIsRefused) {
  EXPECT_EQ(DetailOf(Ask(service_, {}).status)->field, "queries");
}

TEST_F(BatchQueryMetricsTest, ManyMoreQueriesThanRunAtATimeAreAllAnswered) {
  const std::vector<v1::QueryMetricsRequest> queries(64, CommitsByAuthor());
  const BatchAnswer answer = Ask(service_, BatchOf(queries));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  ASSERT_THAT(answer.queries, SizeIs(64));
  for (const auto& [number, one] : answer.queries) EXPECT_THAT(TextsOf(one), SizeIs(3)) << number;
}

TEST_F(BatchQueryMetricsTest, ADeadlineThatPassesEndsAll) {
  EXPECT_EQ(Ask(service_, BatchOf({EveryNumber(), EveryNumber()}), {.timeout_ms = 0}).status.code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(BatchQueryMetricsTest, AServerThatEndsRefusesIt) {
  service_.gate().Close();
  EXPECT_EQ(Ask(service_, BatchOf({CommitsByAuthor()})).status.code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(BatchQueryMetricsTest, AReaderThatGoesAwayEndsAll) {
  grpc::ClientContext context;
  const auto reader = service_.metric_stub().BatchQueryMetrics(
      &context, BatchOf(std::vector<v1::QueryMetricsRequest>(8, EveryNumber())));
  v1::BatchQueryMetricsResponse frame;
  ASSERT_TRUE(reader->Read(&frame));
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(BatchQueryMetricsTest, TheMemoryOfAQueryIsItsOwn) {
  TestService service({.memory_per_query_bytes = size_t{4} << 20});
  BatchAnswer answer = Ask(service, BatchOf({EveryNumber(), CommitsByAuthor()}));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.queries[0].status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(answer.queries[0].status)->reason, "MEMORY_LIMIT");
  EXPECT_TRUE(answer.queries[1].status.ok()) << answer.queries[1].status;
}

TEST_F(BatchQueryMetricsTest, TheCallIsCountedUnderItsName) {
  Ask(service_, BatchOf({CommitsByAuthor()}));
  EXPECT_THAT(
      service_.metrics().Text(),
      HasSubstr(
          "grpc_server_started_total{grpc_method=\"BatchQueryMetrics\",grpc_service=\"sextant."
          "v1.MetricService\",grpc_type=\"server_stream\"} 1"));
}

}  // namespace
}  // namespace sextant
