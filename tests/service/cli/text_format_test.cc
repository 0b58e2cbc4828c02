#include "service/cli/text_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "service/cli/counted_noun.h"

namespace sextant {
namespace {

TEST(TextFormatTest, DurationsShowTheTwoLargestUnits) {
  EXPECT_EQ(HumanDuration(183'600), "2d 3h");
  EXPECT_EQ(HumanDuration(86'400), "1d");
  EXPECT_EQ(HumanDuration(245), "4m 5s");
  EXPECT_EQ(HumanDuration(3.21), "3.2s");
  EXPECT_EQ(HumanDuration(0.12), "120ms");
  EXPECT_EQ(HumanDuration(0.000035), "35us");
  EXPECT_EQ(HumanDuration(0), "0s");
}

TEST(TextFormatTest, ADurationIsNeverSixtyOfAUnit) {
  EXPECT_EQ(HumanDuration(59.99), "1m");
  EXPECT_EQ(HumanDuration(3599.9), "1h");
  EXPECT_EQ(HumanDuration(86'399.9), "1d");
}

TEST(TextFormatTest, NegativeAndInfiniteDurationsAreShown) {
  EXPECT_EQ(HumanDuration(-245), "-4m 5s");
  EXPECT_EQ(HumanDuration(INFINITY), "Infinity");
  EXPECT_EQ(HumanDuration(NAN), "NaN");
}

TEST(TextFormatTest, NumbersForPeopleSeparateThousands) {
  EXPECT_EQ(HumanNumber(1234567.25), "1,234,567.25");
  EXPECT_EQ(HumanNumber(-1000), "-1,000");
  EXPECT_EQ(HumanNumber(0.5), "0.5");
  EXPECT_EQ(HumanNumber(0.0001234), "0.000123");
  EXPECT_EQ(HumanInteger(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(HumanInteger(999), "999");
}

TEST(TextFormatTest, ShortestNumbersReadBackAsTheSameDouble) {
  EXPECT_EQ(ShortestNumber(0.1), "0.1");
  EXPECT_EQ(ShortestNumber(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(ShortestNumber(-0.0), "-0");
  EXPECT_EQ(ShortestNumber(NAN), "NaN");
  EXPECT_EQ(ShortestNumber(-INFINITY), "-Infinity");
}

TEST(TextFormatTest, BytesAreShownInPowersOfAThousand) {
  EXPECT_EQ(HumanBytes(12), "12 B");
  EXPECT_EQ(HumanBytes(1'234'567'890), "1.2 GB");
  EXPECT_EQ(HumanBytes(999'999), "1.0 MB");
}

TEST(TextFormatTest, ASparklineRunsFromTheSmallestToTheLargest) {
  const std::vector<std::optional<double>> values = {1, 2, std::nullopt, 8};
  EXPECT_EQ(Sparkline(values), "▁▂ █");
}

TEST(TextFormatTest, ASparklineOfEqualValuesIsLevel) {
  const std::vector<std::optional<double>> values = {5, 5};
  EXPECT_EQ(Sparkline(values), "▅▅");
}

TEST(TextFormatTest, ASparklineSurvivesExtremes) {
  const double max = std::numeric_limits<double>::max();
  const std::vector<std::optional<double>> values = {-max, max, NAN, INFINITY};
  EXPECT_EQ(Sparkline(values), "▁█  ");
}

TEST(TextFormatTest, ALongSparklineIsAveragedToItsWidth) {
  const std::vector<std::optional<double>> values(1000, 1.0);
  EXPECT_EQ(DisplayWidth(Sparkline(values, 60)), 60u);
}

TEST(TextFormatTest, ProgressIsClamped) {
  EXPECT_EQ(ProgressBar(0.5, 4), "[##--]");
  EXPECT_EQ(ProgressBar(7, 4), "[####]");
  EXPECT_EQ(ProgressBar(NAN, 4), "[----]");
}

TEST(TextFormatTest, WidthCountsCharactersAsTerminalsDrawThem) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("\xFF"), 1u);
}

TEST(TextFormatTest, OneIsNotSeveral) {
  EXPECT_EQ(Counted(0, "cell"), "0 cells");
  EXPECT_EQ(Counted(1, "cell"), "1 cell");
  EXPECT_EQ(Counted(5000, "row"), "5,000 rows");
}

TEST(TextFormatTest, ControlCharactersCannotSteerATerminal) {
  EXPECT_EQ(Printable("a\x1b[2Jb"), "a\xEF\xBF\xBD[2Jb");
  EXPECT_EQ(Printable("\xC2\x9B"), "\xEF\xBF\xBD");
}

TEST(PrintableLineTest, WhiteSpaceIsOneSpace) {
  EXPECT_EQ(PrintableLine(" CASE\n     THEN 1\tEND\n"), "CASE THEN 1 END");
  EXPECT_EQ(PrintableLine("a\x1b b"), "a\xEF\xBF\xBD b");
  EXPECT_EQ(PrintableLine("\n"), "");
}

TEST(TextFormatTest, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
}

TEST(TextFormatTest, AnEmptyTextInCsvIsQuotedBecauseAnEmptyFieldMeansNull) {
  EXPECT_EQ(CsvField(""), "\"\"");
}

TEST(TextFormatTest, JsonEscapesControlCharactersAndBadUtf8) {
  EXPECT_EQ(JsonString("a\"\\\n\xFFz"), "\"a\\\"\\\\\\u000a\xEF\xBF\xBDz\"");
}

}  // namespace
}  // namespace sextant
