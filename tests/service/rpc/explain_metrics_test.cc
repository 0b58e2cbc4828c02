#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/inspection_calls.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ExplainTest : public ::testing::Test {
 protected:
  absl::Status Explain(const v1::QueryMetricsRequest& query) {
    grpc::ClientContext context;
    v1::ExplainMetricsRequest request;
    *request.mutable_query() = query;
    return FromGrpcStatus(service_.metric_stub().ExplainMetrics(&context, request, &response_));
  }

  TestService service_;
  v1::ExplainMetricsResponse response_;
};

TEST_F(ExplainTest, EveryStepTellsItsRows) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  std::vector<std::string> steps;
  int64_t selected = 0;
  for (const v1::ExplainStep& step : response_.steps()) {
    steps.push_back(step.name());
    if (step.name() == "aggregate") selected = step.rows_in();
  }
  EXPECT_THAT(steps, ElementsAre("scan", "filter", "filter", "aggregate", "merge", "result"));
  EXPECT_EQ(response_.steps(0).rows_in(), 5);
  EXPECT_EQ(selected, 2);
  EXPECT_EQ(response_.summary().cells(), 2);
}

TEST_F(ExplainTest, EveryStepButAMergeTellsWhatWasExpectedOfIt) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  for (const v1::ExplainStep& step : response_.steps()) {
    EXPECT_EQ(step.has_rows_estimated(), step.name() != "merge") << step.name();
    EXPECT_GE(step.rows_estimated(), 0);
    EXPECT_LE(step.rows_estimated(), 5);
  }
}

TEST_F(ExplainTest, AnAggregateAndTheResultTellTheirCells) {
  v1::QueryMetricsRequest query = LinesByAuthor();
  query.set_limit(1);
  ASSERT_TRUE(Explain(query).ok());
  const v1::ExplainStep& aggregate = response_.steps(3);
  ASSERT_EQ(aggregate.name(), "aggregate");
  EXPECT_EQ(aggregate.rows_out(), 2);
  const v1::ExplainStep& result = response_.steps(5);
  ASSERT_EQ(result.name(), "result");
  EXPECT_EQ(result.rows_in(), 2);
  EXPECT_EQ(result.rows_out(), 1);
  EXPECT_LE(result.rows_estimated(), 1);
}

TEST_F(ExplainTest, AnAggregateTellsHowMuchOfWhatIsAskedIsDone) {
  v1::QueryMetricsRequest query = LinesByAuthor();
  v1::MetricDefinition& doubled = *query.add_metrics()->mutable_definition();
  doubled.set_name("doubled");
  doubled.set_expression("2 * sum(lines)");
  ASSERT_TRUE(Explain(query).ok());
  for (const v1::ExplainStep& step : response_.steps()) {
    EXPECT_EQ(step.has_shared(), step.name() == "aggregate") << step.name();
    if (!step.has_shared()) continue;
    EXPECT_EQ(step.shared().aggregates_asked(), 2);
    EXPECT_EQ(step.shared().aggregates(), 1);
    EXPECT_EQ(step.shared().states_asked(), 2);
    EXPECT_EQ(step.shared().states(), 1);
  }
}

TEST_F(ExplainTest, FiltersAndNothingElseTellHowTheirRowsWereFound) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  for (const v1::ExplainStep& step : response_.steps()) {
    EXPECT_EQ(step.parts(), step.name() == "filter" ? 1 : 0) << step.name();
    EXPECT_LE(step.parts_by_index(), step.parts());
  }
}

TEST_F(ExplainTest, FiltersAreInTheOrderInWhichTheyWereRun) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  EXPECT_EQ(response_.steps(1).rows_in(), response_.steps(0).rows_out());
  EXPECT_EQ(response_.steps(2).rows_in(), response_.steps(1).rows_out());
  EXPECT_EQ(response_.steps(3).rows_in(), response_.steps(2).rows_out());
}

TEST_F(ExplainTest, AConditionIsShownInTheNamesOfTheDataset) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  EXPECT_THAT(response_.steps(1).detail() + response_.steps(2).detail(),
              AllOf(HasSubstr("\"lines\""), HasSubstr("\"author\"")));
}

TEST_F(ExplainTest, TheSqlIsOverTheSourceTableAndComplete) {
  ASSERT_TRUE(Explain(LinesByAuthor()).ok());
  EXPECT_THAT(response_.sql(), AllOf(HasSubstr("FROM commits"), HasSubstr("\"lines\"")));
  EXPECT_THAT(response_.without_sql(), SizeIs(0));
}

TEST_F(ExplainTest, AWrongRequestIsRefusedAsAQueryIs) {
  v1::QueryMetricsRequest query = LinesByAuthor();
  query.set_where("linse > 1");
  const absl::Status status = Explain(query);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status)->field, "where");
}

TEST_F(ExplainTest, AnAnswerThatNoClientWouldTakeIsRefused) {
  // A line of SQL for each of 99,360 minutes.
  v1::QueryMetricsRequest query = RequestFor("commits", "count(*)");
  query.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
  query.add_series()->set_interval("minute");
  query.mutable_time_range()->set_from("1970-01-01");
  query.mutable_time_range()->set_to("1970-03-11");
  const absl::Status status = Explain(query);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "RESPONSE_TOO_LARGE");
}

TEST(ExplainSettingTest, SwitchedOffItIsNotPermitted) {
  TestService service({.inspection = {.allow_explain = false}});
  grpc::ClientContext context;
  v1::ExplainMetricsRequest request;
  *request.mutable_query() = LinesByAuthor();
  v1::ExplainMetricsResponse response;
  const absl::Status status =
      FromGrpcStatus(service.metric_stub().ExplainMetrics(&context, request, &response));
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "SWITCHED_OFF");
  EXPECT_THAT(response.sql(), IsEmpty());
}

}  // namespace
}  // namespace sextant
