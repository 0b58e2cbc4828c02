#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

class MetricCatalogServiceTest : public ::testing::Test {
 protected:
  absl::Status List(int page_size, const std::string& token, const std::string& dataset = "") {
    grpc::ClientContext context;
    v1::ListMetricsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    request.set_dataset(dataset);
    return FromGrpcStatus(service_.catalog_stub().ListMetrics(&context, request, &list_));
  }
  absl::Status Get(const std::string& name) {
    grpc::ClientContext context;
    v1::GetMetricRequest request;
    request.set_name(name);
    return FromGrpcStatus(service_.catalog_stub().GetMetric(&context, request, &metric_));
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const v1::Metric& metric : list_.metrics()) names.push_back(metric.definition().name());
    return names;
  }

  TestService service_;
  v1::ListMetricsResponse list_;
  v1::GetMetricResponse metric_;
};

TEST_F(MetricCatalogServiceTest, MetricsAreListedByName) {
  ASSERT_TRUE(List(0, "").ok());
  EXPECT_THAT(Names(), ElementsAre("commits", "lines", "lines-per-commit"));
  EXPECT_EQ(list_.next_page_token(), "");
}

TEST_F(MetricCatalogServiceTest, PagesFollowOneAnother) {
  ASSERT_TRUE(List(2, "").ok());
  EXPECT_THAT(Names(), ElementsAre("commits", "lines"));
  ASSERT_TRUE(List(2, list_.next_page_token()).ok());
  EXPECT_THAT(Names(), ElementsAre("lines-per-commit"));
}

TEST_F(MetricCatalogServiceTest, AMetricIsOfTheDatasetsOfWhatItRestsOn) {
  ASSERT_TRUE(List(0, "", "commits").ok());
  EXPECT_THAT(Names(), ElementsAre("commits", "lines", "lines-per-commit"));
  ASSERT_TRUE(List(0, "", "visits").ok());
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_F(MetricCatalogServiceTest, APageOfANegativeSizeIsRefused) {
  EXPECT_EQ(List(-1, "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(List(1001, "").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(MetricCatalogServiceTest, AMetricComesWithWhatItRestsOn) {
  ASSERT_TRUE(Get("lines-per-commit").ok());
  EXPECT_EQ(metric_.metric().definition().ratio().denominator(), "commits");
  EXPECT_THAT(metric_.metric().operands(), ElementsAre("lines", "commits"));
  ASSERT_EQ(metric_.components_size(), 2);
  EXPECT_EQ(metric_.components(0).definition().expression(), "count(*)");
  EXPECT_EQ(metric_.components(0).definition().at(), "committed_at");
  EXPECT_EQ(metric_.components(0).description(), "Of commits.");
}

TEST_F(MetricCatalogServiceTest, AnUnknownMetricIsNotFoundAndTheNearestIsNamed) {
  const absl::Status status = Get("comits");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(DetailOf(status)->resource_type, "metric");
}

TEST_F(MetricCatalogServiceTest, AMetricWithoutANameIsRefused) {
  EXPECT_EQ(Get("").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(MetricCatalogServiceTest, CalendarsAreListedByName) {
  grpc::ClientContext context;
  v1::ListCalendarsResponse list;
  const grpc::Status status =
      service_.catalog_stub().ListCalendars(&context, v1::ListCalendarsRequest(), &list);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(list.calendars_size(), 2);
  const v1::Calendar& half = list.calendars(0);
  EXPECT_EQ(half.name(), "half");
  EXPECT_EQ(half.description(), "Of a day, then of two.");
  EXPECT_EQ(half.dataset(), "halves");
  EXPECT_EQ(half.start(), "first");
  EXPECT_EQ(half.end(), "");
  EXPECT_EQ(half.last_day(), "last");
  EXPECT_EQ(half.label(), "name");
}

TEST_F(MetricCatalogServiceTest, PagesOfCalendarsFollowOneAnother) {
  std::vector<std::string> names;
  v1::ListCalendarsRequest request;
  request.set_page_size(1);
  do {
    grpc::ClientContext context;
    v1::ListCalendarsResponse page;
    ASSERT_TRUE(service_.catalog_stub().ListCalendars(&context, request, &page).ok());
    ASSERT_EQ(page.calendars_size(), 1);
    names.push_back(page.calendars(0).name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("half", "term"));
}

}  // namespace
}  // namespace sextant
