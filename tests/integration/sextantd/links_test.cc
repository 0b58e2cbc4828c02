// Linked datasets of a catalogue, as a client meets them.

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sextant/v1/catalog_service.grpc.pb.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/integration/sextantd/running_server.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Both accounts have issues of the same numbers, with other labels and priorities.
constexpr char kMakeTables[] = R"sql(
CREATE TABLE pulls AS
SELECT a AS account, i AS id, CASE WHEN i % 5 > 0 THEN i % 40 END AS issue_id, i % 100 AS lines
FROM generate_series(1, 2) a, generate_series(1, 600) i;
CREATE TABLE issues AS
SELECT a AS account, i AS id, CASE (i + a) % 3 WHEN 0 THEN 'High' WHEN 1 THEN 'Low' END AS priority,
       ARRAY[CASE WHEN (i + a) % 2 = 0 THEN 'X' ELSE 'Y' END] AS labels
FROM generate_series(1, 2) a, generate_series(1, 30) i;
CREATE TABLE reviews AS
SELECT a AS account, i AS id, i % 500 AS pull_id, CASE WHEN (i + a) % 7 < 2 THEN 'APPROVED' ELSE 'COMMENTED' END AS state,
       timestamptz '2024-01-01 00:00+00' + i * interval '3 hours' AS submitted_at
FROM generate_series(1, 2) a, generate_series(1, 900) i)sql";

constexpr char kCatalog[] = R"yaml(
groups:
  - {name: work}
datasets:
  - name: pulls
    source: s
    table: pulls
    key: [id]
    tenant: account
    group: work
    required: true
    links:
      - {name: issue, dataset: issues, on: issue_id = id, attributes: [priority]}
      - {name: reviews, dataset: reviews, on: id = pull_id}
    derived:
      num_reviews: count(reviews)
      first_approval: "min(reviews.submitted_at) FILTER (WHERE state = 'APPROVED')"
  - {name: issues, source: s, table: issues, key: [id], tenant: account, group: work}
  - {name: reviews, source: s, table: reviews, key: [id], tenant: account, group: work}
sets:
  - {name: kinds, members: {approved: "exists_in(reviews, state = 'APPROVED')", linked: exists_in(issue)}}
metrics:
  - {name: urgent, dataset: pulls, expression: "count(*) FILTER (WHERE issue.priority = 'High')"}
  - {name: approved, dataset: pulls, expression: count(*), at: first_approval}
)yaml";

class LinksTest : public ::testing::Test {
 protected:
  LinksTest() {
    ExecuteSql(conninfo_, kMakeTables);
    server_ = std::make_unique<RunningServer>(
        absl::StrCat("sources:\n  - {name: s, conninfo: \"", conninfo_, "\"}", kCatalog));
    server_->WaitUntilReady();
  }

  static void Claim(grpc::ClientContext& context) {
    context.AddMetadata("x-sextant-tenant", "2");
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }

  static v1::QueryMetricsRequest Ask(const std::string& expression) {
    v1::QueryMetricsRequest request;
    request.set_dataset("pulls");
    auto* metric = request.add_metrics()->mutable_definition();
    metric->set_name("n");
    metric->set_expression(expression);
    return request;
  }

  /// The integers of the answer, column after column.
  std::vector<int64_t> Answer(const v1::QueryMetricsRequest& query) {
    v1::ComputeMetricsRequest request;
    *request.mutable_query() = query;
    v1::ComputeMetricsResponse response;
    grpc::ClientContext context;
    Claim(context);
    const grpc::Status status = v1::MetricService::NewStub(server_->NewChannel())
                                    ->ComputeMetrics(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<int64_t> values;
    for (const v1::Batch& batch : response.batches()) {
      for (const v1::ColumnData& column : batch.columns()) {
        values.insert(values.end(), column.ints().values().begin(), column.ints().values().end());
      }
    }
    return values;
  }

  v1::VerifyMetricsResponse Verify(const v1::QueryMetricsRequest& query) {
    v1::VerifyMetricsRequest request;
    *request.mutable_query() = query;
    v1::VerifyMetricsResponse response;
    grpc::ClientContext context;
    Claim(context);
    const grpc::Status status = v1::MetricService::NewStub(server_->NewChannel())
                                    ->VerifyMetrics(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::vector<int64_t> Numbers(const std::string& sql) {
    std::vector<int64_t> numbers;
    for (const auto& row : ExecuteSql(conninfo_, sql)) numbers.push_back(std::stoll(*row[0]));
    return numbers;
  }

  const std::string conninfo_ = PostgresCluster::Shared().CreateDatabase();
  std::unique_ptr<RunningServer> server_;
};

constexpr char kIssueOfPull[] = "i.account = 2 AND i.id = p.issue_id";

TEST_F(LinksTest, PullsWhoseIssueHasALabelByThePriorityOfTheIssueAreOneRequest) {
  v1::QueryMetricsRequest query = Ask("count(*)");
  query.set_where("exists_in(issue, 'X' = ANY(labels))");
  query.add_group_by()->set_column("issue.priority");
  const std::vector<int64_t> expected =
      Numbers(absl::StrCat("SELECT count(*) FROM pulls p JOIN issues i ON ", kIssueOfPull,
                           " WHERE p.account = 2 AND 'X' = ANY(i.labels) GROUP BY i.priority ORDER "
                           "BY i.priority NULLS LAST"));
  EXPECT_EQ(Answer(query), expected);
  EXPECT_EQ(expected.size(), 3u);
}

TEST_F(LinksTest, ATypedFilterMeansWhatTextMeans) {
  v1::QueryMetricsRequest query = Ask("sum(lines)");
  v1::LinkFilter* none = query.mutable_filter()->mutable_none_in();
  none->set_link("reviews");
  v1::Comparison* comparison = none->mutable_filter()->mutable_comparison();
  comparison->mutable_operand()->set_column("state");
  comparison->set_operator_(v1::Comparison::OPERATOR_EQUAL);
  comparison->mutable_value()->set_string_value("APPROVED");
  EXPECT_EQ(
      Answer(query),
      Numbers("SELECT sum(lines) FROM pulls p WHERE account = 2 AND NOT EXISTS (SELECT FROM "
              "reviews v WHERE v.account = 2 AND v.pull_id = p.id AND v.state = 'APPROVED')"));
}

TEST_F(LinksTest, VerificationComparesWithTheLinkedTablesOfItsSnapshot) {
  ExecuteSql(conninfo_, "UPDATE issues SET priority = 'High' WHERE id % 4 = 0");
  v1::QueryMetricsRequest query = Ask("sum(num_reviews) FILTER (WHERE issue.priority = 'High')");
  query.add_metrics()->set_name("urgent");
  query.add_metrics()->set_name("approved");
  query.add_group_by()->mutable_sets()->set_name("kinds");
  query.set_where("none_in(issue, priority = 'Low') OR num_reviews > 1");
  const v1::VerifyMetricsResponse response = Verify(query);
  EXPECT_TRUE(response.equal()) << response.DebugString();
  EXPECT_GT(response.cells_compared(), 1);
  EXPECT_THAT(response.sql(), HasSubstr("EXISTS (SELECT 1 FROM"));
}

TEST_F(LinksTest, ADatasetShowsItsLinksAndTheirColumns) {
  v1::GetDatasetRequest request;
  request.set_name("pulls");
  v1::GetDatasetResponse response;
  grpc::ClientContext context;
  Claim(context);
  ASSERT_TRUE(v1::CatalogService::NewStub(server_->NewChannel())
                  ->GetDataset(&context, request, &response)
                  .ok());
  std::vector<std::string> linked;
  for (const v1::DatasetColumn& column : response.dataset().columns()) {
    if (!column.link().empty()) linked.push_back(absl::StrCat(column.link(), ": ", column.name()));
  }
  EXPECT_THAT(linked, ElementsAre("issue: issue.priority", "reviews: num_reviews",
                                  "reviews: first_approval"));
  ASSERT_EQ(response.dataset().links_size(), 2);
  EXPECT_EQ(response.dataset().links(0).dataset(), "issues");
  EXPECT_FALSE(response.dataset().links(0).many());
  EXPECT_TRUE(response.dataset().links(1).many());
}

TEST_F(LinksTest, RowsBehindACellHaveTheColumnsOfLinkedRows) {
  v1::QueryRowsRequest request;
  *request.mutable_query() = Ask("count(*)");
  request.mutable_query()->set_where("exists_in(issue, priority = 'High')");
  request.add_columns("num_reviews");
  request.add_order_by()->set_name("id");
  grpc::ClientContext context;
  Claim(context);
  const auto stub = v1::MetricService::NewStub(server_->NewChannel());
  const auto reader = stub->QueryRows(&context, request);
  std::vector<int64_t> counts;
  for (v1::QueryRowsResponse frame; reader->Read(&frame);) {
    for (const v1::ColumnData& column : frame.batch().columns()) {
      counts.insert(counts.end(), column.ints().values().begin(), column.ints().values().end());
    }
  }
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(counts,
            Numbers(absl::StrCat(
                "SELECT (SELECT count(*) FROM reviews v WHERE v.account = 2 AND v.pull_id = "
                "p.id) FROM pulls p WHERE account = 2 AND EXISTS (SELECT FROM issues i WHERE ",
                kIssueOfPull, " AND i.priority = 'High') ORDER BY id")));
}

}  // namespace
}  // namespace sextant
