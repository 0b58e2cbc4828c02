#include "service/cli/query_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::HasSubstr;

QueryFlags FlagsWithMetric(const std::string& metric) {
  QueryFlags flags;
  flags.dataset = "pulls";
  flags.metrics = {metric};
  return flags;
}

TEST(QueryRequestTest, AMetricIsANameAndAnExpression) {
  QueryFlags flags = FlagsWithMetric(" lead = avg(released_at - committed_at) ");
  flags.at = "released_at";
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->metrics(0).definition().name(), "lead");
  EXPECT_EQ(request->metrics(0).definition().expression(), "avg(released_at - committed_at)");
  EXPECT_EQ(request->metrics(0).definition().at(), "released_at");
}

TEST(QueryRequestTest, AMetricWithoutATimeColumnHasNone) {
  EXPECT_EQ(MakeQueryRequest(FlagsWithMetric("n = count(*)"))->metrics(0).definition().at(), "");
}

TEST(QueryRequestTest, ANameAloneIsAMetricOfTheCatalogue) {
  EXPECT_EQ(MakeQueryRequest(FlagsWithMetric("pr-count"))->metrics(0).name(), "pr-count");
}

TEST(QueryRequestTest, AMetricOfTheCatalogueMayHaveConstantsAndAnAlias) {
  const auto request = MakeQueryRequest(
      FlagsWithMetric("in-time(threshold=1d, note = 'it''s, (so)', n=-2) AS fast"));
  ASSERT_TRUE(request.ok()) << request.status();
  const v1::MetricRef& use = request->metrics(0);
  EXPECT_EQ(use.name(), "in-time");
  EXPECT_EQ(use.alias(), "fast");
  EXPECT_EQ(use.parameters().at("threshold"), "1d");
  EXPECT_EQ(use.parameters().at("note"), "it's, (so)");
  EXPECT_EQ(use.parameters().at("n"), "-2");
  EXPECT_EQ(MakeQueryRequest(FlagsWithMetric("a AS b"))->metrics(0).alias(), "b");
}

TEST(QueryRequestTest, AUseOfAMetricThatIsNoneIsRefused) {
  for (const char* text : {"a(b)", "a(b=)", "a(b=1", "a(b=1) c", "a(b=1) AS", "a(b=1,b=2)",
                           "a(b='1)", "a AS b c", "(b=1)"}) {
    EXPECT_FALSE(MakeQueryRequest(FlagsWithMetric(text)).ok()) << text;
  }
}

TEST(QueryRequestTest, ADerivedMetricComesAfterTheOthers) {
  QueryFlags flags = FlagsWithMetric("a = count(*)");
  flags.derived = {"half = a / 2"};
  EXPECT_EQ(MakeQueryRequest(flags)->metrics(1).definition().derived(), "a / 2");
}

TEST(QueryRequestTest, ASpanHasTwoEnds) {
  QueryFlags flags = FlagsWithMetric("a = count(*)");
  flags.during = "opened, coalesce(closed, merged)";
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->metrics(0).definition().during().start(), "opened");
  EXPECT_EQ(request->metrics(0).definition().during().end(), "coalesce(closed, merged)");
  flags.during = "opened";
  EXPECT_FALSE(MakeQueryRequest(flags).ok());
}

TEST(QueryRequestTest, AGroupMayBeBinsOrASet) {
  QueryFlags flags = FlagsWithMetric("a = count(*)");
  flags.groups = {"lines:bins(0, 10,100)", "set:teams", "author"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->group_by(0).bins().edges(1), "10");
  EXPECT_EQ(request->group_by(1).sets().name(), "teams");
  EXPECT_EQ(request->group_by(2).column(), "author");
  flags.groups = {"lines:bins( )"};
  EXPECT_EQ(MakeQueryRequest(flags)->group_by(0).bins().edges_size(), 0);
  flags.groups = {"lines:bins(0"};
  EXPECT_FALSE(MakeQueryRequest(flags).ok());
}

TEST(QueryRequestTest, TheShapeOfTheResultIsAsked) {
  QueryFlags flags = FlagsWithMetric("a = count(*)");
  flags.top = 3;
  flags.others = true;
  flags.totals = "grand";
  flags.dense = true;
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_TRUE(request->top_n().others());
  EXPECT_EQ(request->totals(), v1::TOTALS_GRAND);
  EXPECT_EQ(request->fill(), v1::FILL_MODE_DENSE);
  flags.totals = "all";
  EXPECT_FALSE(MakeQueryRequest(flags).ok());
  flags.totals.clear();
  flags.top = 0;
  EXPECT_FALSE(MakeQueryRequest(flags).ok());
}

TEST(QueryRequestTest, AMetricWithoutANameIsRefused) {
  for (const char* text : {"count(*)", "= count(*)", "n =", "sum(a) = b", "a >= 1"}) {
    const auto request = MakeQueryRequest(FlagsWithMetric(text));
    ASSERT_FALSE(request.ok()) << text;
    EXPECT_THAT(std::string(request.status().message()),
                HasSubstr("allowed: the NAME of a metric of the catalogue, "
                          "'NAME(parameter=constant)', either with ' AS ALIAS', or 'NAME = "
                          "EXPRESSION', for example 'lead = avg(b - a)'; a NAME is of letters, "
                          "digits, '_', '-' and '.'"));
  }
  QueryFlags flags = FlagsWithMetric("n = count(*)");
  flags.derived = {"n / 2"};
  EXPECT_THAT(std::string(MakeQueryRequest(flags).status().message()),
              HasSubstr("--derived: found 'n / 2', allowed: 'NAME = EXPRESSION' over metrics"));
}

TEST(QueryRequestTest, ANameOfOtherCharactersIsToldWhichAreAllowed) {
  for (const bool is_derived : {false, true}) {
    QueryFlags flags;
    flags.metrics = {"n = count(*)"};
    (is_derived ? flags.derived : flags.metrics).push_back("my metric = sum(a)");
    EXPECT_THAT(std::string(MakeQueryRequest(flags).status().message()),
                HasSubstr("found the name 'my metric', allowed: a name of letters, digits, '_', "
                          "'-' and '.'"));
  }
}

TEST(QueryRequestTest, OrderCanDescendInTwoSpellings) {
  QueryFlags flags = FlagsWithMetric("n = count(*)");
  flags.order = {"-n", "n DESC", "n asc", "n"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->order_by(0).descending());
  EXPECT_TRUE(request->order_by(1).descending());
  EXPECT_FALSE(request->order_by(2).descending());
  for (const auto& order : request->order_by()) EXPECT_EQ(order.name(), "n");
}

TEST(QueryRequestTest, AnUnknownPriorityIsRefused) {
  QueryFlags flags = FlagsWithMetric("n = count(*)");
  flags.priority = "urgent";
  EXPECT_THAT(std::string(MakeQueryRequest(flags).status().message()), HasSubstr("'urgent'"));
}

TEST(QueryRequestTest, ARangeGoesWithItsTimeColumn) {
  QueryFlags flags = FlagsWithMetric("n = count(*)");
  flags.at = "merged_at";
  flags.from = "2024-01-01";
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->time_range().from(), "2024-01-01");
  EXPECT_EQ(request->time_range().to(), "");
}

TEST(QueryRequestTest, ARangeBoundsWhatIsDerivedFromMetricsOfTheCatalogue) {
  QueryFlags flags = FlagsWithMetric("ordered");
  flags.derived = {"twice = ordered * 2"};
  flags.from = "2024-01-01";
  EXPECT_TRUE(MakeQueryRequest(flags).ok()) << MakeQueryRequest(flags).status();
}

TEST(QueryRequestTest, ARangeOfNoTimeColumnIsRefused) {
  QueryFlags flags = FlagsWithMetric("n = count(*)");
  flags.to = "2024-01-01";
  EXPECT_THAT(std::string(MakeQueryRequest(flags).status().message()), HasSubstr("found no --at"));
}

TEST(QueryRequestTest, DurationsAreReadWithTheirUnit) {
  EXPECT_EQ(ParseDurationMs("250ms"), 250);
  EXPECT_EQ(ParseDurationMs("1.5s"), 1500);
  EXPECT_EQ(ParseDurationMs("2m"), 120'000);
}

TEST(QueryRequestTest, DurationsWithoutSenseAreRefused) {
  for (const char* text : {"", "5", "-1s", "0s", "xs", "9e99s", "nans"}) {
    EXPECT_EQ(ParseDurationMs(text), std::nullopt) << text;
  }
}

TEST(QueryRequestTest, AClipIsTwoQuantilesAndAStride) {
  QueryFlags flags;
  flags.metrics = {"n"};
  flags.clip = "0.05,0.95,7d";
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->clip().low(), 0.05);
  EXPECT_EQ(request->clip().high(), 0.95);
  EXPECT_EQ(request->clip().stride(), "7d");
  for (const char* clip : {"0.9", "a,b", "0,0.9,7d,8d"}) {
    flags.clip = clip;
    EXPECT_FALSE(MakeQueryRequest(flags).ok()) << clip;
  }
}

TEST(QueryRequestTest, AWindowIsOverALengthOrToAUnit) {
  QueryFlags flags;
  flags.cumulative = {"w = lead-time over 28d", "m = lead-time to month"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->metrics(0).definition().cumulative().of(), "lead-time");
  EXPECT_EQ(request->metrics(0).definition().cumulative().window(), "28d");
  EXPECT_EQ(request->metrics(1).definition().cumulative().to_date(), "month");
  for (const char* text : {"w", "w = lead-time", "w = lead-time for 28d", "w = a over 28 d"}) {
    flags.cumulative = {text};
    EXPECT_FALSE(MakeQueryRequest(flags).ok()) << text;
  }
}

TEST(QueryRequestTest, AHistogramHasBinsOrEdges) {
  QueryFlags flags;
  flags.histogram = {"h = lead-time", "n = lead-time by 20 log", "e = lead-time by 1h,1d,7d"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->metrics(0).definition().histogram().of(), "lead-time");
  EXPECT_EQ(request->metrics(0).definition().histogram().bins(), 0);
  EXPECT_EQ(request->metrics(1).definition().histogram().bins(), 20);
  EXPECT_EQ(request->metrics(1).definition().histogram().scale(), v1::HISTOGRAM_SCALE_LOG);
  EXPECT_EQ(request->metrics(2).definition().histogram().edges(2), "7d");
  for (const char* text : {"h", "h = a by", "h = a in 20", "h = a by 0", "h = a by -2",
                           "h = a by 1h, 1d", "h = a by 20 cubic"}) {
    flags.histogram = {text};
    EXPECT_FALSE(MakeQueryRequest(flags).ok()) << text;
  }
}

TEST(QueryRequestTest, ConcurrencyIsOfTwoColumns) {
  QueryFlags flags;
  flags.dataset = "runs";
  flags.concurrency = {"busiest = max(started_at, finished_at)",
                       "busy = mean( greatest(a, b), c )"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->metrics(0).definition().name(), "busiest");
  EXPECT_EQ(request->metrics(0).definition().concurrency().statistic(),
            v1::CONCURRENCY_STATISTIC_MAX);
  EXPECT_EQ(request->metrics(0).definition().concurrency().during().start(), "started_at");
  EXPECT_EQ(request->metrics(1).definition().concurrency().statistic(),
            v1::CONCURRENCY_STATISTIC_MEAN);
  EXPECT_EQ(request->metrics(1).definition().concurrency().during().start(), "greatest(a, b)");
  EXPECT_EQ(request->metrics(1).definition().concurrency().during().end(), "c");
  for (const char* text : {"busiest", "n = max", "n = max(a)", "n = min(a, b)", "n = max(a, b",
                           "n = max(, b)", "max(a, b)"}) {
    flags.concurrency = {text};
    EXPECT_FALSE(MakeQueryRequest(flags).ok()) << text;
  }
}

TEST(QueryRequestTest, AComparisonAndZippedSetsAreAsked) {
  QueryFlags flags;
  flags.metrics = {"n"};
  flags.compare = "previous";
  flags.groups = {"zip:repositories, people"};
  const auto request = MakeQueryRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->compare_to().offset(), "previous");
  EXPECT_EQ(request->group_by(0).zip().sets(1).name(), "people");
}

TEST(QueryRequestTest, AConfidenceIsALevelAndAMethod) {
  QueryFlags flags;
  flags.metrics = {"n"};
  flags.confidence = "0.9";
  EXPECT_EQ(MakeQueryRequest(flags)->confidence().level(), 0.9);
  EXPECT_EQ(MakeQueryRequest(flags)->confidence().method(), v1::CONFIDENCE_METHOD_UNSPECIFIED);
  flags.confidence = "0.9, bootstrap";
  EXPECT_EQ(MakeQueryRequest(flags)->confidence().method(), v1::CONFIDENCE_METHOD_BOOTSTRAP);
  for (const char* confidence : {"high", "0.9,jackknife", "0.9,bootstrap,2", "bootstrap"}) {
    flags.confidence = confidence;
    EXPECT_FALSE(MakeQueryRequest(flags).ok()) << confidence;
  }
}

TEST(QueryRequestTest, SamplesAreAskedForByAFlag) {
  QueryFlags flags;
  flags.metrics = {"n"};
  EXPECT_FALSE(MakeQueryRequest(flags)->samples());
  flags.samples = true;
  EXPECT_TRUE(MakeQueryRequest(flags)->samples());
}

}  // namespace
}  // namespace sextant
