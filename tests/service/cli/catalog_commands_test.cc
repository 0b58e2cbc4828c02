#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/cli/commands.h"
#include "sextant/v1/catalog_service.grpc.pb.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// A server of one dataset with tenants, of which the caller may see `rows`.
class OneDataset final : public v1::CatalogService::Service {
 public:
  explicit OneDataset(int64_t rows) : rows_(rows) {}

  grpc::Status ListDatasets(grpc::ServerContext*, const v1::ListDatasetsRequest*,
                            v1::ListDatasetsResponse* response) override {
    *response->add_datasets() = Orders();
    return grpc::Status::OK;
  }

  grpc::Status ListCalendars(grpc::ServerContext*, const v1::ListCalendarsRequest* request,
                             v1::ListCalendarsResponse* response) override {
    v1::Calendar& calendar = *response->add_calendars();
    calendar.set_name(request->page_token().empty() ? "fiscal_month" : "term");
    calendar.set_dataset("periods");
    calendar.set_start("first_day");
    if (request->page_token().empty()) {
      calendar.set_last_day("last_day");
      calendar.set_label("name");
      calendar.set_description("Of 4 or 5 weeks.");
      response->set_next_page_token("fiscal_month");
    } else {
      calendar.set_end("after");
    }
    return grpc::Status::OK;
  }

  grpc::Status GetMetric(grpc::ServerContext*, const v1::GetMetricRequest*,
                         v1::GetMetricResponse* response) override {
    v1::Metric& metric = *response->mutable_metric();
    metric.add_datasets("check_runs");
    v1::MetricDefinition& definition = *metric.mutable_definition();
    definition.set_name("suite-minutes");
    definition.set_expression("avg(\n  minutes)");
    definition.mutable_per()->add_keys("suite_id");
    v1::PerKey::Column& minutes = *definition.mutable_per()->add_select();
    minutes.set_name("minutes");
    minutes.set_expression("count(*) * 2");
    definition.set_domain("value > 0");
    return grpc::Status::OK;
  }

  grpc::Status GetDataset(grpc::ServerContext*, const v1::GetDatasetRequest*,
                          v1::GetDatasetResponse* response) override {
    *response->mutable_dataset() = Orders();
    return grpc::Status::OK;
  }

 private:
  v1::Dataset Orders() const {
    v1::Dataset dataset;
    dataset.set_name("orders");
    dataset.set_state(v1::DATASET_STATE_SERVING);
    dataset.set_version(7);
    dataset.set_as_of("2026-01-02T00:00:00+00:00");
    dataset.set_tenant_column("account_id");
    dataset.set_row_count(rows_);
    v1::DatasetStatistics& size = *dataset.add_statistics();
    size.set_column("size");
    size.set_null_count(1234);
    size.set_min_value("-7");
    size.set_max_value("12\x1b");
    size.set_distinct_count(5678);
    size.set_parts(4);
    size.set_parts_sorted(3);
    size.set_memory_bytes(2112);
    size.set_build_us(45);
    return dataset;
  }

  const int64_t rows_;
};

/// What a command prints that `run` runs against `service`.
template <typename Run>
std::string PrintOf(OneDataset& service, const std::string& tenant, Run run) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ConnectionFlags connection;
  connection.address = absl::StrCat("127.0.0.1:", port);
  connection.tenant = tenant;
  std::ostringstream out;
  std::ostringstream errors;
  EXPECT_EQ(run(connection, out, errors), kExitOk) << errors.str();
  return out.str();
}

/// What `sextant datasets [NAME]` prints.
std::string Print(int64_t rows, const std::string& tenant, const std::string& name) {
  OneDataset service(rows);
  return PrintOf(service, tenant,
                 [&](const ConnectionFlags& connection, std::ostream& out, std::ostream& errors) {
                   return RunDatasets(connection, name, out, errors);
                 });
}

TEST(MetricsCommandTest, AMetricOfTwoLevelsIsShownWithBoth) {
  OneDataset service(0);
  const auto run = [](const ConnectionFlags& connection, std::ostream& out, std::ostream& errors) {
    return RunMetrics(connection, "suite-minutes", out, errors);
  };
  EXPECT_EQ(PrintOf(service, "", run),
            "suite-minutes = avg( minutes)\n"
            "  dataset: check_runs\n"
            "  a row per: suite_id\n"
            "    minutes = count(*) * 2\n"
            "  samples: value > 0\n");
}

TEST(CalendarsCommandTest, CalendarsAreListedWithTheirColumns) {
  OneDataset service(0);
  EXPECT_EQ(PrintOf(service, "", RunCalendars),
            "calendar      dataset  start      end                  label  description\n"
            "------------  -------  ---------  -------------------  -----  ----------------\n"
            "fiscal_month  periods  first_day  last_day (last day)  name   Of 4 or 5 weeks.\n"
            "term          periods  first_day  after\n");
}

TEST(DatasetsCommandTest, ATenantSeesHowManyRowsItHas) {
  EXPECT_THAT(Print(1200, "acme", ""), HasSubstr("1,200"));
  EXPECT_THAT(Print(1200, "acme", "orders"), HasSubstr("T00:00:00+00:00, 1,200 rows"));
}

TEST(DatasetsCommandTest, ATenantWithoutRowsReadsNone) {
  EXPECT_THAT(Print(0, "acme", "orders"), HasSubstr(" 0 rows"));
}

TEST(DatasetsCommandTest, WithoutATenantTheRowsOfTenantsAreUnknownAndNotNone) {
  EXPECT_THAT(Print(0, "", ""), HasSubstr("     -"));
  EXPECT_THAT(Print(0, "", "orders"), Not(HasSubstr("rows")));
}

TEST(DatasetsCommandTest, StatisticsAreATableOfColumns) {
  const std::string printed = Print(0, "", "orders");
  EXPECT_THAT(printed, HasSubstr("statistics of"));
  EXPECT_THAT(printed, MatchesRegex("(.|\n)*size +1,234 +~5,678 +-7 +12[^ ]+ +3/4 +2,112 +45\n"));
}

TEST(DatasetsCommandTest, AValueCannotSteerTheTerminal) {
  EXPECT_THAT(Print(0, "", "orders"), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace sextant
