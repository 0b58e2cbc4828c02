// The rows behind cells, against SQL written out here over the same table.

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/integration/sextantd/running_server.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::ElementsAreArray;

/// Pull requests of two accounts over a year, with the hour that Berlin leaves out.
constexpr char kMakePulls[] = R"sql(
CREATE TABLE pulls AS
SELECT i AS id, CASE WHEN i % 3 = 0 THEN 1 ELSE 2 END AS account,
       CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'web' ELSE 'app' END AS team,
       ARRAY[CASE WHEN i % 2 = 0 THEN 'bug' END, CASE WHEN i % 7 < 3 THEN 'ui' ELSE 'bug' END] AS labels,
       i % 100 AS lines,
       timestamptz '2024-01-01 00:00+00' + i * interval '79 minutes' AS opened_at,
       CASE WHEN i % 4 > 0
            THEN timestamptz '2024-01-01 00:00+00' + i * interval '79 minutes' + (i % 40) * interval '9 hours'
       END AS closed_at
FROM generate_series(1, 6000) i)sql";

constexpr char kCatalog[] = R"yaml(
datasets:
  - name: pulls
    source: s
    table: pulls
    key: [id]
    tenant: account
    required: true
    derived: {half: lines / 2}
sets:
  - {name: sizes, members: {small: "lines < 60", large: "lines > 40"}}
metrics:
  - {name: opened, dataset: pulls, expression: count(*), at: opened_at, filter: lines > 5}
  - {name: open, dataset: pulls, expression: count(*), during: [opened_at, closed_at]}
)yaml";

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() {
    ExecuteSql(conninfo_, kMakePulls);
    server_ = std::make_unique<RunningServer>(
        absl::StrCat("sources:\n  - {name: s, conninfo: \"", conninfo_, "\"}", kCatalog));
    server_->WaitUntilReady();
  }

  /// The ids of the rows, in the order of the answer.
  std::vector<std::string> IdsOf(v1::QueryRowsRequest request) {
    request.add_columns("id");
    request.set_limit(10'000);
    grpc::ClientContext context;
    context.AddMetadata("x-sextant-tenant", "1");
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const auto stub = v1::MetricService::NewStub(server_->NewChannel());
    const auto reader = stub->QueryRows(&context, request);
    std::vector<std::string> ids;
    for (v1::QueryRowsResponse frame; reader->Read(&frame);) {
      for (const v1::ColumnData& column : frame.batch().columns()) {
        for (const int64_t id : column.ints().values()) ids.push_back(absl::StrCat(id));
      }
    }
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return ids;
  }
  /// The same in SQL, of account 1.
  std::vector<std::string> IdsWhere(const std::string& condition,
                                    const std::string& order = "lines DESC, id") {
    std::vector<std::string> ids;
    for (const auto& row :
         ExecuteSql(conninfo_, absl::StrCat("SELECT id FROM pulls WHERE account = 1 AND ",
                                            condition, " ORDER BY ", order))) {
      ids.push_back(row[0].value_or("NULL"));
    }
    EXPECT_FALSE(ids.empty()) << condition;
    return ids;
  }

  static v1::QueryRowsRequest RowsOf(const std::string& metric) {
    v1::QueryRowsRequest request;
    v1::QueryMetricsRequest& query = *request.mutable_query();
    query.add_metrics()->set_name(metric);
    query.set_time_zone("Europe/Berlin");
    query.mutable_time_range()->set_from("2024-03-01");
    query.mutable_time_range()->set_to("2024-05-01");
    query.add_series()->set_interval("day");
    v1::OrderBy& order = *request.add_order_by();
    order.set_name("lines");
    order.set_descending(true);
    request.add_order_by()->set_name("id");
    return request;
  }
  static v1::GroupValue& AddGroup(const std::string& axis, v1::QueryRowsRequest& request) {
    v1::GroupValue& group = *request.add_group();
    group.set_axis(axis);
    return group;
  }

  const std::string conninfo_ = PostgresCluster::Shared().CreateDatabase();
  std::unique_ptr<RunningServer> server_;
};

constexpr char kInRange[] =
    "lines > 5 AND opened_at >= timestamptz '2024-03-01 00:00 Europe/Berlin' "
    "AND opened_at < timestamptz '2024-05-01 00:00 Europe/Berlin'";

TEST_F(RowsTest, OfADayThatLacksAnHour) {
  v1::QueryRowsRequest request = RowsOf("opened");
  request.set_start("2024-03-31");
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(
                  "lines > 5 AND opened_at >= timestamptz '2024-03-31 00:00 Europe/Berlin' "
                  "AND opened_at < timestamptz '2024-04-01 00:00 Europe/Berlin'")));
}

TEST_F(RowsTest, OfAGroupAndOfThatOfNull) {
  v1::QueryRowsRequest request = RowsOf("opened");
  request.mutable_query()->add_group_by()->set_column("team");
  v1::GroupValue& team = AddGroup("team", request);
  team.mutable_value()->set_string_value("web");
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(absl::StrCat(kInRange, " AND team = 'web'"))));
  team.set_is_null(true);
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(absl::StrCat(kInRange, " AND team IS NULL"))));
}

TEST_F(RowsTest, OfAnElementAndOfThatOfNull) {
  v1::QueryRowsRequest request = RowsOf("opened");
  request.mutable_query()->add_group_by()->set_list_element("labels");
  v1::GroupValue& label = AddGroup("labels", request);
  label.mutable_value()->set_string_value("bug");
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(absl::StrCat(kInRange, " AND 'bug' = ANY (labels)"))));
  label.set_is_null(true);
  EXPECT_THAT(IdsOf(request), ElementsAreArray(IdsWhere(absl::StrCat(
                                  kInRange, " AND array_position(labels, NULL) IS NOT NULL"))));
}

TEST_F(RowsTest, OfOverlappingSetsAndTheirTotal) {
  v1::QueryRowsRequest request = RowsOf("opened");
  request.mutable_query()->add_group_by()->mutable_sets()->set_name("sizes");
  EXPECT_THAT(IdsOf(request), ElementsAreArray(IdsWhere(kInRange)));
  AddGroup("sizes", request).mutable_value()->set_string_value("large");
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(absl::StrCat(kInRange, " AND lines > 40"))));
}

TEST_F(RowsTest, OfABin) {
  v1::QueryRowsRequest request = RowsOf("opened");
  v1::Bins& bins = *request.mutable_query()->add_group_by()->mutable_bins();
  bins.set_column("lines");
  for (const char* edge : {"0", "20", "50"}) bins.add_edges(edge);
  AddGroup("lines", request).mutable_value()->set_int_value(20);
  EXPECT_THAT(
      IdsOf(request),
      ElementsAreArray(IdsWhere(absl::StrCat(kInRange, " AND lines >= 20 AND lines < 50"))));
}

TEST_F(RowsTest, OfASpanThatOverlapsTheInterval) {
  v1::QueryRowsRequest request = RowsOf("open");
  request.set_start("2024-04-10");
  EXPECT_THAT(IdsOf(request),
              ElementsAreArray(IdsWhere(
                  "opened_at < timestamptz '2024-04-11 00:00 Europe/Berlin' AND "
                  "(closed_at IS NULL OR closed_at > timestamptz '2024-04-10 00:00 Europe/Berlin' "
                  "OR (opened_at = closed_at AND "
                  "opened_at >= timestamptz '2024-04-10 00:00 Europe/Berlin'))")));
}

TEST_F(RowsTest, OfADatasetByADerivedColumn) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("pulls");
  request.mutable_query()->set_where("half >= 49");
  request.add_order_by()->set_name("half");
  request.add_order_by()->set_name("id");
  EXPECT_THAT(IdsOf(request), ElementsAreArray(IdsWhere("lines / 2 >= 49", "lines / 2, id")));
}

}  // namespace
}  // namespace sextant
