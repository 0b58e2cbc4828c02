#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/expression_parser.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

using testing::HasSubstr;

TEST(ExpressionParserLimitsTest, Rule24RefusesWhatIsMoreThanOneExpression) {
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
  EXPECT_EQ(PositionOfFilterError("a = 1; DELETE FROM t"), 5);
  EXPECT_EQ(PositionOfFilterError("a ORDER BY b"), 2);
}

TEST(ExpressionParserLimitsTest, Rule24RefusesWhatReadsMoreThanTheRow) {
  EXPECT_EQ(PositionOfFilterError("a AND EXISTS (SELECT 1 FROM t)"), 6);
  EXPECT_EQ(PositionOfFilterError("a = (SELECT b FROM t)"), 4);
  EXPECT_EQ(PositionOfFilterError("pg_read_file('/etc/passwd') = 'x'"), 0);
  EXPECT_EQ(PositionOfFilterError("a = pg_sleep(10)::text"), 4);
}

TEST(ExpressionParserLimitsTest, Rule24RefusesParameters) {
  EXPECT_EQ(PositionOfFilterError("a = $1"), 4);
  EXPECT_THAT(FilterForm("a = $1"), HasSubstr("found the parameter $1"));
}

TEST(ExpressionParserLimitsTest, Rule24LimitsBytes) {
  const std::string start = "a = '";
  const std::string fits = start + std::string(kMaxExpressionBytes - start.size() - 1, 'x') + "'";
  EXPECT_TRUE(ParseFilter(fits, "where").ok());
  EXPECT_THAT(FilterForm(fits + " "), HasSubstr("expression of 16385 bytes; 16384 are allowed"));
  // NOLINTNEXTLINE(bugprone-string-constructor): 50 MB are meant.
  EXPECT_FALSE(ParseFilter(std::string(50'000'000, '('), "where").ok());
}

TEST(ExpressionParserLimitsTest, Rule24LimitsOperatorsAndKeywords) {
  const std::string and_1024 = "a" + Repeated(" AND a", 6 * kMaxExpressionTokens);
  EXPECT_TRUE(ParseFilter(and_1024, "where").ok());
  EXPECT_THAT(FilterForm(and_1024 + " AND a"), HasSubstr("more than 1024 operators and keywords"));
}

TEST(ExpressionParserLimitsTest, Rule24LimitsTheDepthOfBrackets) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(ParseFilter(nested(kMaxBracketDepth), "where").ok());
  EXPECT_THAT(FilterForm(nested(kMaxBracketDepth + 1)),
              HasSubstr("brackets nest more than 32 deep"));
}

TEST(ExpressionParserLimitsTest, Rule24LimitsListsInText) {
  const auto list_of = [](size_t count) {
    std::vector<int> values(count, -7);
    return absl::StrCat("a IN (", absl::StrJoin(values, ","), ")");
  };
  EXPECT_TRUE(ParseFilter(list_of(kMaxTextListValues), "where").ok());
  EXPECT_THAT(FilterForm(list_of(kMaxTextListValues + 1)),
              HasSubstr("a list of 1001 values; 1000 are allowed in text"));
}

TEST(ExpressionParserLimitsTest, Rule24LimitsTheDepthOfConditions) {
  const std::string not_31 = Repeated("NOT ", 4 * 31) + "a";
  EXPECT_TRUE(ParseFilter(not_31, "where").ok());
  EXPECT_THAT(FilterForm("NOT " + not_31), HasSubstr("conditions that nest deeper than the limit"));
}

TEST(ExpressionParserLimitsTest, Rule24LimitsTheDepthOfValues) {
  const std::string sum_of_128 = "a" + Repeated("+a", 2 * (kMaxValueDepth - 1));
  EXPECT_TRUE(ParseValue(sum_of_128, "derived").ok());
  EXPECT_THAT(ValueForm(sum_of_128 + "+a"),
              HasSubstr("values that nest deeper than the limit; allowed: 128 levels"));
  EXPECT_TRUE(ParseValue("a" + Repeated("::int", 5 * (kMaxValueDepth - 1)), "derived").ok());
  EXPECT_FALSE(ParseValue("a" + Repeated("::int", 5 * kMaxValueDepth), "derived").ok());
}

// Each level writes its value out twice: 2^20 copies without a limit.
TEST(ExpressionParserLimitsTest, Rule24LimitsCopiesOfValues) {
  for (const char* form : {" BETWEEN b AND c)", " IN (b, c))", " = ANY (ARRAY[b, c]))"}) {
    std::string text = "a";
    for (int level = 0; level < 20; ++level) text = "(" + text + form;
    EXPECT_THAT(FilterForm(text), HasSubstr("8192 parts, when each use is written out")) << form;
  }
  std::string text = "a";
  for (int level = 0; level < 20; ++level) {
    text = "CASE " + text + " WHEN 1 THEN 2 WHEN 3 THEN 4 END";
  }
  EXPECT_THAT(ValueForm(text), HasSubstr("8192 parts, when each use is written out"));
}

TEST(ExpressionParserLimitsTest, Rule24TextsThatCrashTheParserAreRefusedBeforeIt) {
  constexpr size_t kBytes = kMaxExpressionBytes - 16;
  for (const char* part :
       {"+1",     "NOT ",       "(",          ")",      "::int",       "[1]",
        "- ",     "[",          "]",          "()",     "a.",          ".a",
        "/*",     "a = ",       "CASE WHEN ", "ARRAY[", "a IN (",      "SELECT ",
        "a AND ", "a OR ",      "'x' ",       "x ",     ",",           "a,",
        "||a",    "a COLLATE ", "EXISTS(",    "ROW(",   "coalesce(",   "IS TRUE ",
        "1.",     "U&'x' ",     "f(",         "!",      "IS NULL ",    "AT TIME ZONE ",
        "\\",     "?",          "a BETWEEN ", "NULL ",  "@",           "sum(",
        "ELSE ",  "a LIKE ",    "FILTER (",   "~",      "CASE a WHEN "}) {
    for (const std::string& text : {"a" + Repeated(part, kBytes), Repeated(part, kBytes)}) {
      const auto predicate = ParseFilter(text, "where");
      EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << part;
      EXPECT_LT(predicate.status().message().size(), 600u) << part;
      const auto metric = ParseMetric(text, "metrics[0].expression");
      EXPECT_EQ(metric.status().code(), absl::StatusCode::kInvalidArgument) << part;
      EXPECT_LT(metric.status().message().size(), 900u) << part;
      const auto value = ParseValue(text, "derived");
      EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument) << part;
    }
  }
}

// As much of each as the scanner lets through reaches PostgreSQL's parser and the readers.
TEST(ExpressionParserLimitsTest, Rule24TextsAtTheLimitOfTokensDoNotCrash) {
  for (const char* part : {"+1", "NOT ", "::int", "[1]", " IS TRUE", " AND a", "- ", " IS NULL",
                           " COLLATE x", " AT TIME ZONE 'x'", "/a", " = a", "||a"}) {
    for (size_t count : {340u, 512u, 1023u}) {
      std::string text = "a";
      for (size_t i = 0; i < count; ++i) text += part;
      for (const std::string& tried :
           {text, Repeated(part, count * std::string(part).size()) + "a"}) {
        const auto predicate = ParseFilter(tried, "where");
        EXPECT_TRUE(predicate.ok() ||
                    predicate.status().code() == absl::StatusCode::kInvalidArgument)
            << part;
        const auto value = ParseValue(tried, "derived");
        EXPECT_TRUE(value.ok() || value.status().code() == absl::StatusCode::kInvalidArgument)
            << part;
      }
    }
  }
}

TEST(ExpressionParserLimitsTest, Rule24LimitsOperatorCharactersInARow) {
  EXPECT_EQ(PositionOfFilterError("a = 'ü' " + std::string(1025, '+')), 8);
  EXPECT_TRUE(ParseFilter("a = '" + std::string(1024, '-') + "'", "where").ok());
}

TEST(ExpressionParserLimitsTest, Rule24LongCommentsAndNamesAreNoBurden) {
  constexpr size_t kBytes = kMaxExpressionBytes - 16;
  EXPECT_EQ(FilterForm("a -- " + Repeated("- ", kBytes - 4)), "a");
  EXPECT_TRUE(ParseFilter("a" + Repeated("$1", kBytes), "where").ok());
  EXPECT_TRUE(ParseFilter(Repeated("\"", kBytes), "where").ok());
}

TEST(ExpressionParserLimitsTest, RefusesTextThatIsNotUtf8OrHasAZeroByte) {
  for (const std::string& text :
       {std::string("a = '\xff'"), std::string("a = '\xc3"), std::string("a = '\xc0\xaf'"),
        std::string("a = '\xed\xa0\x80'"), std::string("a = '\xf4\x90\x80\x80'"),
        std::string("a = 'x\0y'", 9), std::string("\0", 1)}) {
    EXPECT_EQ(ParseFilter(text, "where").status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(PositionOfFilterError("a = 'ü\xff'"), 6);
}

TEST(ExpressionParserLimitsTest, IsSafeForManyThreads) {
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
