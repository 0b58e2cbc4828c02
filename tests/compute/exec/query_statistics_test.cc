// Samples and confidence of cells (rule 21).
#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kAnchorUs = int64_t{946'857'600} * 1'000'000;  // 2000-01-03
const DataType kTime = DataType::Of(TypeKind::kTimestamp);
const DataType kInteger = DataType::Of(TypeKind::kInt64);
const DataType kFloat = DataType::Of(TypeKind::kFloat64);

Metric Of(std::string name, std::string expression) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = TimePin::At("at")};
}

Metric Share(std::string name, std::string of, std::string value) {
  Metric metric = {.name = std::move(name)};
  metric.threshold = {"m", "<=", std::move(value)};
  metric.components = {Of("m", std::move(of))};
  return metric;
}

Query Asking(std::vector<Metric> metrics, std::optional<double> level, bool samples = false) {
  Query query;
  query.metrics = std::move(metrics);
  query.samples = samples;
  if (level) query.confidence = Confidence{.level = *level};
  return query;
}

/// n: 1 to `count`, a day after the other; x: as many tenths.
std::shared_ptr<const Table> Counted(int64_t count) {
  std::vector<Cell> at;
  std::vector<Cell> n;
  std::vector<Cell> x;
  for (int64_t i = 1; i <= count; ++i) {
    at.push_back(Int(kAnchorUs + i * kDayUs));
    n.push_back(Int(i));
    x.push_back(Float(static_cast<double>(i) / 10));
  }
  return TableOf({{"at", kTime, at}, {"n", kInteger, n}, {"x", kFloat, x}});
}

ResultText RunOrDie(const Query& query, const std::shared_ptr<const Table>& table) {
  absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

std::vector<std::string> NamesOf(const ResultText& result) {
  std::vector<std::string> names;
  for (const ResultColumn& column : result.header.columns) names.push_back(column.name);
  return names;
}

std::string ErrorOf(const Query& query, const std::shared_ptr<const Table>& table) {
  return std::string(RunQuery(query, table).status().message());
}

TEST(QueryStatisticsTest, ColumnsStandBehindTheMetricThatTheyAreOf) {
  const ResultText result = RunOrDie(
      Asking({Of("a", "avg(n)"), Of("s", "sum(n)"), Of("d", "sum(n) + 1")}, 0.8, true), Counted(5));
  EXPECT_THAT(NamesOf(result), ElementsAre("a", "a.samples", "a.samples_kept", "a.min", "a.max",
                                           "s", "s.samples", "s.samples_kept", "d"));
  EXPECT_EQ(result.header.columns[0].statistic, MetricStatistic::kValue);
  EXPECT_EQ(result.header.columns[2].statistic, MetricStatistic::kSamplesKept);
  EXPECT_EQ(result.header.columns[4].statistic, MetricStatistic::kMax);
}

TEST(QueryStatisticsTest, Rule21TheMeanLiesBetweenTTimesItsError) {
  // 1 to 10: mean 5.5, deviation sqrt(55 / 6), t of 9 degrees 1.3830287383966324.
  const double error = 1.3830287383966324 * (std::sqrt(55.0 / 6) / std::sqrt(10.0));
  EXPECT_THAT(
      RunOrDie(Asking({Of("a", "avg(n)")}, 0.8), Counted(10)).rows,
      ElementsAre(absl::StrCat("5.5|", FloatText(5.5 - error), "|", FloatText(5.5 + error))));
}

TEST(QueryStatisticsTest, Rule21BoundsOfDurationsAreSeconds) {
  const auto table = TableOf({{"at", kTime, {Int(0), Int(0), Int(0)}},
                              {"to", kTime, {Int(1'000'000), Int(2'000'000), Int(3'000'000)}}});
  Query query = Asking({Of("a", "avg(\"to\" - at)"), Of("p", "median(\"to\" - at)")}, 0.5);
  // t of 2 degrees at 0.5 is sqrt(2 / 3); the ranks of the median are 1 and 3.
  const double error = std::sqrt(2.0 / 3) / std::sqrt(3.0);
  const ResultText result = RunOrDie(query, table);
  EXPECT_EQ(result.header.columns[1].unit, "seconds");
  ASSERT_EQ(result.rows.size(), 1u);
  EXPECT_THAT(result.rows[0], HasSubstr("|2|1|3"));
  EXPECT_THAT(result.rows[0].substr(0, 10), HasSubstr(FloatText(2 - error).substr(0, 8)));
}

TEST(QueryStatisticsTest, Rule21AMedianLiesBetweenSamplesByTheirRank) {
  EXPECT_THAT(RunOrDie(Asking({Of("p", "median(n)")}, 0.8), Counted(10)).rows,
              ElementsAre("5.5|3|8"));
  // Of a discrete one they are samples as they are.
  EXPECT_THAT(RunOrDie(Asking({Of("p", "percentile_disc(0.5) WITHIN GROUP (ORDER BY x)")}, 0.8),
                       Counted(10))
                  .rows,
              ElementsAre("0.5|0.3|0.8"));
}

TEST(QueryStatisticsTest, Rule21OfTooFewSamplesThereAreNoBounds) {
  const std::vector<Metric> metrics = {Of("a", "avg(n)"), Of("p", "median(n)"),
                                       Share("s", "avg(n)", "5")};
  EXPECT_THAT(RunOrDie(Asking(metrics, 0.8), Counted(1)).rows, ElementsAre("1|-|-|1|-|-|1|-|-"));
  Query query = Asking(metrics, 0.8);
  query.confidence->method = Confidence::Method::kBootstrap;
  EXPECT_THAT(RunOrDie(query, Counted(1)).rows, ElementsAre("1|-|-|1|-|-|1|-|-"));
  // One side only: of 0.9 of ten samples the upper one would be beyond the greatest.
  EXPECT_THAT(RunOrDie(Asking({Of("p", "percentile_disc(0.9) WITHIN GROUP (ORDER BY n)")}, 0.8),
                       Counted(10))
                  .rows,
              ElementsAre("9|8|-"));
}

TEST(QueryStatisticsTest, Rule21AShareLiesBetweenWilsonsBounds) {
  // 3 of 10: the solutions of (0.3 - p)^2 = z^2 p (1 - p) / 10.
  const double z2 = 1.2815515655446006 * 1.2815515655446006;
  const double center = (0.3 + z2 / 20) / (1 + z2 / 10);
  const double half = 1.2815515655446006 * std::sqrt(0.3 * 0.7 / 10 + z2 / 400) / (1 + z2 / 10);
  const ResultText result = RunOrDie(Asking({Share("s", "avg(n)", "3")}, 0.8), Counted(10));
  ASSERT_EQ(result.rows.size(), 1u);
  double value = 0;
  double low = 0;
  double high = 0;
  ASSERT_EQ(std::sscanf(result.rows[0].c_str(), "%lf|%lf|%lf", &value, &low, &high), 3);
  EXPECT_EQ(value, 0.3);
  EXPECT_NEAR(low, center - half, 1e-15);
  EXPECT_NEAR(high, center + half, 1e-15);
}

TEST(QueryStatisticsTest, Rule21AShareOfNoneBeginsAtZeroAndOfAllEndsAtOne) {
  const ResultText none = RunOrDie(Asking({Share("s", "avg(n)", "0")}, 0.8), Counted(10));
  ASSERT_EQ(none.rows.size(), 1u);
  EXPECT_THAT(none.rows[0], ::testing::StartsWith("0|0|0."));
  const ResultText all = RunOrDie(Asking({Share("s", "avg(n)", "10")}, 0.8), Counted(10));
  ASSERT_EQ(all.rows.size(), 1u);
  EXPECT_THAT(all.rows[0], ::testing::EndsWith("|1"));
}

Metric Ratio(std::string part, std::string whole, double offset = 0) {
  Metric metric = {.name = "r"};
  metric.ratio = {"part", "whole", offset};
  metric.components = {Of("part", std::move(part)), Of("whole", std::move(whole))};
  return metric;
}

TEST(QueryStatisticsTest, Rule21ARatioOfACountToOneThatItIsAPartOfIsAShare) {
  const auto threshold = RunOrDie(Asking({Share("r", "avg(n)", "3")}, 0.8, true), Counted(10));
  for (const auto& [part, whole] :
       {std::pair("count(*) FILTER (WHERE n <= 3)", "count(*)"),
        std::pair("count(n) FILTER (WHERE n <= 3)", "count(*)"),
        std::pair("count(n) FILTER (WHERE n <= 3)", "count(n)"),
        std::pair("count(*) FILTER (WHERE n <= 3 AND x < 2)", "count(*) FILTER (WHERE x < 2)")}) {
    const auto ratio = RunOrDie(Asking({Ratio(part, whole)}, 0.8, true), Counted(10));
    EXPECT_EQ(ratio.rows, threshold.rows) << part << " / " << whole;
  }
}

TEST(QueryStatisticsTest, Rule21AShareOfWhatPassesAFilterThatIsAlwaysTrueIsOneOfAll) {
  const auto plain = Ratio("count(*) FILTER (WHERE n <= 3)", "count(*)");
  auto filtered = plain;
  for (Metric& component : filtered.components) component.filter = "n IS NULL OR 1 = 1";
  EXPECT_EQ(RunOrDie(Asking({filtered}, 0.8, true), Counted(10)).rows,
            RunOrDie(Asking({plain}, 0.8, true), Counted(10)).rows);
}

TEST(QueryStatisticsTest, Rule21APartThatIsAlwaysEmptyIsAPartOfAnything) {
  const auto ratio =
      Ratio("count(*) FILTER (WHERE n <= 3 AND 1 = 2)", "count(*) FILTER (WHERE n <= 3)");
  EXPECT_THAT(RunOrDie(Asking({ratio}, std::nullopt, true), Counted(10)).rows,
              ElementsAre("0|3|3"));
}

TEST(QueryStatisticsTest, Rule21AnotherRatioIsNoShare) {
  Metric elsewhen = Ratio("count(*) FILTER (WHERE n <= 3)", "count(*)");
  elsewhen.components[1].pin = {};
  for (const Metric& metric :
       {Ratio("count(*)", "count(*) FILTER (WHERE n <= 3)"), Ratio("count(*)", "count(n)"),
        Ratio("count(n)", "count(x)"), Ratio("sum(n)", "count(*)"),
        Ratio("count(*) FILTER (WHERE n <= 3)", "count(*)", 1),
        Ratio("count(*) FILTER (WHERE n <= 3 OR x < 1)", "count(*) FILTER (WHERE n <= 3)"),
        elsewhen}) {
    EXPECT_THAT(ErrorOf(Asking({metric}, 0.8), Counted(10)),
                HasSubstr("confidence: none of the metrics has bounds"));
  }
}

TEST(QueryStatisticsTest, Rule20SamplesAreCountedBeforeAndAfterClipping) {
  Query query = Asking({Of("a", "avg(n)"), Of("m", "max(n)")}, std::nullopt, true);
  query.clip = Clip{.high = 0.5};
  // 1 to 10 are of one tile: 0.5 is at 4.5, which is 4, so 1 to 5 stay; max is not clipped.
  EXPECT_THAT(RunOrDie(query, Counted(10)).rows, ElementsAre("3|10|5|10|10|10"));
}

TEST(QueryStatisticsTest, Rule20ACellWhoseSamplesAreAllClippedIsThere) {
  Query query = Asking({Of("a", "avg(n)")}, std::nullopt, true);
  query.clip = Clip{.high = 0.5};
  query.series = {{CalendarUnit::kDay}};
  query.from = "2000-01-08";  // whose sample is 5, the cut
  query.to = "2000-01-10";
  const ResultText result = RunOrDie(query, Counted(10));
  ASSERT_EQ(result.rows.size(), 2u);
  EXPECT_THAT(result.rows[0], ::testing::EndsWith("|5|1|1"));
  EXPECT_THAT(result.rows[1], ::testing::EndsWith("|-|1|0"));
  query.samples = false;
  EXPECT_EQ(RunOrDie(query, Counted(10)).rows.size(), 1u);
}

TEST(QueryStatisticsTest, Rule21BoundsAreOfTheSamplesThatClippingKeeps) {
  Query query = Asking({Of("a", "avg(n)")}, 0.8);
  query.clip = Clip{.high = 0.5};
  EXPECT_EQ(RunOrDie(query, Counted(10)).rows,
            RunOrDie(Asking({Of("a", "avg(n)")}, 0.8), Counted(5)).rows);
}

TEST(QueryStatisticsTest, ExcludedSamplesAreCountedOnce) {
  const auto table = TableOf(
      {{"at", kTime, {Int(0), Int(0), Int(0)}}, {"n", kInteger, {Int(1), Int(-1), Int(0)}}});
  Metric inside = Of("a", "avg(10 / n)");
  inside.domain = ">= 0";
  const ResultText plain = RunOrDie(Asking({inside}, std::nullopt), table);
  EXPECT_EQ(plain.summary.excluded, 2u);
  const ResultText more = RunOrDie(Asking({inside}, 0.8, true), table);
  EXPECT_EQ(more.summary.excluded, plain.summary.excluded);
}

TEST(QueryStatisticsTest, ColumnsMayOrderAndChooseCells) {
  Query query = Asking({Of("a", "avg(n)")}, std::nullopt, true);
  query.group_by = {GroupAxis::Of("g")};
  query.having_text = "\"a.samples\" >= 2";
  query.order_by = {{"a.samples", true}};
  const auto table = TableOf({{"at", kTime, std::vector<Cell>(6, Int(0))},
                              {"g", kInteger, {Int(1), Int(2), Int(2), Int(3), Int(3), Int(3)}},
                              {"n", kInteger, std::vector<Cell>(6, Int(1))}});
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("3|1|3|3", "2|1|2|2"));
}

TEST(QueryStatisticsTest, WhatCannotHaveBoundsIsRefused) {
  const auto table = Counted(3);
  EXPECT_THAT(ErrorOf(Asking({Of("s", "sum(n)"), Of("n", "count(*)")}, 0.8), table),
              HasSubstr("confidence: none of the metrics has bounds: found s, n"));
  for (const double level : {0.0, 1.0, -0.5, 1.5, std::nan("")}) {
    EXPECT_THAT(ErrorOf(Asking({Of("a", "avg(n)")}, level), table),
                HasSubstr("confidence.level: found"));
  }
  EXPECT_THAT(ErrorOf(Asking({Of("a", "avg(n)"), Of("a.max", "max(n)")}, 0.8), table),
              HasSubstr("metrics[1].name: the result has two columns 'a.max'"));
}

/// Many rows of a few groups, in several ranges.
std::shared_ptr<const Table> ManyRows() {
  static const auto& table = *new std::shared_ptr<const Table>([] {
    std::vector<Cell> at;
    std::vector<Cell> g;
    std::vector<Cell> x;
    uint64_t state = 1;
    for (int i = 0; i < 300'000; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      at.push_back(Int(kAnchorUs + i));
      g.push_back(Int(static_cast<int64_t>(state >> 60)));
      x.push_back(Float(std::sqrt(static_cast<double>(state >> 40))));
    }
    return TableOf({{"at", kTime, at}, {"g", kInteger, g}, {"x", kFloat, x}});
  }());
  return table;
}

Query Bootstrapped(std::vector<Metric> metrics) {
  Query query = Asking(std::move(metrics), 0.8);
  query.confidence->method = Confidence::Method::kBootstrap;
  return query;
}

TEST(QueryStatisticsTest, Rule21ABootstrapIsTheSameBitsOnAnyNumberOfThreads) {
  Query query = Bootstrapped({Of("a", "avg(x)")});
  query.group_by = {GroupAxis::Of("g")};
  query.where = "g < 4";
  const ResultText alone = RunOrDie(query, ManyRows());
  const BoundQuery bound = BindOrDie(query, *ManyRows());
  for (const int num_workers : {1, 3}) {
    MemoryBudget budget("test", MemoryBudget::kUnlimitedBytes);
    WorkerPool pool(num_workers);
    QueryExecutor executor(pool);
    FinishedQueries finished;
    const auto context = std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                        Priority::kInteractive, &budget,
                                                        MemoryBudget::kUnlimitedBytes);
    executor.Submit(context, bound, *TenantScope::Resolve(ManyRows(), TenantClaim::None()),
                    finished.Next());
    auto results = finished.WaitFor(1);
    ASSERT_TRUE(results[0].ok()) << results[0].status();
    const auto read = ReadAll(**results[0]);
    EXPECT_EQ(read->rows, alone.rows);
    EXPECT_EQ(read->summary.bootstrap_draws, alone.summary.bootstrap_draws);
    results.clear();
  }
}

TEST(QueryStatisticsTest, Rule21ABootstrapIsNearTheAnalyticBounds) {
  const auto bounds = [](const Query& query) {
    const ResultText result = RunOrDie(query, Counted(1000));
    std::pair<double, double> read;
    double mean = 0;
    EXPECT_EQ(std::sscanf(result.rows[0].c_str(), "%lf|%lf|%lf", &mean, &read.first, &read.second),
              3);
    return read;
  };
  const auto analytic = bounds(Asking({Of("a", "avg(n)")}, 0.8));
  const auto resampled = bounds(Bootstrapped({Of("a", "avg(n)")}));
  EXPECT_NEAR(resampled.first, analytic.first, 2);  // of an error of 11.7
  EXPECT_NEAR(resampled.second, analytic.second, 2);
  EXPECT_NE(resampled.first, analytic.first);
}

TEST(QueryStatisticsTest, Rule21DrawsAreReportedAndLimited) {
  const Query query = Bootstrapped({Of("a", "avg(n)"), Of("b", "avg(x)")});
  EXPECT_EQ(RunOrDie(query, Counted(100)).summary.bootstrap_draws, 2u * 100 * 2000);
  BoundQuery bound = BindOrDie(query, *Counted(100));
  for (BoundAggregate& aggregate : bound.aggregates) {
    if (aggregate.bound == nullptr) continue;
    ConfidenceBound limited = *aggregate.bound;
    limited.max_draws = 399'999;
    aggregate.bound = std::make_shared<const ConfidenceBound>(limited);
  }
  const absl::Status status = RunBound(bound, Counted(100)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("399999"));
}

}  // namespace
}  // namespace sextant
