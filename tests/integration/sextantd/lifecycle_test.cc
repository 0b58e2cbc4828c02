#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/integration/sextantd/running_server.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A catalogue of one dataset, `items`, that must be loaded.
std::string CatalogOf(const std::string& conninfo, const std::string& more = "") {
  return absl::StrCat("sources:\n  - {name: s, conninfo: \"", conninfo,
                      "\"}\ndatasets:\n  - name: items\n    source: s\n    table: items\n"
                      "    key: [id]\n    required: true\n",
                      more);
}

std::string NewDatabase(PostgresCluster& cluster) {
  const std::string conninfo = cluster.CreateDatabase();
  ExecuteSql(conninfo,
             "CREATE TABLE items AS SELECT i AS id, 'n' || i AS name "
             "FROM generate_series(1, 1000) i");
  return conninfo;
}

v1::ComputeMetricsResponse CountItems(const RunningServer& server) {
  v1::ComputeMetricsRequest request;
  request.mutable_query()->set_dataset("items");
  auto* metric = request.mutable_query()->add_metrics()->mutable_definition();
  metric->set_name("n");
  metric->set_expression("count(*)");
  grpc::ClientContext context;
  v1::ComputeMetricsResponse response;
  const grpc::Status status =
      v1::MetricService::NewStub(server.NewChannel())->ComputeMetrics(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LifecycleTest, ServesWhatItLoadedAndLogsOneLineForIt) {
  RunningServer server(CatalogOf(NewDatabase(PostgresCluster::Shared())));
  server.WaitUntilReady();
  EXPECT_EQ(CountItems(server).batches(0).columns(0).ints().values(0), 1000);
  EXPECT_EQ(CountOf(server.Log(), "\"event\":\"dataset published\""), 1);
  EXPECT_THAT(server.Log(), HasSubstr("\"rows\":1000"));
  EXPECT_THAT(server.HttpBody("/metrics"), HasSubstr("sextant_cache_rows{table=\"items\"} 1000\n"));
}

TEST(LifecycleTest, WithoutPostgresItIsAliveAndNotReadyAndSaysSoOnce) {
  RunningServer server(CatalogOf("host=/nowhere user=u password=geheim"));
  EXPECT_EQ(server.HttpCode("/healthz"), 200);
  EXPECT_EQ(server.HttpCode("/readyz"), 503);
  EXPECT_EQ(server.HttpBody("/readyz"), "loading: items\n");
  while (server.Status().datasets(0).last_error().empty()) std::this_thread::yield();
  EXPECT_EQ(CountOf(server.Log(), "source unreachable"), 1);
  EXPECT_THAT(server.Log(), Not(HasSubstr("geheim")));
}

TEST(LifecycleTest, BecomesReadyWhenPostgresComesUp) {
  const auto cluster = PostgresCluster::Start();
  const std::string conninfo = NewDatabase(*cluster);
  cluster->Stop();
  RunningServer server(CatalogOf(conninfo));
  EXPECT_EQ(server.HttpCode("/readyz"), 503);
  cluster->StartAgain();
  server.WaitUntilReady();
}

TEST(LifecycleTest, WhenPostgresGoesAwayItServesWhatItHasAndStaysReady) {
  const auto cluster = PostgresCluster::Start();
  RunningServer server(CatalogOf(NewDatabase(*cluster)));
  server.WaitUntilReady();
  cluster->StopImmediately();
  EXPECT_EQ(CountItems(server).batches(0).columns(0).ints().values(0), 1000);
  EXPECT_EQ(server.HttpCode("/readyz"), 200);
  const v1::GetStatusResponse status = server.Status();
  EXPECT_EQ(status.datasets(0).state(), v1::DATASET_STATE_SERVING);
  EXPECT_GE(status.datasets(0).age_ms(), 0);
}

TEST(LifecycleTest, EndsWithZeroWhenItIsToldTo) {
  for (const int number : {SIGTERM, SIGINT}) {
    RunningServer server(CatalogOf("host=/nowhere"));
    server.Signal(number);
    EXPECT_EQ(server.WaitForExit(), 0);
    EXPECT_THAT(server.Log(), HasSubstr("\"event\":\"stopped\""));
  }
}

TEST(LifecycleTest, IsNotReadyWhileItDrains) {
  RunningServer server(CatalogOf(NewDatabase(PostgresCluster::Shared())),
                       {.arguments = {"--drain-delay-ms", "1000"}});
  server.WaitUntilReady();
  server.Signal(SIGTERM);
  while (server.HttpCode("/readyz") == 200) std::this_thread::yield();
  EXPECT_EQ(server.HttpBody("/readyz"), "draining\n");
  EXPECT_EQ(CountItems(server).summary().cells(), 1);
  EXPECT_EQ(server.WaitForExit(), 0);
}

TEST(LifecycleTest, BytesThatAreNoRequestAreRefusedAndEveryLineOfTheLogStaysJson) {
  RunningServer server(CatalogOf("host=/nowhere"));
  v1::ComputeMetricsRequest request;
  request.mutable_query()
      ->GetReflection()
      ->MutableUnknownFields(request.mutable_query())
      ->AddLengthDelimited(7, "\xFF");  // a time zone that is not UTF-8
  grpc::ClientContext context;
  v1::ComputeMetricsResponse response;
  EXPECT_EQ(v1::MetricService::NewStub(server.NewChannel())
                ->ComputeMetrics(&context, request, &response)
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  std::istringstream log(server.Log());
  for (std::string line; std::getline(log, line);) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST(LifecycleTest, AnAddressInUseIsAnErrorThatNamesIt) {
  const RunningServer server(CatalogOf("host=/nowhere"));
  const CatalogFolder catalog(CatalogOf("host=/nowhere"));
  const std::string address = absl::StrCat("127.0.0.1:", server.grpc_port());
  const RunOutcome outcome = RunToEnd(
      {.arguments = {"--catalog", catalog.path(), "--listen", address, "--http", "127.0.0.1:0"}});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output, HasSubstr(address));
}

TEST(CheckTest, ACatalogueThatItsSourceSatisfiesPasses) {
  const CatalogFolder catalog(CatalogOf(NewDatabase(PostgresCluster::Shared())));
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path(), "--check"}});
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
}

TEST(CheckTest, AColumnThatTheSourceLacksIsNamed) {
  const CatalogFolder catalog(
      CatalogOf(NewDatabase(PostgresCluster::Shared()), "    columns: {include: [id, nmae]}\n"));
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path(), "--check"}});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("nmae"));
}

TEST(CheckTest, ADerivedColumnThatDoesNotFitIsNamed) {
  const CatalogFolder catalog(
      CatalogOf(NewDatabase(PostgresCluster::Shared()), "    derived: {twice: id - nmae}\n"));
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path(), "--check"}});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("nmae"));
}

/// What does not fit `items (id, name)`: three metrics, a set, a dimension.
constexpr char kMetricsThatDoNotFit[] =
    "metrics:\n"
    "  - {name: revenue, dataset: items, expression: sum(totl)}\n"
    "  - {name: orders, dataset: items, expression: count(*), at: orderd_at}\n"
    "  - {name: good, dataset: items, expression: count(*)}\n"
    "  - {name: share, ratio: {numerator: revenue, denominator: good}}\n"
    "sets:\n"
    "  - {name: stages, members: {open: \"nam = 'x'\", all: id > 0}}\n"
    "dimensions:\n"
    "  - {name: what, columns: {items: nocol}}\n";

TEST(CheckTest, MetricsSetsAndDimensionsThatTheSourceDoesNotFitAreNamedWithTheirPlace) {
  const CatalogFolder catalog(
      CatalogOf(NewDatabase(PostgresCluster::Shared()), kMetricsThatDoNotFit));
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path(), "--check"}});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output,
              HasSubstr("catalog.yaml:10: metric 'revenue': expression: unknown column 'totl'"));
  EXPECT_THAT(outcome.output,
              HasSubstr("catalog.yaml:11: metric 'orders': at: unknown column 'orderd_at'"));
  EXPECT_THAT(outcome.output,
              HasSubstr("catalog.yaml:15: set 'stages': member 'open': unknown column 'nam'"));
  EXPECT_THAT(
      outcome.output,
      HasSubstr("catalog.yaml:17: dimension 'what': dataset 'items': unknown column 'nocol'"));
  EXPECT_EQ(CountOf(outcome.output, "\n"), 4) << outcome.output;
}

TEST(CheckTest, MetricsOfDerivedColumnsPass) {
  const CatalogFolder catalog(
      CatalogOf(NewDatabase(PostgresCluster::Shared()),
                "    derived: {twice: id * 2}\n"
                "metrics:\n  - {name: doubled, dataset: items, expression: sum(twice)}\n"));
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path(), "--check"}});
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
}

TEST(CheckTest, AServerWarnsOnceOfMetricsThatDoNotFitAndServes) {
  RunningServer server(CatalogOf(NewDatabase(PostgresCluster::Shared()), kMetricsThatDoNotFit));
  server.WaitUntilReady();
  EXPECT_EQ(CountItems(server).batches(0).columns(0).ints().values(0), 1000);
  EXPECT_EQ(CountOf(server.Log(), "catalogue does not fit its source"), 4) << server.Log();
}

TEST(CheckTest, AWrongCatalogueIsRefusedWithFileAndLine) {
  const CatalogFolder catalog("sources: []\ncolour: red\n");
  const RunOutcome outcome = RunToEnd({.arguments = {"--catalog", catalog.path()}});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("catalog.yaml:2: "));
}

TEST(CheckTest, BadUsageExitsWithTwo) {
  EXPECT_EQ(RunToEnd({.arguments = {"--colour"}}).exit_status, 2);
}

}  // namespace
}  // namespace sextant
