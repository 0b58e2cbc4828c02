#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

using testing::HasSubstr;

TEST(ExpressionParserFilterTest, ReadsComparisons) {
  EXPECT_EQ(FilterForm("a = 1"), "a = 1");
  EXPECT_EQ(FilterForm("a <> 'x'"), "a <> 'x'");
  EXPECT_EQ(FilterForm("a != 1.50"), "a <> 1.50d");
  EXPECT_EQ(FilterForm("a < true"), "a < true");
  EXPECT_EQ(FilterForm("a >= false"), "a >= false");
  EXPECT_EQ(FilterForm("a <= NULL"), "a <= NULL");
  EXPECT_EQ(FilterForm("(a) > (1e3)"), "a > 1e3d");
}

TEST(ExpressionParserFilterTest, AComparisonThatBeginsWithAConstantIsTurnedAround) {
  EXPECT_EQ(FilterForm("1 < a"), "a > 1");
  EXPECT_EQ(FilterForm("1 <= a"), "a >= 1");
  EXPECT_EQ(FilterForm("1 > a"), "a < 1");
  EXPECT_EQ(FilterForm("1 >= a"), "a <= 1");
  EXPECT_EQ(FilterForm("1 = a"), "a = 1");
  EXPECT_EQ(FilterForm("1 <> a"), "a <> 1");
  EXPECT_EQ(FilterForm("-1 < lower(a)"), "lower(a) > -1");
}

TEST(ExpressionParserFilterTest, ReadsComparisonsOfTwoValues) {
  EXPECT_EQ(FilterForm("a = b"), "a = b");
  EXPECT_EQ(FilterForm("a + 1 > b * 2"), "(a + 1) > (b * 2)");
  EXPECT_EQ(FilterForm("created_at > now() - interval '30 days'"),
            "created_at > (now() - interval'30 days')");
  EXPECT_EQ(FilterForm("1 = 1"), "1 = 1");
  EXPECT_EQ(FilterForm("(a = 1) = true"), "<a = 1> = true");
  EXPECT_EQ(FilterForm("(a = 1) = (b = 2)"), "<a = 1> = <b = 2>");
}

TEST(ExpressionParserFilterTest, ReadsDistinct) {
  EXPECT_EQ(FilterForm("a IS DISTINCT FROM 1"), "a distinct 1");
  EXPECT_EQ(FilterForm("NULL IS DISTINCT FROM a"), "a distinct NULL");
  EXPECT_EQ(FilterForm("a IS NOT DISTINCT FROM b"), "not(a distinct b)");
}

TEST(ExpressionParserFilterTest, ReadsDifferencesOfColumns) {
  EXPECT_EQ(FilterForm("closed_at - created_at > interval '2 days'"),
            "(closed_at - created_at) > interval'2 days'");
}

TEST(ExpressionParserFilterTest, ReadsSignedNumbers) {
  EXPECT_EQ(FilterForm("a = -5"), "a = -5");
  EXPECT_EQ(FilterForm("a = +5"), "a = 5");
  EXPECT_EQ(FilterForm("a = -(5)"), "a = -5");
  EXPECT_EQ(FilterForm("a = - -5"), "a = 5");
  EXPECT_EQ(FilterForm("a = - - -5"), "a = -5");
  EXPECT_EQ(FilterForm("a = 0"), "a = 0");
  EXPECT_EQ(FilterForm("a = -1.5"), "a = -1.5d");
  EXPECT_EQ(FilterForm("a = -9223372036854775808"), "a = -9223372036854775808");
  EXPECT_EQ(FilterForm("a = -2147483648"), "a = -2147483648");
  EXPECT_EQ(FilterForm("a IN (-1, 2, -3)"), "a in [-1 2 -3]");
  EXPECT_EQ(FilterForm("a = -5::bigint"), "a = int8'-5'");
  EXPECT_EQ(FilterForm("a = b - -5"), "a = (b - -5)");
  EXPECT_EQ(FilterForm("a = b -5"), "a = (b - 5)");
}

TEST(ExpressionParserFilterTest, ReadsCastsOfConstants) {
  EXPECT_EQ(FilterForm("a = date '2024-01-01'"), "a = date'2024-01-01'");
  EXPECT_EQ(FilterForm("a = '2024-01-01'::timestamptz"), "a = timestamptz'2024-01-01'");
  EXPECT_EQ(FilterForm("a = timestamp with time zone '2024-01-01'"), "a = timestamptz'2024-01-01'");
  EXPECT_EQ(FilterForm("a = timestamp '2024-01-01'"), "a = timestamp'2024-01-01'");
  EXPECT_EQ(FilterForm("a = CAST('1' AS integer)"), "a = int4'1'");
  EXPECT_EQ(FilterForm("a = 'x'::text"), "a = text'x'");
  EXPECT_EQ(FilterForm("a = 1::float8"), "a = float8'1'");
  EXPECT_EQ(FilterForm("a = 'x'::mood"), "a = mood'x'");
  EXPECT_EQ(FilterForm("a = NULL::int"), "a = NULL");
}

// PostgreSQL prints a number anew: 1e3::text is '1000', 007::text is '7'. Reading '1.5' as int4 is
// an error, but 1.5::int4 is 2.
TEST(ExpressionParserFilterTest, ANumberIsRetypedOnlyWhereThatIsTheCast) {
  EXPECT_EQ(FilterForm("a IN (0::text, (-5)::text)"), "a in [text'0' text'-5']");
  EXPECT_EQ(FilterForm("a = 0.50::varchar"), "a = varchar'0.50'");
  EXPECT_EQ(FilterForm("a = 1e3::text"), "a = 1e3d::text");
  EXPECT_EQ(FilterForm("a = .5::text"), "a = .5d::text");
  EXPECT_EQ(FilterForm("a = 5.::text"), "a = 5.d::text");
  EXPECT_EQ(FilterForm("a = 007::text"), "a = 007::text");
  EXPECT_EQ(FilterForm("a = (-0)::text"), "a = -0::text");
  EXPECT_EQ(FilterForm("a = (-0.0)::varchar"), "a = -0.0d::varchar");
  EXPECT_EQ(FilterForm("a = 1.5::int"), "a = 1.5d::int4");
  EXPECT_EQ(FilterForm("a = true::int"), "a = true::int4");
  EXPECT_EQ(FilterForm("a = 'x'::text::varchar"), "a = text'x'::varchar");
}

TEST(ExpressionParserFilterTest, ReadsListsOfConstants) {
  EXPECT_EQ(FilterForm("a IN ('x', 'y')"), "a in ['x' 'y']");
  EXPECT_EQ(FilterForm("a NOT IN (1, NULL)"), "not(a in [1 NULL])");
  EXPECT_EQ(FilterForm("a = ANY (ARRAY[1, 2])"), "a in [1 2]");
  EXPECT_EQ(FilterForm("a = ANY (ARRAY['1', '2']::bigint[])"), "a in [int8'1' int8'2']");
  EXPECT_EQ(FilterForm("a = ANY (ARRAY[]::int[])"), "a in []");
  EXPECT_EQ(FilterForm("a <> ALL (ARRAY[1, 2])"), "not(a in [1 2])");
  EXPECT_EQ(FilterForm("lower(a) IN ('x')"), "lower(a) in ['x']");
}

TEST(ExpressionParserFilterTest, ListsOfExpressionsAreWrittenOut) {
  EXPECT_EQ(FilterForm("a IN (b, c + 1)"), "or(a = b, a = (c + 1))");
  EXPECT_EQ(FilterForm("a IN (1, b, 2)"), "or(a in [1 2], a = b)");
  EXPECT_EQ(FilterForm("a NOT IN (b)"), "not(a = b)");
  EXPECT_EQ(FilterForm("1 IN (a, b)"), "or(a = 1, b = 1)");
  EXPECT_EQ(FilterForm("a = ANY (ARRAY[b, c])"), "or(a = b, a = c)");
  EXPECT_EQ(FilterForm("a > ANY (ARRAY[1, b])"), "or(a > 1, a > b)");
  EXPECT_EQ(FilterForm("a > ALL (ARRAY[1, 2])"), "and(a > 1, a > 2)");
  EXPECT_EQ(FilterForm("a = ALL (ARRAY[1])"), "a = 1");
  EXPECT_EQ(FilterForm("a <> ALL (ARRAY[b, c])"), "not(or(a = b, a = c))");
  EXPECT_EQ(FilterForm("a = ANY (ARRAY[b, '1']::int[])"), "or(a in [int4'1'], a = b::int4)");
  EXPECT_EQ(FilterForm("a < ANY (ARRAY[]::int[])"), "a in []");
  EXPECT_EQ(FilterForm("a < ALL (ARRAY[]::int[])"), "not(a in [])");
}

TEST(ExpressionParserFilterTest, ReadsRanges) {
  EXPECT_EQ(FilterForm("a BETWEEN 1 AND 2"), "1 <= a <= 2");
  EXPECT_EQ(FilterForm("a NOT BETWEEN -1 AND NULL"), "not(-1 <= a <= NULL)");
  EXPECT_EQ(FilterForm("a BETWEEN b AND 2"), "and(a >= b, a <= 2)");
  EXPECT_EQ(FilterForm("a NOT BETWEEN 1 AND b + 1"), "not(and(a >= 1, a <= (b + 1)))");
  EXPECT_EQ(FilterForm("5 BETWEEN a AND b"), "and(a <= 5, b >= 5)");
}

TEST(ExpressionParserFilterTest, ReadsPatterns) {
  EXPECT_EQ(FilterForm("a LIKE 'x%'"), "a like 'x%'");
  EXPECT_EQ(FilterForm("a NOT LIKE 'x%'"), "not(a like 'x%')");
  EXPECT_EQ(FilterForm("a ILIKE 'x'"), "a like* 'x'");
  EXPECT_EQ(FilterForm("a NOT ILIKE 'x'"), "not(a like* 'x')");
  EXPECT_EQ(FilterForm("a LIKE 'x!%' ESCAPE '!'"), "a like 'x!%' escape !");
  EXPECT_EQ(FilterForm("a LIKE 'x' ESCAPE 'ß'"), "a like 'x' escape ß");
  EXPECT_EQ(FilterForm("a NOT ILIKE 'x' ESCAPE ''"), "not(a like* 'x' escape )");
  EXPECT_EQ(FilterForm("a ~ '^x'"), "a ~ '^x'");
  EXPECT_EQ(FilterForm("a ~* 'x'"), "a ~* 'x'");
  EXPECT_EQ(FilterForm("a !~ 'x'"), "not(a ~ 'x')");
  EXPECT_EQ(FilterForm("a !~* 'x'"), "not(a ~* 'x')");
  EXPECT_EQ(FilterForm("lower(a) LIKE text 'x'"), "lower(a) like text'x'");
  EXPECT_EQ(FilterForm("a LIKE NULL"), "a like NULL");
}

TEST(ExpressionParserFilterTest, RefusesPatternsThatAreNoTextConstants) {
  EXPECT_THAT(FilterForm("a LIKE b"),
              HasSubstr("found the column b; allowed: a pattern that is a text constant"));
  EXPECT_THAT(FilterForm("a ~ lower('x')"), HasSubstr("found the function lower()"));
  EXPECT_THAT(FilterForm("a LIKE 1"), HasSubstr("found a constant"));
  EXPECT_THAT(FilterForm("a LIKE 'x' ESCAPE 'ab'"), HasSubstr("found ESCAPE 'ab'"));
  EXPECT_THAT(FilterForm("a LIKE 'x' ESCAPE b"), HasSubstr("allowed: ESCAPE 'c'"));
  EXPECT_THAT(FilterForm("a LIKE 'x' ESCAPE NULL"), HasSubstr("allowed: ESCAPE 'c'"));
  EXPECT_THAT(FilterForm("a SIMILAR TO 'x'"), HasSubstr("found SIMILAR TO"));
  EXPECT_THAT(FilterForm("a ^@ 'x'"), HasSubstr("found the operator ^@"));
}

TEST(ExpressionParserFilterTest, ReadsTestsOfNullAndOfTruth) {
  EXPECT_EQ(FilterForm("a IS NULL"), "a is null");
  EXPECT_EQ(FilterForm("a ISNULL"), "a is null");
  EXPECT_EQ(FilterForm("a - b IS NOT NULL"), "not((a - b) is null)");
  EXPECT_EQ(FilterForm("a IS TRUE"), "a is true");
  EXPECT_EQ(FilterForm("a IS NOT TRUE"), "not(a is true)");
  EXPECT_EQ(FilterForm("a IS FALSE"), "a is false");
  EXPECT_EQ(FilterForm("a IS NOT FALSE"), "not(a is false)");
  EXPECT_EQ(FilterForm("(a = 1) IS TRUE"), "<a = 1> is true");
  EXPECT_EQ(FilterForm("(a IS NULL) IS NOT FALSE"), "not(<a is null> is false)");
  EXPECT_EQ(FilterForm("(a = 1) IS NULL"), "<a = 1> is null");
}

TEST(ExpressionParserFilterTest, IsUnknownIsNeitherTrueNorFalse) {
  EXPECT_EQ(FilterForm("(a = 1) IS UNKNOWN"), "<a = 1> is null");
  EXPECT_EQ(FilterForm("(a = 1) IS NOT UNKNOWN"), "not(<a = 1> is null)");
  EXPECT_EQ(FilterForm("a IS UNKNOWN"), "and(not(a is true), not(a is false))");
}

TEST(ExpressionParserFilterTest, ReadsBooleanValues) {
  EXPECT_EQ(FilterForm("a"), "a");
  EXPECT_EQ(FilterForm("true"), "true");
  EXPECT_EQ(FilterForm("NULL"), "NULL");
  EXPECT_EQ(FilterForm("a OR bool 'f'"), "or(a, bool'f')");
  EXPECT_EQ(FilterForm("coalesce(a, false) AND b"), "and(coalesce(a, false), b)");
  EXPECT_EQ(FilterForm("CASE WHEN a THEN b ELSE c > 1 END"), "case when a then b else <c > 1> end");
  EXPECT_EQ(FilterForm("a::boolean"), "a::bool");
}

TEST(ExpressionParserFilterTest, ReadsAndOrNot) {
  EXPECT_EQ(FilterForm("a AND b AND NOT c"), "and(a, b, not(c))");
  EXPECT_EQ(FilterForm("a = 1 OR (b AND c)"), "or(a = 1, and(b, c))");
}

TEST(ExpressionParserFilterTest, ReadsMatchesOfListColumns) {
  EXPECT_EQ(FilterForm("'x' = ANY (labels)"), "labels any ['x']");
  EXPECT_EQ(FilterForm("NOT 'x' = ANY (labels)"), "not(labels any ['x'])");
  EXPECT_EQ(FilterForm("labels && ARRAY['x', 'y']"), "labels && ['x' 'y']");
  EXPECT_EQ(FilterForm("ARRAY['x'] && labels"), "labels && ['x']");
  EXPECT_EQ(FilterForm("labels @> ARRAY['x']::text[]"), "labels @> [text'x']");
  EXPECT_EQ(FilterForm("days @> ARRAY[date '2024-01-01']::date[]"), "days @> [date'2024-01-01']");
  EXPECT_EQ(FilterForm("ARRAY['x'] <@ labels"), "labels @> ['x']");
  EXPECT_EQ(FilterForm("NOT (labels && ARRAY[]::text[])"), "not(labels && [])");
  EXPECT_EQ(FilterForm("labels @> ARRAY[NULL]"), "labels @> [NULL]");
}

TEST(ExpressionParserFilterTest, ReadsComparisonsOfAConstantWithListColumns) {
  EXPECT_EQ(FilterForm("5 > ANY (scores)"), "5 > any scores");
  EXPECT_EQ(FilterForm("5 <= SOME (scores)"), "5 <= any scores");
  EXPECT_EQ(FilterForm("5 = ALL (scores)"), "5 = all scores");
  EXPECT_EQ(FilterForm("-5 <> ALL (scores)"), "-5 <> all scores");
}

TEST(ExpressionParserFilterTest, RefusesOtherMatchesOfLists) {
  EXPECT_THAT(FilterForm("a = ANY (b)"),
              HasSubstr("found the column a; allowed: a constant before ANY or ALL"));
  EXPECT_THAT(FilterForm("labels && other"), HasSubstr("found the column other"));
  EXPECT_THAT(FilterForm("labels && ARRAY[a]"), HasSubstr("found an array of expressions"));
  for (const char* text : {"labels <@ ARRAY['x']", "ARRAY['x'] @> labels"}) {
    EXPECT_THAT(FilterForm(text), HasSubstr("found a list that is contained in ARRAY[...]; "
                                            "allowed: list && ARRAY[...], list @> ARRAY[...]"));
  }
  EXPECT_THAT(FilterForm("a = ANY ('{open,x}')"),
              HasSubstr("found a constant; allowed: ANY or ALL of a list column, of ARRAY['a', "
                        "'b'], or IN ('a', 'b')"));
  EXPECT_THAT(FilterForm("lower(a) && ARRAY['x']"),
              HasSubstr("ARRAY[...] <@ list, where list is the name of a list column"));
  EXPECT_THAT(FilterForm("labels @> 'x'"), HasSubstr("allowed: ARRAY[...] of constants"));
  EXPECT_THAT(FilterForm("a = ANY ('{1,2}'::int[])"), HasSubstr("found a cast"));
  EXPECT_THAT(FilterForm("labels && ARRAY[ARRAY[1]]"), HasSubstr("found an array"));
  EXPECT_THAT(FilterForm("labels && ARRAY[1.5]::int[]"), HasSubstr("an array of expressions"));
  EXPECT_THAT(FilterForm("labels && ARRAY['x']::text"), HasSubstr("a cast of an array"));
  EXPECT_THAT(FilterForm("labels && ARRAY['x']::varchar(3)[]"), HasSubstr("with a modifier"));
  EXPECT_THAT(FilterForm("labels && ARRAY['x']::text[][]"), HasSubstr("several dimensions"));
  EXPECT_THAT(FilterForm("a LIKE ANY (ARRAY['x'])"), HasSubstr("found LIKE ANY"));
}

TEST(ExpressionParserFilterTest, WhatIsRefusedHasTheNameThatWasWritten) {
  EXPECT_THAT(FilterForm("a ILIKE ANY (ARRAY['x'])"),
              HasSubstr("found ILIKE ANY; allowed: one pattern: x ILIKE 'a' AND or OR"));
  EXPECT_THAT(FilterForm("a NOT ILIKE ALL (ARRAY['x'])"), HasSubstr("found NOT ILIKE ALL"));
  EXPECT_THAT(FilterForm("a SIMILAR TO 'x%'"), HasSubstr("found SIMILAR TO; allowed: LIKE, ILIKE"));
  EXPECT_THAT(FilterForm("a NOT SIMILAR TO 'x%'"), HasSubstr("found SIMILAR TO"));
}

TEST(ExpressionParserFilterTest, NamesFoldToLowerCaseUnlessQuoted) {
  EXPECT_EQ(FilterForm("Author = 'X'"), "author = 'X'");
  EXPECT_EQ(FilterForm("\"Author\" = 'X'"), "Author = 'X'");
}

TEST(ExpressionParserFilterTest, ConstantsKeepEscapesAndUnicode) {
  EXPECT_EQ(FilterForm("a = 'it''s'"), "a = 'it's'");
  EXPECT_EQ(FilterForm("a = E'\\n'"), "a = '\n'");
  EXPECT_EQ(FilterForm("a = 'größe\U0001F600'"), "a = 'größe\U0001F600'");
  EXPECT_EQ(FilterForm("a = ''"), "a = ''");
  EXPECT_EQ(FilterForm("a = 'x;y$1(' -- a comment ; $1"), "a = 'x;y$1('");
}

TEST(ExpressionParserFilterTest, RefusesOtherConditions) {
  for (const char* text : {"1",
                           "'x'",
                           "NOT 1",
                           "a OR 1",
                           "a BETWEEN SYMMETRIC 1 AND 2",
                           "a NOT BETWEEN SYMMETRIC 1 AND 2",
                           "a IN (SELECT 1)",
                           "a = ANY (SELECT 1)",
                           "EXISTS (SELECT 1)",
                           "a = (SELECT 1)",
                           "(a, b) = (1, 2)",
                           "(a, b) IN ((1, 2))",
                           "a = ROW(1)",
                           "a[1] = 2",
                           "(a).b = 2",
                           "s.t.a = 1",
                           "t.* IS NULL",
                           "a = '{1}'::int[]",
                           "a = ARRAY[1]",
                           "a = B'1'",
                           "a = -'x'",
                           "a = +b",
                           "a = -true",
                           "a COLLATE \"C\" = 'x'",
                           "a OPERATOR(pg_catalog.=) 1",
                           "a IS DOCUMENT",
                           "a IS NORMALIZED",
                           "a ^ 2 = 4",
                           "a || b = 'x'",
                           "a & 1 = 1",
                           "@ a = 1",
                           "a <=> b",
                           "count(*) > 1",
                           "a = DEFAULT",
                           "GROUPING(a) = 1",
                           "a = 1::regclass::oid[]",
                           "a IS JSON"}) {
    const auto predicate = ParseFilter(text, "where");
    EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(DetailOf(predicate.status()).has_value()) << text;
  }
}

TEST(ExpressionParserFilterTest, AnErrorSaysWhatWasFoundAndWhatIsAllowed) {
  EXPECT_THAT(FilterForm("a BETWEEN SYMMETRIC 1 AND 2"),
              HasSubstr("where: found the operator BETWEEN SYMMETRIC; allowed: = <> < <="));
  EXPECT_THAT(FilterForm("a <=> b"), HasSubstr("ANY, ALL, list && ARRAY[...], list @> "
                                               "ARRAY[...], AND, OR, NOT, a boolean"));
  EXPECT_THAT(FilterForm("s.t.a = 1"), HasSubstr("found the qualified name s.t.a"));
  EXPECT_THAT(FilterForm("EXISTS (SELECT 1)"), HasSubstr("found a subquery"));
  EXPECT_THAT(FilterForm("a = 1 AND sum(b) > 1"),
              HasSubstr("found the aggregate sum(); allowed: values of a row: columns and "
                        "functions of them (at character 11)"));
}

TEST(ExpressionParserFilterTest, AttributesOfLinksAreNamesWithAPoint) {
  EXPECT_EQ(FilterForm("issue.priority = 'High'"), FilterForm("\"issue.priority\" = 'High'"));
}

TEST(ExpressionParserFilterTest, LinkedRowsAreConditions) {
  const auto exists = ParseFilter("b AND exists_in(reviews, state = 'x' OR a.n > 1)", "where");
  ASSERT_TRUE(exists.ok()) << exists.status();
  const Predicate& link = exists->children[1];
  EXPECT_EQ(link.kind, Predicate::Kind::kExists);
  EXPECT_EQ(link.link, "reviews");
  EXPECT_EQ(link.position, 6);
  ASSERT_EQ(link.children.size(), 1u);
  EXPECT_EQ(link.children[0].kind, Predicate::Kind::kOr);
  EXPECT_EQ(FilterForm("any_in(reviews)"), FilterForm("exists_in(reviews)"));
  EXPECT_EQ(FilterForm("none_in(reviews, a)"), FilterForm("NOT exists_in(reviews, a)"));
}

TEST(ExpressionParserFilterTest, LinkedRowsAreNamedByALinkAndOneCondition) {
  for (const char* text : {"exists_in()", "exists_in(a, b, c)", "exists_in(DISTINCT a)",
                           "exists_in(a, b) OVER ()", "none_in(*)"}) {
    EXPECT_THAT(FilterForm(text), HasSubstr("allowed: exists_in(link), exists_in(link, condition)"))
        << text;
  }
  for (const char* text : {"exists_in('a', b)", "any_in(a.b)", "exists_in(1)"}) {
    EXPECT_THAT(FilterForm(text), HasSubstr("allowed: the name of a link of the dataset")) << text;
  }
}

TEST(ExpressionParserFilterTest, APositionIsAnOffsetInCharacters) {
  EXPECT_EQ(PositionOfFilterError("a = 'ü' AND reverse(b) = 'x'"), 12);
  EXPECT_EQ(PositionOfFilterError("'ü' = = a"), 6);
  EXPECT_EQ(PositionOfFilterError("a ="), 3);
  EXPECT_EQ(PositionOfFilterError("ü = 'x"), 4);
}

TEST(ExpressionParserFilterTest, ALiteralAndAColumnKnowTheirPosition) {
  const auto predicate = ParseFilter("x AND b - c > interval '1 day'", "where");
  ASSERT_TRUE(predicate.ok());
  const Predicate& comparison = predicate->children[1];
  EXPECT_EQ(comparison.value.arguments[1].position, 10);
  EXPECT_EQ(comparison.literals[0].position, 23);
  EXPECT_EQ(comparison.field, "where");
}

}  // namespace
}  // namespace sextant
