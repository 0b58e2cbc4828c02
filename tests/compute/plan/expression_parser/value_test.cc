#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ExpressionParserValueTest, ReadsColumnsAndConstants) {
  EXPECT_EQ(ValueForm("closed_at"), "closed_at");
  EXPECT_EQ(ValueForm("1"), "1");
  EXPECT_EQ(ValueForm("NULL"), "NULL");
  EXPECT_EQ(ValueForm("NULL::numeric"), "NULL::numeric");
  EXPECT_EQ(ValueForm("'x'"), "'x'");
  EXPECT_EQ(ValueForm("true"), "true");
}

TEST(ExpressionParserValueTest, ADifferenceOfTwoColumnsIsOneCall) {
  const auto value = ParseValue("closed_at - created_at", "d");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->kind, Expression::Kind::kCall);
  EXPECT_EQ(value->name, "-");
  EXPECT_EQ(value->arguments[0].kind, Expression::Kind::kColumn);
  EXPECT_EQ(value->arguments[1].position, 12);
}

TEST(ExpressionParserValueTest, ReadsArithmeticWithPostgresPrecedence) {
  EXPECT_EQ(ValueForm("a + b * c - d % 2 / 3"), "((a + (b * c)) - ((d % 2) / 3))");
  EXPECT_EQ(ValueForm("(a + b) * c"), "((a + b) * c)");
  EXPECT_EQ(ValueForm("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(ValueForm("-a"), "-(a)");
  EXPECT_EQ(ValueForm("- -a"), "-(-(a))");
  EXPECT_EQ(ValueForm("-a::int"), "-(a::int4)");
  EXPECT_EQ(ValueForm("-1.5::int"), "-(1.5d::int4)");
  EXPECT_EQ(ValueForm("- interval '1 day'"), "-(interval'1 day')");
  EXPECT_EQ(ValueForm("1 - a"), "(1 - a)");
}

TEST(ExpressionParserValueTest, ReadsCasts) {
  EXPECT_EQ(ValueForm("a::numeric(12,2)"), "a::numeric(12,2)");
  EXPECT_EQ(ValueForm("a::numeric(4,-2)"), "a::numeric(4,-2)");
  EXPECT_EQ(ValueForm("a::numeric(4,0)"), "a::numeric(4,0)");
  EXPECT_EQ(ValueForm("a::numeric"), "a::numeric");
  EXPECT_EQ(ValueForm("CAST(a + b AS double precision)"), "(a + b)::float8");
  EXPECT_EQ(ValueForm("a::character varying(3)"), "a::varchar(3)");
  EXPECT_EQ(ValueForm("a::char"), "a::bpchar(1)");
  EXPECT_EQ(ValueForm("a::timestamptz::date"), "a::timestamptz::date");
  EXPECT_EQ(ValueForm("a::pg_catalog.int4"), "a::int4");
  EXPECT_EQ(ValueForm("'12.345'::numeric(4,2)"), "numeric'12.345'::numeric(4,2)");
  EXPECT_EQ(ValueForm("12.345::numeric(4,2)"), "numeric'12.345'::numeric(4,2)");
  EXPECT_EQ(ValueForm("'2024-01-01'::date::timestamptz"), "date'2024-01-01'::timestamptz");
}

TEST(ExpressionParserValueTest, RefusesOtherTypes) {
  EXPECT_THAT(ValueForm("a::int[]"), HasSubstr("found a cast to an array"));
  EXPECT_THAT(ValueForm("a::timestamptz(3)"), HasSubstr("the type timestamptz with a modifier"));
  EXPECT_THAT(ValueForm("interval '1' day"), HasSubstr("allowed: interval '1 day'"));
  EXPECT_THAT(ValueForm("interval(3) '1 day'"), HasSubstr("allowed: interval '1 day'"));
  EXPECT_THAT(ValueForm("a::bit(3)"), HasSubstr("the type bit with a modifier"));
  EXPECT_THAT(ValueForm("a::setof int"), HasSubstr("a cast to a set"));
}

TEST(ExpressionParserValueTest, ReadsBothFormsOfCase) {
  EXPECT_EQ(ValueForm("CASE WHEN a > 1 THEN 'x' WHEN b THEN 'y' ELSE 'z' END"),
            "case when a > 1 then 'x' when b then 'y' else 'z' end");
  EXPECT_EQ(ValueForm("CASE WHEN a THEN 1 END"), "case when a then 1 end");
  EXPECT_EQ(ValueForm("CASE a WHEN 1 THEN 2 WHEN b THEN 3 END"),
            "case when a = 1 then 2 when a = b then 3 end");
  EXPECT_EQ(ValueForm("CASE 1 WHEN a THEN 2 END"), "case when a = 1 then 2 end");
  EXPECT_EQ(ValueForm("CASE WHEN -1 > a THEN -5 END"), "case when a < -1 then -5 end");
}

TEST(ExpressionParserValueTest, ReadsFunctions) {
  EXPECT_EQ(ValueForm("coalesce(a, b, 0)"), "coalesce(a, b, 0)");
  EXPECT_EQ(ValueForm("nullif(a, -1)"), "nullif(a, -1)");
  EXPECT_EQ(ValueForm("greatest(a, 1)"), "greatest(a, 1)");
  EXPECT_EQ(ValueForm("least(a, b)"), "least(a, b)");
  EXPECT_EQ(ValueForm("abs(a - b)"), "abs((a - b))");
  EXPECT_EQ(ValueForm("round(a)"), "round(a)");
  EXPECT_EQ(ValueForm("round(a, 2)"), "round(a, 2)");
  EXPECT_EQ(ValueForm("floor(a) + ceil(b) + ceiling(c) + trunc(d)"),
            "(((floor(a) + ceil(b)) + ceil(c)) + trunc(d))");
  EXPECT_EQ(ValueForm("UPPER(lower(a))"), "upper(lower(a))");
  EXPECT_EQ(ValueForm("length(a) + char_length(a) + character_length(a)"),
            "((length(a) + length(a)) + length(a))");
  EXPECT_EQ(ValueForm("array_length(labels, 1)"), "array_length(labels, 1)");
  EXPECT_EQ(ValueForm("cardinality(labels)"), "cardinality(labels)");
}

TEST(ExpressionParserValueTest, ReadsFunctionsOfTime) {
  EXPECT_EQ(ValueForm("extract(epoch FROM a - b)"), "extract('epoch', (a - b))");
  EXPECT_EQ(ValueForm("extract('day' FROM a)"), "extract('day', a)");
  EXPECT_EQ(ValueForm("date_trunc('month', a)"), "date_trunc('month', a)");
  EXPECT_EQ(ValueForm("now()"), "now()");
  EXPECT_EQ(ValueForm("current_timestamp"), "now()");
  EXPECT_EQ(ValueForm("current_date - 1"), "(current_date() - 1)");
  EXPECT_EQ(ValueForm("a AT TIME ZONE 'UTC'"), "at_time_zone(a, 'UTC')");
}

// In PostgreSQL date_part() gives float8, extract() numeric.
TEST(ExpressionParserValueTest, DatePartIsExtractAsFloat8) {
  EXPECT_EQ(ValueForm("date_part('day', a)"), "extract('day', a)::float8");
}

TEST(ExpressionParserValueTest, ReadsConditionsAsValues) {
  EXPECT_EQ(ValueForm("a > 1"), "<a > 1>");
  EXPECT_EQ(ValueForm("NOT a"), "<not(a)>");
  EXPECT_EQ(ValueForm("coalesce(a IS NULL, b IN (1))"), "coalesce(<a is null>, <b in [1]>)");
  EXPECT_EQ(ValueForm("(a = 1)::int"), "<a = 1>::int4");
}

TEST(ExpressionParserValueTest, RefusesUnknownFunctionsWithTheNearestNames) {
  const auto value = ParseValue("1 + flor(a)", "derived.x");
  EXPECT_THAT(std::string(value.status().message()),
              HasSubstr("derived.x: found the function flor(); did you mean 'floor'?; allowed: "
                        "abs, array_length"));
  const auto detail = DetailOf(value.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->position, 4);
  EXPECT_THAT(detail->nearest, ElementsAre("floor"));
}

TEST(ExpressionParserValueTest, RefusesOtherFunctions) {
  for (const char* text : {"pg_read_file('/etc/passwd')",
                           "pg_catalog.lower(a)",
                           "pg_catalog.extract('day', a)",
                           "public.abs(a)",
                           "pg_sleep(10)",
                           "power(a, 2)",
                           "concat(a, b)",
                           "trim(a)",
                           "substring(a FROM 1)",
                           "overlay(a PLACING 'b' FROM 1)",
                           "position('a' IN b)",
                           "normalize(a)",
                           "to_char(a, 'x')",
                           "random()",
                           "clock_timestamp()",
                           "current_user",
                           "user",
                           "localtimestamp",
                           "current_timestamp(3)",
                           "unnest(a)",
                           "xmlforest(a)",
                           "date_trunc('day', a, 'UTC')",
                           "abs(a, b)",
                           "abs()",
                           "now(1)",
                           "lower(*)",
                           "lower(DISTINCT a)",
                           "lower(a ORDER BY b)",
                           "lower(a) OVER ()",
                           "lower(a) FILTER (WHERE b)",
                           "lower(VARIADIC a)",
                           "lower(x => a)"}) {
    const auto value = ParseValue(text, "derived");
    EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(DetailOf(value.status()).has_value()) << text;
  }
  EXPECT_THAT(ValueForm("pg_read_file('/etc/passwd')"),
              HasSubstr("found the function pg_read_file(); allowed: abs"));
  EXPECT_THAT(ValueForm("pg_catalog.lower(a)"), HasSubstr("found the function pg_catalog.lower()"));
  EXPECT_THAT(ValueForm("abs(a, b)"), HasSubstr("found abs() of 2 values; allowed: abs() of 1"));
  EXPECT_THAT(ValueForm("round()"), HasSubstr("allowed: round() of 1 or 2"));
}

TEST(ExpressionParserValueTest, RefusesAggregates) {
  EXPECT_THAT(ValueForm("a + sum(b)"), HasSubstr("found the aggregate sum()"));
  EXPECT_THAT(ValueForm("median(a)"), HasSubstr("found the aggregate median()"));
  EXPECT_THAT(ValueForm("(array_agg(a ORDER BY b))[1]"), HasSubstr("the aggregate array_agg()"));
}

TEST(ExpressionParserValueTest, RefusesMoreThanOneExpression) {
  for (const char* text : {"", "a, b", "a AS b", "a b", "*", "a FROM t", "a WHERE b", "DISTINCT a",
                           "a INTO b", "a UNION SELECT b", "a; b"}) {
    EXPECT_EQ(ParseValue(text, "derived").status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace sextant
