#include "compute/plan/expression_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using testing::HasSubstr;

std::string Shown(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kNull:
      return "NULL";
    case Literal::Kind::kString:
      return absl::StrCat("'", literal.text, "'");
    case Literal::Kind::kTyped:
      return absl::StrCat(literal.type_name, "'", literal.text, "'");
    case Literal::Kind::kDecimal:
      return absl::StrCat(literal.text, "d");
    default:
      return literal.text;
  }
}

std::string Shown(const Expression& value) {
  if (value.kind == Expression::Kind::kColumn) return value.name;
  return absl::StrCat(Shown(value.arguments[0]), value.name, Shown(value.arguments[1]));
}

std::string Shown(const std::vector<Literal>& literals) {
  return absl::StrCat("[",
                      absl::StrJoin(literals, " ",
                                    [](std::string* out, const Literal& literal) {
                                      absl::StrAppend(out, Shown(literal));
                                    }),
                      "]");
}

/// A predicate as a line, so that a test shows what a text means.
std::string Shown(const Predicate& predicate) {
  const char* const ops[] = {"=", "<>", "<", "<=", ">", ">="};
  const char* const matches[] = {"&&", "@>", "none", "any"};
  const auto children = [&](const char* name) {
    return absl::StrCat(name, "(",
                        absl::StrJoin(predicate.children, ", ",
                                      [](std::string* out, const Predicate& child) {
                                        absl::StrAppend(out, Shown(child));
                                      }),
                        ")");
  };
  const std::string value = Shown(predicate.value);
  switch (predicate.kind) {
    case Predicate::Kind::kAnd:
      return children("and");
    case Predicate::Kind::kOr:
      return children("or");
    case Predicate::Kind::kNot:
      return children("not");
    case Predicate::Kind::kCompare:
      return absl::StrCat(value, " ", ops[static_cast<int>(predicate.op)], " ",
                          Shown(predicate.literals[0]));
    case Predicate::Kind::kIn:
      return absl::StrCat(value, " in ", Shown(predicate.literals));
    case Predicate::Kind::kRange:
      return absl::StrCat(Shown(*predicate.lower), predicate.lower_inclusive ? " <= " : " < ",
                          value, predicate.upper_inclusive ? " <= " : " < ",
                          Shown(*predicate.upper));
    case Predicate::Kind::kIsNull:
      return absl::StrCat(value, " is null");
    case Predicate::Kind::kIsTrue:
      return absl::StrCat(value, " is true");
    case Predicate::Kind::kIsFalse:
      return absl::StrCat(value, " is false");
    case Predicate::Kind::kBoolean:
      return value;
    case Predicate::Kind::kList:
      return absl::StrCat(value, " ", matches[static_cast<int>(predicate.list_match)], " ",
                          Shown(predicate.literals));
    default:
      return "another condition";
  }
}

std::string Filter(std::string_view text) {
  const auto read = ParseFilter(text, "where");
  return read.ok() ? Shown(*read) : std::string(read.status().message());
}

std::string Aggregate(std::string_view text) {
  const auto metric = ParseMetric(text, "metrics[0].expression");
  if (!metric.ok()) return std::string(metric.status().message());
  const AggregateCall& call = metric->aggregates[0];
  const char* const names[] = {"count(*)", "count", "count distinct", "sum", "avg", "min", "max"};
  const char* const name = names[static_cast<int>(call.kind)];
  return call.arguments.empty() ? name : absl::StrCat(name, " ", Shown(call.arguments[0]));
}

int PositionOfError(std::string_view text) {
  const auto predicate = ParseFilter(text, "where");
  EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << text;
  const auto detail = DetailOf(predicate.status());
  EXPECT_TRUE(detail.has_value() && detail->field == "where") << text;
  return detail ? detail->position : -2;
}

std::string Repeated(std::string_view part, size_t bytes) {
  std::string text;
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

TEST(ExpressionParserTest, ReadsComparisons) {
  EXPECT_EQ(Filter("a = 1"), "a = 1");
  EXPECT_EQ(Filter("a <> 'x'"), "a <> 'x'");
  EXPECT_EQ(Filter("a != 1.50"), "a <> 1.50d");
  EXPECT_EQ(Filter("a < true"), "a < true");
  EXPECT_EQ(Filter("a >= false"), "a >= false");
  EXPECT_EQ(Filter("a <= NULL"), "a <= NULL");
  EXPECT_EQ(Filter("(a) > (1e3)"), "a > 1e3d");
}

TEST(ExpressionParserTest, AComparisonThatBeginsWithAConstantIsTurnedAround) {
  EXPECT_EQ(Filter("1 < a"), "a > 1");
  EXPECT_EQ(Filter("1 >= a"), "a <= 1");
  EXPECT_EQ(Filter("1 = a"), "a = 1");
}

TEST(ExpressionParserTest, ReadsDifferencesOfColumns) {
  EXPECT_EQ(Filter("closed_at - created_at > interval '2 days'"),
            "closed_at-created_at > interval'2 days'");
}

TEST(ExpressionParserTest, ReadsSignedNumbers) {
  EXPECT_EQ(Filter("a = -5"), "a = -5");
  EXPECT_EQ(Filter("a = -(5)"), "a = -5");
  EXPECT_EQ(Filter("a = - -5"), "a = 5");
  EXPECT_EQ(Filter("a = 0"), "a = 0");
  EXPECT_EQ(Filter("a = -1.5"), "a = -1.5d");
  EXPECT_EQ(Filter("a = -9223372036854775808"), "a = -9223372036854775808");
  EXPECT_EQ(Filter("a = -2147483648"), "a = -2147483648");
  EXPECT_EQ(Filter("a IN (-1, 2, -3)"), "a in [-1 2 -3]");
  EXPECT_EQ(Filter("a = -5::bigint"), "a = int8'-5'");
}

TEST(ExpressionParserTest, ReadsCastsOfConstants) {
  EXPECT_EQ(Filter("a = date '2024-01-01'"), "a = date'2024-01-01'");
  EXPECT_EQ(Filter("a = '2024-01-01'::timestamptz"), "a = timestamptz'2024-01-01'");
  EXPECT_EQ(Filter("a = timestamp with time zone '2024-01-01'"), "a = timestamptz'2024-01-01'");
  EXPECT_EQ(Filter("a = timestamp '2024-01-01'"), "a = timestamp'2024-01-01'");
  EXPECT_EQ(Filter("a = CAST('1' AS integer)"), "a = int4'1'");
  EXPECT_EQ(Filter("a = 'x'::text"), "a = text'x'");
  EXPECT_EQ(Filter("a = 1::float8"), "a = float8'1'");
  EXPECT_EQ(Filter("a = 'x'::mood"), "a = mood'x'");
  EXPECT_EQ(Filter("a = NULL::int"), "a = NULL");
}

// PostgreSQL prints a number anew: 1e3::text is '1000', 007::text is '7'.
TEST(ExpressionParserTest, ANumberIsCastToTextOnlyAsPostgresPrintsIt) {
  EXPECT_EQ(Filter("a IN (0::text, (-5)::text)"), "a in [text'0' text'-5']");
  EXPECT_EQ(Filter("a = 0.50::varchar"), "a = varchar'0.50'");
  for (const char* text :
       {"a = 1e3::text", "a = 1.5E1::text", "a = .5::text", "a = 5.::text", "a = 007::text",
        "a = 00::text", "a = 01.5::text", "a = (-0)::text", "a = (-0.0)::varchar"}) {
    EXPECT_THAT(Filter(text), HasSubstr("allowed: a quoted constant of that type")) << text;
  }
}

TEST(ExpressionParserTest, ReadsListsAndRanges) {
  EXPECT_EQ(Filter("a IN ('x', 'y')"), "a in ['x' 'y']");
  EXPECT_EQ(Filter("a NOT IN (1, NULL)"), "not(a in [1 NULL])");
  EXPECT_EQ(Filter("a = ANY (ARRAY[1, 2])"), "a in [1 2]");
  EXPECT_EQ(Filter("a BETWEEN 1 AND 2"), "1 <= a <= 2");
  EXPECT_EQ(Filter("a NOT BETWEEN -1 AND NULL"), "not(-1 <= a <= NULL)");
}

TEST(ExpressionParserTest, ReadsTestsOfNullAndOfTruth) {
  EXPECT_EQ(Filter("a IS NULL"), "a is null");
  EXPECT_EQ(Filter("a - b IS NOT NULL"), "not(a-b is null)");
  EXPECT_EQ(Filter("a IS TRUE"), "a is true");
  EXPECT_EQ(Filter("a IS NOT TRUE"), "not(a is true)");
  EXPECT_EQ(Filter("a IS FALSE"), "a is false");
  EXPECT_EQ(Filter("a IS NOT FALSE"), "not(a is false)");
  EXPECT_EQ(Filter("a"), "a");
}

TEST(ExpressionParserTest, ReadsAndOrNot) {
  EXPECT_EQ(Filter("a AND b AND NOT c"), "and(a, b, not(c))");
  EXPECT_EQ(Filter("a = 1 OR (b AND c)"), "or(a = 1, and(b, c))");
}

TEST(ExpressionParserTest, ReadsMatchesOfListColumns) {
  EXPECT_EQ(Filter("'x' = ANY (labels)"), "labels any ['x']");
  EXPECT_EQ(Filter("labels && ARRAY['x', 'y']"), "labels && ['x' 'y']");
  EXPECT_EQ(Filter("ARRAY['x'] && labels"), "labels && ['x']");
  EXPECT_EQ(Filter("labels @> ARRAY['x']::text[]"), "labels @> [text'x']");
  EXPECT_EQ(Filter("ARRAY['x'] <@ labels"), "labels @> ['x']");
  EXPECT_EQ(Filter("NOT (labels && ARRAY[]::text[])"), "not(labels && [])");
}

TEST(ExpressionParserTest, NamesFoldToLowerCaseUnlessQuoted) {
  EXPECT_EQ(Filter("Author = 'X'"), "author = 'X'");
  EXPECT_EQ(Filter("\"Author\" = 'X'"), "Author = 'X'");
}

TEST(ExpressionParserTest, ConstantsKeepEscapesAndUnicode) {
  EXPECT_EQ(Filter("a = 'it''s'"), "a = 'it's'");
  EXPECT_EQ(Filter("a = E'\\n'"), "a = '\n'");
  EXPECT_EQ(Filter("a = 'größe\U0001F600'"), "a = 'größe\U0001F600'");
  EXPECT_EQ(Filter("a = ''"), "a = ''");
  EXPECT_EQ(Filter("a = 'x;y$1(' -- a comment ; $1"), "a = 'x;y$1('");
}

TEST(ExpressionParserTest, ReadsAggregates) {
  EXPECT_EQ(Aggregate("count(*)"), "count(*)");
  EXPECT_EQ(Aggregate("COUNT(a)"), "count a");
  EXPECT_EQ(Aggregate("count(DISTINCT a)"), "count distinct a");
  EXPECT_EQ(Aggregate("sum(a)"), "sum a");
  EXPECT_EQ(Aggregate("avg(released_at - committed_at)"), "avg released_at-committed_at");
  EXPECT_EQ(Aggregate("min(a)"), "min a");
  EXPECT_EQ(Aggregate("(max(a))"), "max a");
}

TEST(ExpressionParserTest, ReadsDerivedValues) {
  EXPECT_EQ(Shown(*ParseValue("closed_at - created_at", "d")), "closed_at-created_at");
  EXPECT_EQ(Shown(*ParseValue("closed_at", "d")), "closed_at");
  EXPECT_FALSE(ParseValue("closed_at + created_at", "d").ok());
  EXPECT_FALSE(ParseValue("closed_at, created_at", "d").ok());
}

TEST(ExpressionParserTest, RefusesOtherAggregatesAndSaysWhatIsAllowed) {
  for (const char* text : {"a",
                           "1",
                           "median(a)",
                           "sum(a, b)",
                           "count()",
                           "sum(*)",
                           "sum(DISTINCT a)",
                           "sum(a + b)",
                           "sum(1)",
                           "sum(a) FILTER (WHERE b)",
                           "sum(a) OVER ()",
                           "sum(a ORDER BY b)",
                           "sum(sum(a))",
                           "pg_catalog.sum(a)",
                           "count(*) AS n",
                           "count(*), sum(a)",
                           "count(*) / 2",
                           "DISTINCT count(*)",
                           "count(*) FROM t",
                           "count(*) WHERE a",
                           "count(*) GROUP BY a",
                           "count(*) INTO t",
                           "count(VARIADIC a)",
                           "count(*) UNION SELECT 1",
                           "*",
                           "count(t.a)",
                           "count(t.*)",
                           "avg(a - 1)",
                           "avg(a) LIMIT 1",
                           "pg_read_file('/etc/passwd')",
                           ""}) {
    const auto call = ParseMetric(text, "metrics[0].expression");
    EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(call.status().message()), HasSubstr("metrics[0].expression: "));
  }
  EXPECT_THAT(Aggregate("median(a)"),
              HasSubstr("found the function median(); allowed: count(*), count(x)"));
}

TEST(ExpressionParserTest, RefusesOtherConditions) {
  for (const char* text : {"1",
                           "true",
                           "a + 1 = 2",
                           "a = b",
                           "1 = 1",
                           "a - 1 = 2",
                           "a - b - c = 2",
                           "lower(a) = 'x'",
                           "a LIKE 'x%'",
                           "a ILIKE 'x'",
                           "a ~ 'x'",
                           "a SIMILAR TO 'x'",
                           "a IS DISTINCT FROM 1",
                           "a = ALL (ARRAY[1])",
                           "a > ANY (ARRAY[1])",
                           "a = ANY (b)",
                           "a BETWEEN SYMMETRIC 1 AND 2",
                           "a IN (SELECT 1)",
                           "EXISTS (SELECT 1)",
                           "a IN (b)",
                           "(a, b) = (1, 2)",
                           "a IS UNKNOWN",
                           "CASE WHEN a THEN b END",
                           "coalesce(a, b) = 1",
                           "a::text = 'x'",
                           "a[1] = 2",
                           "t.a = 1",
                           "a = '{1}'::int[]",
                           "a = B'1'",
                           "a = 1::varchar(3)",
                           "a = 'x'::text::text",
                           "a = 1.5::int",
                           "a = 5::interval",
                           "a = true::int",
                           "a = +5",
                           "a = -'x'",
                           "a COLLATE \"C\" = 'x'",
                           "a = current_date",
                           "a = now()",
                           "a = (SELECT 1)",
                           "a @> 'x'",
                           "a && b",
                           "a @> b",
                           "a = ARRAY[1]",
                           "a AT TIME ZONE 'UTC' = '2024-01-01'",
                           "a OPERATOR(pg_catalog.=) 1",
                           "a IS DOCUMENT",
                           "(a = 1) IS TRUE",
                           "(a = 1) = true",
                           "a NOTNULL = true",
                           "a = ROW(1)",
                           "a && ARRAY[ARRAY[1]]",
                           "a IS NULL IS NULL",
                           "a IS JSON",
                           "NOT 1",
                           "a OR 1"}) {
    const auto predicate = ParseFilter(text, "where");
    EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(DetailOf(predicate.status()).has_value()) << text;
  }
}

TEST(ExpressionParserTest, AnErrorSaysWhatWasFoundAndWhatIsAllowed) {
  EXPECT_THAT(Filter("a = 1 AND lower(b) = 'x'"),
              HasSubstr("where: found the function lower(); allowed: a column, or the difference "
                        "of two columns (at character 11)"));
  EXPECT_THAT(Filter("a LIKE 'x'"), HasSubstr("found the operator ~~; allowed: comparisons"));
  EXPECT_THAT(Filter("t.a = 1"), HasSubstr("found the qualified name t.a"));
  EXPECT_THAT(Filter("EXISTS (SELECT 1)"), HasSubstr("found a subquery"));
}

TEST(ExpressionParserTest, APositionIsAnOffsetInCharacters) {
  EXPECT_EQ(PositionOfError("a = 'ü' AND lower(b) = 'x'"), 12);
  EXPECT_EQ(PositionOfError("'ü' = = a"), 6);
  EXPECT_EQ(PositionOfError("a ="), 3);
  EXPECT_EQ(PositionOfError("ü = 'x"), 4);
}

TEST(ExpressionParserTest, ALiteralAndAColumnKnowTheirPosition) {
  const auto predicate = ParseFilter("x AND b - c > interval '1 day'", "where");
  ASSERT_TRUE(predicate.ok());
  const Predicate& comparison = predicate->children[1];
  EXPECT_EQ(comparison.value.arguments[1].position, 10);
  EXPECT_EQ(comparison.literals[0].position, 23);
  EXPECT_EQ(comparison.field, "where");
}

TEST(ExpressionParserTest, Rule24RefusesWhatIsMoreThanOneExpression) {
  for (const char* text : {"a = 1; DELETE FROM t",
                           "a = 1;",
                           ";",
                           "a GROUP BY b",
                           "a HAVING b",
                           "a ORDER BY b",
                           "a LIMIT 1",
                           "a OFFSET 1",
                           "a FOR UPDATE",
                           "a UNION SELECT 1",
                           "a WINDOW w AS ()",
                           "a) OR (b",
                           "a INTO t",
                           "a FROM t",
                           "a, b",
                           "",
                           " ",
                           "-- nothing",
                           "/* nothing */",
                           "a FETCH FIRST ROW ONLY",
                           "a INTERSECT SELECT 1"}) {
    const auto predicate = ParseFilter(text, "where");
    EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(PositionOfError("a = 1; DELETE FROM t"), 5);
  EXPECT_EQ(PositionOfError("a ORDER BY b"), 2);
}

TEST(ExpressionParserTest, Rule24RefusesParameters) {
  EXPECT_EQ(PositionOfError("a = $1"), 4);
  EXPECT_THAT(Filter("a = $1"), HasSubstr("found the parameter $1"));
}

TEST(ExpressionParserTest, Rule24LimitsBytes) {
  const std::string start = "a = '";
  const std::string fits = start + std::string(kMaxExpressionBytes - start.size() - 1, 'x') + "'";
  EXPECT_TRUE(ParseFilter(fits, "where").ok());
  EXPECT_THAT(Filter(fits + " "), HasSubstr("expression of 16385 bytes; 16384 are allowed"));
  // NOLINTNEXTLINE(bugprone-string-constructor): 50 MB are meant.
  EXPECT_FALSE(ParseFilter(std::string(50'000'000, '('), "where").ok());
}

TEST(ExpressionParserTest, Rule24LimitsOperatorsAndKeywords) {
  std::string fits = "a";
  for (int i = 0; i < kMaxExpressionTokens; ++i) fits += i % 2 == 0 ? " AND" : " a AND";
  fits += " a";
  const std::string and_1024 = "a" + Repeated(" AND a", 6 * kMaxExpressionTokens);
  EXPECT_TRUE(ParseFilter(and_1024, "where").ok());
  EXPECT_THAT(Filter(and_1024 + " AND a"), HasSubstr("more than 1024 operators and keywords"));
}

TEST(ExpressionParserTest, Rule24LimitsTheDepthOfBrackets) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(ParseFilter(nested(kMaxBracketDepth), "where").ok());
  EXPECT_THAT(Filter(nested(kMaxBracketDepth + 1)), HasSubstr("brackets nest more than 32 deep"));
}

TEST(ExpressionParserTest, Rule24LimitsListsInText) {
  const auto list_of = [](size_t count) {
    std::vector<int> values(count, -7);
    return absl::StrCat("a IN (", absl::StrJoin(values, ","), ")");
  };
  EXPECT_TRUE(ParseFilter(list_of(kMaxTextListValues), "where").ok());
  EXPECT_THAT(Filter(list_of(kMaxTextListValues + 1)),
              HasSubstr("a list of 1001 values; 1000 are allowed in text"));
}

TEST(ExpressionParserTest, Rule24LimitsTheDepthOfConditions) {
  const std::string not_31 = Repeated("NOT ", 4 * 31) + "a";
  EXPECT_TRUE(ParseFilter(not_31, "where").ok());
  EXPECT_THAT(Filter("NOT " + not_31), HasSubstr("nest deeper than the limit"));
}

TEST(ExpressionParserTest, Rule24TextsThatCrashTheParserAreRefusedBeforeIt) {
  constexpr size_t kBytes = kMaxExpressionBytes - 16;
  for (const char* part :
       {"+1",     "NOT ",       "(",          ")",      "::int",    "[1]",
        "- ",     "[",          "]",          "()",     "a.",       ".a",
        "/*",     "a = ",       "CASE WHEN ", "ARRAY[", "a IN (",   "SELECT ",
        "a AND ", "a OR ",      "'x' ",       "x ",     ",",        "a,",
        "||a",    "a COLLATE ", "EXISTS(",    "ROW(",

        "1.",     "U&'x' ",     "f(",         "!",      "IS NULL ", "AT TIME ZONE ",
        "\\",     "?",          "a BETWEEN ", "NULL ",  "@"}) {
    for (const std::string& text : {"a" + Repeated(part, kBytes), Repeated(part, kBytes)}) {
      const auto predicate = ParseFilter(text, "where");
      EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << part;
      EXPECT_LT(predicate.status().message().size(), 600u) << part;
      const auto call = ParseMetric(text, "metrics[0].expression");
      EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument) << part;
    }
  }
}

TEST(ExpressionParserTest, Rule24LimitsOperatorCharactersInARow) {
  EXPECT_EQ(PositionOfError("a = 'ü' " + std::string(1025, '+')), 8);
  EXPECT_TRUE(ParseFilter("a = '" + std::string(1024, '-') + "'", "where").ok());
}

TEST(ExpressionParserTest, Rule24LongCommentsAndNamesAreNoBurden) {
  constexpr size_t kBytes = kMaxExpressionBytes - 16;
  EXPECT_EQ(Filter("a -- " + Repeated("- ", kBytes - 4)), "a");
  EXPECT_TRUE(ParseFilter("a" + Repeated("$1", kBytes), "where").ok());
  EXPECT_TRUE(ParseFilter(Repeated("\"", kBytes), "where").ok());
}

TEST(ExpressionParserTest, RefusesTextThatIsNotUtf8OrHasAZeroByte) {
  for (const std::string& text :
       {std::string("a = '\xff'"), std::string("a = '\xc3"), std::string("a = '\xc0\xaf'"),
        std::string("a = '\xed\xa0\x80'"), std::string("a = '\xf4\x90\x80\x80'"),
        std::string("a = 'x\0y'", 9), std::string("\0", 1)}) {
    EXPECT_EQ(ParseFilter(text, "where").status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(PositionOfError("a = 'ü\xff'"), 6);
}

TEST(ExpressionParserTest, IsSafeForManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 50; ++j) {
        EXPECT_TRUE(ParseFilter("a = 1 AND b IN ('x', 'y')", "where").ok());
        EXPECT_FALSE(ParseFilter("a = = 1", "where").ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant
