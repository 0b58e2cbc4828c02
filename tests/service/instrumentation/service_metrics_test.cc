#include "service/instrumentation/service_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "service/instrumentation/call_metrics.h"
#include "service/instrumentation/self_metrics.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr char kQuery[] =
    "{grpc_method=\"QueryMetrics\",grpc_service=\"sextant.v1.MetricService\","
    "grpc_type=\"server_stream\"} ";
constexpr char kQueryCode[] =
    "{grpc_code=\"NotFound\",grpc_method=\"QueryMetrics\","
    "grpc_service=\"sextant.v1.MetricService\",grpc_type=\"server_stream\"} ";

std::string WithValue(const std::string& name, const std::string& labels, int value) {
  return name + labels + std::to_string(value) + "\n";
}

TEST(ServiceMetricsTest, EveryLabelCombinationExistsFromTheStart) {
  const ServiceMetrics metrics;
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr(WithValue("grpc_server_handled_total", kQueryCode, 0)));
  EXPECT_THAT(text,
              HasSubstr("sextant_rejected_total{priority=\"batch\",reason=\"not_ready\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sextant_cancelled_total{stage=\"writing\"} 0\n"));
}

TEST(ServiceMetricsTest, StaysWithinTheBudgetOfSeries) {
  ServiceMetrics metrics;
  for (int table = 0; table < 50; ++table) metrics.AddTable("table_" + std::to_string(table));
  std::istringstream text(metrics.Text());
  int series = 0;
  for (std::string line; std::getline(text, line);) series += line[0] != '#' ? 1 : 0;
  EXPECT_LE(series, 2000);
}

TEST(ServiceMetricsTest, NoNameOccursInTwoFamilies) {
  ServiceMetrics metrics;
  metrics.AddSource(SampleProcess);
  metrics.AddSource(SampleBuildInfo);
  std::istringstream text(metrics.Text());
  std::set<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("# TYPE ", 0) != 0) continue;
    EXPECT_TRUE(names.insert(line).second) << line;
  }
}

TEST(ServiceMetricsTest, ACallCountsFromItsArrivalToItsEnd) {
  ServiceMetrics metrics;
  {
    CallMetrics call(metrics, RpcMethod::kQueryMetrics);
    EXPECT_THAT(metrics.Text(), HasSubstr(WithValue("grpc_server_started_total", kQuery, 1)));
    EXPECT_THAT(metrics.Text(), HasSubstr(WithValue("grpc_server_handled_total", kQueryCode, 0)));
    call.SetCode(5);
  }
  EXPECT_THAT(metrics.Text(), HasSubstr(WithValue("grpc_server_handled_total", kQueryCode, 1)));
  EXPECT_THAT(metrics.Text(),
              HasSubstr(WithValue("grpc_server_handling_seconds_count", kQuery, 1)));
}

TEST(ServiceMetricsTest, OnlyTheFirstMessageOfACallIsTimed) {
  ServiceMetrics metrics;
  CallMetrics call(metrics, RpcMethod::kQueryMetrics);
  call.MessageSent(10);
  call.MessageSent(20);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("sextant_first_message_seconds_count{method=\"QueryMetrics\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sextant_stream_sent_bytes_total{method=\"QueryMetrics\"} 30\n"));
}

TEST(ServiceMetricsTest, ACallIsInFlightUnderItsPriorityUntilItEnds) {
  ServiceMetrics metrics;
  constexpr char kSeries[] =
      "sextant_inflight_requests{method=\"ComputeMetrics\",priority=\"batch\"} ";
  {
    CallMetrics call(metrics, RpcMethod::kComputeMetrics);
    call.SetPriority(2);
    EXPECT_THAT(metrics.Text(), HasSubstr(WithValue(kSeries, "", 1)));
  }
  EXPECT_THAT(metrics.Text(), HasSubstr(WithValue(kSeries, "", 0)));
}

TEST(ServiceMetricsTest, ASourceIsReadAtEachScrape) {
  ServiceMetrics metrics;
  double depth = 3;
  metrics.AddSource([&depth] {
    return std::vector<SampledMetric>{{"sextant_queue_depth",
                                       "Queries that wait",
                                       SampledMetric::Kind::kGauge,
                                       {{{{"priority", "batch"}}, depth}}}};
  });
  EXPECT_THAT(metrics.Text(), HasSubstr("sextant_queue_depth{priority=\"batch\"} 3\n"));
  depth = 4;
  EXPECT_THAT(metrics.Text(), HasSubstr("sextant_queue_depth{priority=\"batch\"} 4\n"));
}

TEST(ServiceMetricsTest, ALoadOfAnUnknownTableIsNotCounted) {
  ServiceMetrics metrics;
  metrics.AddTable("commits");
  metrics.TableLoaded("commits", std::chrono::seconds(2));
  metrics.TableLoaded("other", std::chrono::seconds(2));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("sextant_cache_refresh_seconds_sum{table=\"commits\"} 2\n"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("other")));
}

TEST(ProcessMetricsTest, GivesTheStandardNamesWithPlausibleValues) {
  std::set<std::string> names;
  for (const SampledMetric& metric : SampleProcess()) {
    names.insert(metric.name);
    EXPECT_GT(metric.samples.at(0).value, 0) << metric.name;
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"process_cpu_seconds_total",
                                              "process_resident_memory_bytes", "process_open_fds",
                                              "process_max_fds", "process_start_time_seconds"}));
}

}  // namespace
}  // namespace sextant
