#include "service/cli/metric_page.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string PageOf(const std::string& text) {
  v1::Metric metric;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &metric)) << text;
  return MetricPage({metric});
}

TEST(MetricPageTest, AMetricOfRowsIsSql) {
  const std::string page = PageOf(
      "definition {name: 'lead' dataset: 'pulls' expression: 'avg(b - a)' filter: 'NOT\\n  is_bot' "
      "unit: 'seconds' at: 'b' domain: '>= 0'} description: 'From a to b.' datasets: 'pulls'");
  EXPECT_THAT(page, HasSubstr("| [lead](#lead) | seconds | From a to b. |\n"));
  EXPECT_THAT(page, HasSubstr("## lead\nFrom a to b.\n"));
  EXPECT_THAT(page, HasSubstr("| time | `at b` |\n| samples | `>= 0` |\n"));
  EXPECT_THAT(page, HasSubstr("```sql\nSELECT avg(b - a)\nFROM pulls\nWHERE NOT is_bot\n```\n"));
}

TEST(MetricPageTest, RowsPerKeyAreASubquery) {
  EXPECT_THAT(PageOf("definition {name: 'n' dataset: 'runs' expression: 'avg(took)' filter: 'ok' "
                     "per {keys: 'suite' select {name: 'took' expression: 'max(e) - min(s)'}}}"),
              HasSubstr("SELECT avg(took)\nFROM (\n  SELECT suite, max(e) - min(s) AS took\n  FROM "
                        "runs\n  WHERE ok\n  GROUP BY suite\n) AS rows_per_key\n"));
}

TEST(MetricPageTest, AMetricOfMetricsIsAFormula) {
  const std::string page = PageOf(
      "definition {name: 'fast' threshold {of: 'lead' op: '<=' value: '$limit'}} "
      "parameters {name: 'limit' type: 'interval' default_value: '2d'}");
  EXPECT_THAT(page, HasSubstr("| formula | `share of the samples of lead <= $limit` |"));
  EXPECT_THAT(page, HasSubstr("| parameters | `$limit interval`, default `2d` |"));
  EXPECT_THAT(page, Not(HasSubstr("```sql")));
  EXPECT_THAT(PageOf("definition {name: 'r' ratio {numerator: 'a' denominator: 'b' offset: 1}}"),
              HasSubstr("`(a + 1) / (b + 1)`"));
  EXPECT_THAT(PageOf("definition {name: 's' sum_of {metrics: 'a' metrics: 'b' complete: true}}"),
              HasSubstr("`a + b, where all have a value`"));
  EXPECT_THAT(PageOf("definition {name: 'h' histogram {of: 'a' scale: HISTOGRAM_SCALE_LOG}}"),
              HasSubstr("`histogram of the samples of a, automatic bins, logarithmic`"));
  EXPECT_THAT(PageOf("definition {name: 'h' histogram {of: 'a' edges: '1h' edges: '1d'}}"),
              HasSubstr("`histogram of the samples of a, bins between 1h, 1d`"));
}

TEST(MetricPageTest, ConcurrencyIsOfTheSpansOfRows) {
  const std::string page = PageOf(
      "definition {name: 'c' dataset: 'd' filter: 'NOT b' concurrency {during {start: 's' end: "
      "'e'} statistic: CONCURRENCY_STATISTIC_MAX}}");
  EXPECT_THAT(page, HasSubstr("| time | `during [s, e)` |\n"));
  EXPECT_THAT(page, HasSubstr("| formula | `the most rows that run at once` |\n"));
  EXPECT_THAT(page, HasSubstr("```sql\nSELECT s, e\nFROM d\nWHERE NOT b\n```\n"));
  EXPECT_THAT(PageOf("definition {name: 'c' dataset: 'd' concurrency {during {start: 's' end: "
                     "'e'} statistic: CONCURRENCY_STATISTIC_MEAN}}"),
              HasSubstr("`how many rows run at once, on average over time`"));
}

TEST(MetricPageTest, TextsBreakNoTable) {
  const std::string page = PageOf(
      "definition {name: 'n' dataset: 'd' expression: 'count(*)' at: 'a || `b`'} "
      "description: 'a | *b* <c>\\nd'");
  EXPECT_THAT(page, HasSubstr("a \\| \\*b\\* &lt;c> d"));
  EXPECT_THAT(page, HasSubstr("`` at a \\|\\| `b` ``"));
}

}  // namespace
}  // namespace sextant
