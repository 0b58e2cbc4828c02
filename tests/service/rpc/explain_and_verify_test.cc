#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

v1::QueryMetricsRequest LinesByAuthor() {
  v1::QueryMetricsRequest request = RequestFor("commits", "sum(lines)");
  request.add_group_by()->set_column("author");
  request.set_where("lines > 1 AND author IS NOT NULL");
  return request;
}

/// A source whose snapshot is what `service` has published, and whose SQL gives `rows`.
class PlantedSource final : public SourceConnection {
 public:
  explicit PlantedSource(std::vector<SourceRow> rows) : rows_(std::move(rows)) {}
  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> Lead(const GroupDatasets&,
                                                            std::stop_token) override {
    return absl::UnimplementedError("not led");
  }
  absl::Status Follow(std::shared_ptr<const GroupSnapshot>, std::stop_token) override {
    return absl::OkStatus();
  }
  absl::StatusOr<LoadedTable> Load(size_t, LoadPurpose, std::stop_token) override {
    return absl::UnimplementedError("not loaded");
  }
  absl::StatusOr<std::vector<SourceRow>> Query(const std::string& sql, int64_t timeout_us,
                                               std::stop_token) override {
    EXPECT_THAT(sql, HasSubstr("SELECT"));
    EXPECT_GT(timeout_us, 0);
    return rows_;
  }
  void End() override {}

 private:
  const std::vector<SourceRow> rows_;
};

TestServiceOptions WithSourceRows(const std::vector<SourceRow>& rows) {
  TestServiceOptions options;
  options.inspect = [rows](TableCache& cache, const std::vector<std::string>& datasets,
                           const Inspection& inspection) {
    PlantedSource source(rows);
    const auto tables = cache.Pin(datasets);
    if (!tables.ok()) return tables.status();
    inspection.done(inspection.inspect(source, *tables, {}));
    return absl::OkStatus();
  };
  return options;
}

absl::Status Verify(TestService& service, const v1::QueryMetricsRequest& query,
                    v1::VerifyMetricsResponse& response) {
  grpc::ClientContext context;
  v1::VerifyMetricsRequest request;
  *request.mutable_query() = query;
  return FromGrpcStatus(service.metric_stub().VerifyMetrics(&context, request, &response));
}

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

TEST(VerifyTest, AnAnswerThatTheSourceGivesTooIsEqual) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "3"}}));
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, LinesByAuthor(), response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response.equal());
  EXPECT_EQ(response.cells_compared(), 2);
}

TEST(VerifyTest, APlantedDifferenceIsFoundAndNamed) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "4"}}));
  v1::VerifyMetricsResponse response;
  ASSERT_TRUE(Verify(service, LinesByAuthor(), response).ok());
  EXPECT_FALSE(response.equal());
  ASSERT_THAT(response.differences(), SizeIs(1));
  EXPECT_EQ(response.differences(0).cell(), "author=ann");
  EXPECT_EQ(response.differences(0).ours(), "3");
  EXPECT_EQ(response.differences(0).sql(), "4");
}

TEST(VerifyTest, OneAfterAnotherIsAllowed) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "3"}}));
  v1::VerifyMetricsResponse response;
  ASSERT_TRUE(Verify(service, LinesByAuthor(), response).ok());
  EXPECT_TRUE(Verify(service, LinesByAuthor(), response).ok());
}

TEST(VerifyTest, ASourceThatCannotBeReachedIsTheAnswer) {
  TestService service;
  v1::VerifyMetricsResponse response;
  EXPECT_EQ(Verify(service, LinesByAuthor(), response).code(), absl::StatusCode::kUnavailable);
}

TEST(VerifyTest, RowsOfATenantNeedItsClaim) {
  TestService service(WithSourceRows({}));
  v1::VerifyMetricsResponse response;
  EXPECT_EQ(Verify(service, RequestFor("visits", "count(*)"), response).code(),
            absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace sextant
