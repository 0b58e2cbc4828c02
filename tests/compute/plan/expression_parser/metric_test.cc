#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

using testing::HasSubstr;

TEST(ExpressionParserMetricTest, ReadsAggregates) {
  EXPECT_EQ(MetricForm("count(*)"), "{count(*)}");
  EXPECT_EQ(MetricForm("COUNT(a)"), "{count a}");
  EXPECT_EQ(MetricForm("count(DISTINCT a)"), "{count distinct a}");
  EXPECT_EQ(MetricForm("sum(a)"), "{sum a}");
  EXPECT_EQ(MetricForm("avg(released_at - committed_at)"), "{avg (released_at - committed_at)}");
  EXPECT_EQ(MetricForm("min(a)"), "{min a}");
  EXPECT_EQ(MetricForm("(max(a))"), "{max a}");
}

TEST(ExpressionParserMetricTest, ReadsAggregatesOfSpread) {
  EXPECT_EQ(MetricForm("stddev(a)"), "{stddev_samp a}");
  EXPECT_EQ(MetricForm("stddev_samp(a)"), "{stddev_samp a}");
  EXPECT_EQ(MetricForm("stddev_pop(a)"), "{stddev_pop a}");
  EXPECT_EQ(MetricForm("variance(a)"), "{var_samp a}");
  EXPECT_EQ(MetricForm("var_samp(a)"), "{var_samp a}");
  EXPECT_EQ(MetricForm("var_pop(a)"), "{var_pop a}");
  EXPECT_EQ(MetricForm("corr(y, x)"), "{corr y x}");
  EXPECT_EQ(MetricForm("regr_slope(y, x)"), "{regr_slope y x}");
  EXPECT_EQ(MetricForm("regr_r2(y, x)"), "{regr_r2 y x}");
}

TEST(ExpressionParserMetricTest, ReadsAggregatesOfConditions) {
  EXPECT_EQ(MetricForm("bool_or(a)"), "{bool_or a}");
  EXPECT_EQ(MetricForm("bool_and(a > 1)"), "{bool_and <a > 1>}");
  EXPECT_EQ(MetricForm("every(a)"), "{bool_and a}");
}

TEST(ExpressionParserMetricTest, ReadsPercentilesAndMode) {
  EXPECT_EQ(MetricForm("percentile_cont(0.5) WITHIN GROUP (ORDER BY a - b)"),
            "{percentile_cont 0.5 (a - b)}");
  EXPECT_EQ(MetricForm("percentile_disc(1) WITHIN GROUP (ORDER BY a ASC NULLS LAST)"),
            "{percentile_disc 1 a}");
  EXPECT_EQ(MetricForm("percentile_disc(0) WITHIN GROUP (ORDER BY a)"), "{percentile_disc 0 a}");
  EXPECT_EQ(MetricForm("mode() WITHIN GROUP (ORDER BY a)"), "{mode a}");
  EXPECT_EQ(MetricForm("median(a)"), "{percentile_cont 0.5 a}");
}

TEST(ExpressionParserMetricTest, ReadsTopValues) {
  EXPECT_EQ(MetricForm("(array_agg(a ORDER BY b DESC))[1:3]"), "{top a by b desc 1:3}");
  EXPECT_EQ(MetricForm("(array_agg(a ORDER BY b))[:3]"), "{top a by b 1:3}");
  EXPECT_EQ(MetricForm("(array_agg(a ORDER BY b + 1))[2]"), "{top a by (b + 1) 2}");
  EXPECT_EQ(MetricForm("(array_agg(a ORDER BY b DESC NULLS LAST) FILTER (WHERE c))[1]"),
            "{top a by b desc 1 where c}");
  EXPECT_EQ(MetricForm("(array_agg(a ORDER BY b))[1000]"), "{top a by b 1000}");
}

TEST(ExpressionParserMetricTest, ReadsFilters) {
  EXPECT_EQ(MetricForm("avg(a) FILTER (WHERE NOT is_bot AND b > 1)"),
            "{avg a where and(not(is_bot), b > 1)}");
  EXPECT_EQ(MetricForm("count(*) FILTER (WHERE a)"), "{count(*) where a}");
  EXPECT_EQ(MetricForm("percentile_cont(0.9) WITHIN GROUP (ORDER BY a) FILTER (WHERE b)"),
            "{percentile_cont 0.9 a where b}");
}

TEST(ExpressionParserMetricTest, ReadsExpressionsOfRowsInsideAggregates) {
  EXPECT_EQ(MetricForm("sum(a * b + 1)"), "{sum ((a * b) + 1)}");
  EXPECT_EQ(MetricForm("sum(CASE WHEN a THEN 1 ELSE 0 END)"),
            "{sum case when a then 1 else 0 end}");
  EXPECT_EQ(MetricForm("count(DISTINCT lower(a))"), "{count distinct lower(a)}");
  EXPECT_EQ(MetricForm("max(a::float8)"), "{max a::float8}");
}

TEST(ExpressionParserMetricTest, ReadsArithmeticOverAggregates) {
  EXPECT_EQ(MetricForm("sum(a)::float8 / count(*)"), "({sum a}::float8 / {count(*)})");
  EXPECT_EQ(MetricForm("1 - sum(a) / sum(b)"), "(1 - ({sum a} / {sum b}))");
  EXPECT_EQ(MetricForm("-sum(a)"), "-({sum a})");
  EXPECT_EQ(MetricForm("extract(epoch FROM avg(a - b))"), "extract('epoch', {avg (a - b)})");
  EXPECT_EQ(MetricForm("CASE WHEN count(*) > 10 THEN avg(a) END"),
            "case when {count(*)} > 10 then {avg a} end");
  EXPECT_EQ(MetricForm("round(avg(a))"), "round({avg a})");
}

TEST(ExpressionParserMetricTest, RefusesColumnsOutsideAggregates) {
  EXPECT_THAT(MetricForm("a"), HasSubstr("found the column a outside an aggregate; allowed: "
                                         "columns inside aggregates: count(*)"));
  EXPECT_THAT(MetricForm("sum(a) + b"), HasSubstr("found the column b outside an aggregate"));
  EXPECT_THAT(MetricForm("CASE WHEN b THEN sum(a) END"), HasSubstr("the column b outside"));
}

TEST(ExpressionParserMetricTest, RefusesAggregatesInsideAggregates) {
  EXPECT_THAT(MetricForm("sum(sum(a))"),
              HasSubstr("found the aggregate sum() inside an aggregate"));
  EXPECT_THAT(MetricForm("sum(a + max(b))"), HasSubstr("the aggregate max() inside"));
  EXPECT_THAT(MetricForm("sum(a) FILTER (WHERE b > avg(c))"), HasSubstr("the aggregate avg() in"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY sum(b)))[1]"), HasSubstr("the aggregate sum() in"));
}

TEST(ExpressionParserMetricTest, RefusesAMetricWithoutAggregate) {
  EXPECT_THAT(MetricForm("1"), HasSubstr("found no aggregate; allowed: count(*)"));
  EXPECT_THAT(MetricForm("1 + 2"), HasSubstr("found no aggregate"));
  EXPECT_THAT(MetricForm("now()"), HasSubstr("found no aggregate"));
}

TEST(ExpressionParserMetricTest, RefusesOtherFormsOfAggregates) {
  EXPECT_THAT(MetricForm("sum(a) OVER ()"), HasSubstr("found OVER in sum()"));
  EXPECT_THAT(MetricForm("count(VARIADIC a)"), HasSubstr("found VARIADIC in count()"));
  EXPECT_THAT(MetricForm("sum(a ORDER BY b)"), HasSubstr("found ORDER BY in sum()"));
  EXPECT_THAT(MetricForm("sum(DISTINCT a)"), HasSubstr("found DISTINCT in sum()"));
  EXPECT_THAT(MetricForm("sum(*)"), HasSubstr("found * in sum()"));
  EXPECT_THAT(MetricForm("avg(a) WITHIN GROUP (ORDER BY b)"),
              HasSubstr("found WITHIN GROUP in avg()"));
  EXPECT_THAT(MetricForm("count()"), HasSubstr("found count() of 0 values; allowed: count() of 1"));
  EXPECT_THAT(MetricForm("sum(a, b)"), HasSubstr("found sum() of 2 values"));
  EXPECT_THAT(MetricForm("corr(a)"), HasSubstr("allowed: corr() of 2"));
  EXPECT_THAT(MetricForm("pg_catalog.sum(a)"), HasSubstr("found the function pg_catalog.sum()"));
  EXPECT_THAT(MetricForm("string_agg(a, ',')"), HasSubstr("found the function string_agg()"));
  EXPECT_THAT(MetricForm("summ(a)"), HasSubstr("found the function summ(); did you mean 'sum'"));
}

TEST(ExpressionParserMetricTest, ArithmeticOverMetricsIsADerivedOne) {
  EXPECT_THAT(MetricForm("n + 1"), HasSubstr("found the column n outside an aggregate"));
  EXPECT_THAT(MetricForm("n + 1"),
              HasSubstr("what computes with other metrics is a `derived` one"));
  EXPECT_THAT(std::string(ParseValue("count(*) / 2", "metrics[0].derived").status().message()),
              HasSubstr("found the aggregate count(); allowed: names of metrics"));
  EXPECT_THAT(std::string(ParseValue("count(*) / 2", "derived.derived").status().message()),
              HasSubstr("found the aggregate count(); allowed: values of a row"));
}

TEST(ExpressionParserMetricTest, RefusesOtherPercentiles) {
  for (const char* fraction :
       {"1.5", "-0.1", "'0.5'", "NULL", "0.25 + 0.25", "a", "ARRAY[0.5]", "1e9", "true"}) {
    const std::string text =
        std::string("percentile_cont(") + fraction + ") WITHIN GROUP (ORDER BY a)";
    EXPECT_EQ(ParseMetric(text, "m").status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(MetricForm("percentile_cont(2) WITHIN GROUP (ORDER BY a)"),
              HasSubstr("found percentile_cont() of 2; allowed: a fraction from 0 to 1"));
  EXPECT_THAT(MetricForm("percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC)"),
              HasSubstr("found ORDER BY .. DESC; allowed: percentile_cont(fraction) WITHIN GROUP "
                        "(ORDER BY x), with 1 - fraction for the other end"));
  EXPECT_THAT(MetricForm("mode() WITHIN GROUP (ORDER BY a DESC)"), HasSubstr("found ORDER BY .."));
  EXPECT_THAT(MetricForm("percentile_cont(0.5)"), HasSubstr("found no WITHIN GROUP"));
  EXPECT_THAT(MetricForm("mode(a)"), HasSubstr("found no WITHIN GROUP"));
  EXPECT_THAT(MetricForm("mode() WITHIN GROUP (ORDER BY a, b)"), HasSubstr("ordered by 2 values"));
  EXPECT_THAT(MetricForm("mode() WITHIN GROUP (ORDER BY a NULLS FIRST)"), HasSubstr("NULLS FIRST"));
}

TEST(ExpressionParserMetricTest, RefusesOtherTopValues) {
  EXPECT_THAT(MetricForm("array_agg(a ORDER BY b)"),
              HasSubstr("found the aggregate array_agg() without a subscript; allowed: "
                        "(array_agg(x ORDER BY y [DESC]))[n]"));
  EXPECT_THAT(MetricForm("(sum(a))[1]"), HasSubstr("the aggregate sum() with a subscript"));
  EXPECT_THAT(MetricForm("(array_agg(a))[1]"), HasSubstr("ordered by 0 values"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b, c))[1]"), HasSubstr("ordered by 2 values"));
  EXPECT_THAT(MetricForm("(array_agg(DISTINCT a ORDER BY a))[1]"), HasSubstr("found DISTINCT"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b USING <))[1]"), HasSubstr("USING"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b NULLS FIRST))[1]"), HasSubstr("NULLS FIRST"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[0]"), HasSubstr("found the subscript 0"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[-1:2]"), HasSubstr("found the subscript -1"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[1001]"), HasSubstr("the subscript 1001"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[3:2]"), HasSubstr("found the slice [3:2]"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[2:]"), HasSubstr("a slice without an end"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[1.5]"), HasSubstr("a subscript that is"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[c]"), HasSubstr("a subscript that is"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b))[1][2]"), HasSubstr("more than one subscript"));
  EXPECT_THAT(MetricForm("(array_agg(a ORDER BY b)).c"), HasSubstr("more than one subscript"));
}

TEST(ExpressionParserMetricTest, RefusesMoreThanOneExpression) {
  for (const char* text :
       {"count(*) AS n", "count(*), sum(a)", "DISTINCT count(*)", "count(*) FROM t",
        "count(*) WHERE a", "count(*) GROUP BY a", "count(*) INTO t", "count(*) UNION SELECT 1",
        "*", "count(s.t.a)", "count(t.*)", "avg(a) LIMIT 1", "pg_read_file('/etc/passwd')", "",
        "count(*); DELETE FROM t", "(SELECT count(*))", "sum(a) + $1"}) {
    const auto call = ParseMetric(text, "metrics[0].expression");
    EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(call.status().message()), HasSubstr("metrics[0].expression: "));
  }
}

}  // namespace
}  // namespace sextant
