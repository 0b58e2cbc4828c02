// A verification against a real PostgreSQL that does what no source should.

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/integration/sextantd/running_server.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// A server whose dataset holds the rows for which the function is_wanted() of the source is true.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    ExecuteSql(conninfo_, "CREATE TABLE items AS SELECT i AS id FROM generate_series(1, 1000) i");
    MakeFunction("true");
    server_ = std::make_unique<RunningServer>(
        absl::StrCat("sources:\n  - {name: s, conninfo: \"", conninfo_,
                     "\"}\ndatasets:\n  - name: items\n    source: s\n    table: items\n"
                     "    key: [id]\n    required: true\n    where: is_wanted()\n"));
    server_->WaitUntilReady();
  }

  void MakeFunction(const std::string& value) {
    ExecuteSql(conninfo_, absl::StrCat("CREATE OR REPLACE FUNCTION is_wanted() RETURNS bool "
                                       "LANGUAGE plpgsql AS $$ BEGIN RETURN ",
                                       value, "; END $$"));
  }

  absl::Status Verify(int64_t timeout_ms) {
    v1::VerifyMetricsRequest request;
    request.mutable_query()->set_dataset("items");
    auto* metric = request.mutable_query()->add_metrics()->mutable_definition();
    metric->set_name("n");
    metric->set_expression(expression_);
    if (bins_) {
      auto* histogram = request.mutable_query()->add_metrics()->mutable_definition();
      histogram->set_name("h");
      histogram->mutable_histogram()->set_of("n");
      histogram->mutable_histogram()->set_bins(*bins_);
    }
    if (level_) request.mutable_query()->mutable_confidence()->set_level(*level_);
    request.mutable_query()->set_samples(level_.has_value());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
    return FromGrpcStatus(v1::MetricService::NewStub(server_->NewChannel())
                              ->VerifyMetrics(&context, request, &response_));
  }

  std::string expression_ = "count(*)";
  std::optional<double> level_;  // of confidence; with it samples are asked for too
  std::optional<int32_t> bins_;  // of a histogram of its samples, "h"
  const std::string conninfo_ = PostgresCluster::Shared().CreateDatabase();
  std::unique_ptr<RunningServer> server_;
  v1::VerifyMetricsResponse response_;
};

TEST_F(VerifyTest, ItIsEqual) {
  const absl::Status status = Verify(30'000);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response_.equal());
}

TEST_F(VerifyTest, Rule25BoundsWithoutSqlAreNamedAndAllElseIsCompared) {
  level_ = 0.8;
  for (const char* expression :
       {"avg(id)", "median(id)", "percentile_disc(0.5) WITHIN GROUP (ORDER BY id)"}) {
    expression_ = expression;
    const absl::Status status = Verify(30'000);
    ASSERT_TRUE(status.ok()) << expression << ": " << status;
    EXPECT_TRUE(response_.equal()) << expression;
    EXPECT_THAT(response_.not_compared(), ::testing::ElementsAre("n.min", "n.max")) << expression;
  }
}

TEST_F(VerifyTest, AHistogramIsComparedWhereItsBinsHaveSql) {
  expression_ = "avg(id)";
  bins_ = 7;
  const absl::Status status = Verify(30'000);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response_.equal());
  EXPECT_EQ(response_.not_compared_size(), 0);
  bins_ = 0;
  const absl::Status automatic = Verify(30'000);
  ASSERT_TRUE(automatic.ok()) << automatic;
  EXPECT_TRUE(response_.equal());
  EXPECT_THAT(response_.not_compared(), ::testing::ElementsAre("h", "h.edges"));
}

// What a row cannot compute is NULL in the answer, so it must not fail the SQL (22003, 22008).
TEST_F(VerifyTest, Rule5OverflowOfARowIsNullInTheSqlToo) {
  for (const char* expression :
       {"max(id::float8 * '1.7e308'::float8)", "max((id::float8 * '1e300'::float8)::float4)",
        "max(date '2024-01-01' + id * 2147000)", "sum(id::float8 * '1.7e308'::float8)",
        "count(id::float8 * '1.7e308'::float8)"}) {
    expression_ = expression;
    const absl::Status status = Verify(30'000);
    ASSERT_TRUE(status.ok()) << expression << ": " << status;
    EXPECT_TRUE(response_.equal()) << expression;
  }
}

TEST_F(VerifyTest, ItsDeadlineEndsItInPostgresToo) {
  MakeFunction("pg_sleep(600) IS NULL");
  const absl::Status status = Verify(2'000);
  // Whether the server or gRPC's client says it first is chance; VerifyDeadlineTest has the detail.
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  // Nobody sleeps any more, long before the sleep is over: else the test ends by its limit of time.
  while (ExecuteSqlScalar(conninfo_,
                          "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                          "current_database() AND wait_event = 'PgSleep'") != "0") {
  }
}

TEST_F(VerifyTest, WhatTheSourceSaysOfItsErrorIsForTheLog) {
  ExecuteSql(conninfo_, "DROP FUNCTION is_wanted");
  const absl::Status status = Verify(30'000);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  ASSERT_TRUE(DetailOf(status).has_value()) << status;
  EXPECT_EQ(DetailOf(status)->reason, "SOURCE_REFUSED");
  EXPECT_THAT(DetailOf(status)->metadata, Contains(Pair("sqlstate", "42883")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("is_wanted")));
  EXPECT_THAT(server_->Log(), HasSubstr("is_wanted"));
}

}  // namespace
}  // namespace sextant
