#include "compute/plan/binder/interval_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

std::string Parsed(std::string_view text) {
  const auto interval = ParseInterval(text);
  if (!interval.ok()) return "error";
  return absl::StrCat(interval->months, " ", interval->days, " ", interval->microseconds);
}

// Each expectation is what PostgreSQL 15 answers to select interval '...'.
TEST(IntervalTextTest, Rule6ReadsUnits) {
  EXPECT_EQ(Parsed("2 days"), "0 2 0");
  EXPECT_EQ(Parsed("1 day"), "0 1 0");
  EXPECT_EQ(Parsed("1 year 2 months 3 weeks"), "14 21 0");
  EXPECT_EQ(Parsed("1 mon 2 hours 3 min 4 sec"), "1 0 7384000000");
  EXPECT_EQ(Parsed("5 ms 6 us"), "0 0 5006");
  EXPECT_EQ(Parsed("2h30m"), "0 0 9000000000");
  EXPECT_EQ(Parsed("@ 1 DAY"), "0 1 0");
  EXPECT_EQ(Parsed("90"), "0 0 90000000");
  EXPECT_EQ(Parsed("  3  days  "), "0 3 0");
  EXPECT_EQ(Parsed("1 day 2"), "0 1 2000000");
  EXPECT_EQ(Parsed("1 decade"), "120 0 0");
}

TEST(IntervalTextTest, Rule6ReadsClocks) {
  EXPECT_EQ(Parsed("01:02:03.5"), "0 0 3723500000");
  EXPECT_EQ(Parsed("1 day -02:00"), "0 1 -7200000000");
  EXPECT_EQ(Parsed("100:00"), "0 0 360000000000");
}

TEST(IntervalTextTest, Rule6AClockOfTwoPartsWithAPointIsMinutesAndSeconds) {
  EXPECT_EQ(Parsed("1:46.0"), "0 0 106000000");
  EXPECT_EQ(Parsed("-24:53.83790665"), "0 0 -1493837907");
  EXPECT_EQ(Parsed("2 days 9:60.5"), "0 2 600500000");
  EXPECT_EQ(Parsed("60:01.5"), "error");
  EXPECT_EQ(Parsed("1:61.5"), "error");
  EXPECT_EQ(Parsed("1:46.0:30"), "error");
  EXPECT_EQ(Parsed("1.0:46"), "error");
}

TEST(IntervalTextTest, Rule6HalfAMicrosecondOfAUnitIsDropped) {
  EXPECT_EQ(Parsed("39.6175 ms"), "0 0 39617");
  EXPECT_EQ(Parsed("-39.6175 ms"), "0 0 -39617");
  EXPECT_EQ(Parsed("39.6176 ms"), "0 0 39618");
}

TEST(IntervalTextTest, Rule6ReadsSignsAndAgo) {
  EXPECT_EQ(Parsed("-1 day"), "0 -1 0");
  EXPECT_EQ(Parsed("+1 day -1 hour"), "0 1 -3600000000");
  EXPECT_EQ(Parsed("1 day 2 hours ago"), "0 -1 -7200000000");
}

TEST(IntervalTextTest, Rule6FractionsGoToTheNextPart) {
  EXPECT_EQ(Parsed("1.5 days"), "0 1 43200000000");
  EXPECT_EQ(Parsed("1.5 months"), "1 15 0");
  EXPECT_EQ(Parsed("1.5 years"), "18 0 0");
  EXPECT_EQ(Parsed("0.7 months"), "0 21 0");
  EXPECT_EQ(Parsed("1.05 years"), "13 0 0");
  EXPECT_EQ(Parsed("-0.5 months"), "0 -15 0");
  EXPECT_EQ(Parsed("1.999999999 sec"), "0 0 2000000");
  EXPECT_EQ(Parsed("1.5 weeks"), "0 10 43200000000");
  EXPECT_EQ(Parsed("0.1 hours"), "0 0 360000000");
  EXPECT_EQ(Parsed("-1.5 days"), "0 -1 -43200000000");
  EXPECT_EQ(Parsed(".5 sec"), "0 0 500000");
}

TEST(IntervalTextTest, Rule6ReadsIso8601) {
  EXPECT_EQ(Parsed("P1Y2M3DT4H5M6.5S"), "14 3 14706500000");
  EXPECT_EQ(Parsed("PT36H"), "0 0 129600000000");
  EXPECT_EQ(Parsed("P2W"), "0 14 0");
  EXPECT_EQ(Parsed("P-1D"), "0 -1 0");
  EXPECT_EQ(Parsed("P1DT"), "0 1 0");
  EXPECT_EQ(Parsed("PT"), "0 0 0");
}

TEST(IntervalTextTest, RefusesWhatIsNoInterval) {
  for (const char* text : {"",
                           " ",
                           "day",
                           "2 dayss",
                           "2 fortnights",
                           "1:2:3:4",
                           "1:60",
                           "1:00:61",
                           "ago",
                           "P",
                           "P1",
                           "P1H",
                           "PT1D",
                           "1 day ago ago",
                           "1e5 days",
                           "--1 day",
                           "1..5 days",
                           "99999999999999999999 days",
                           "3000000000 days",
                           "300000000 years",
                           "9999999999999 hours",
                           "infinity",
                           "1 day;",
                           "\xff"}) {
    EXPECT_EQ(Parsed(text), "error") << text;
  }
  EXPECT_EQ(Parsed(std::string(1'000'000, '1')), "error");
}

TEST(IntervalTextTest, TheErrorRepeatsTheTextAndSaysWhatIsAllowed) {
  EXPECT_EQ(ParseInterval("2 fortnights").status().message(),
            "'2 fortnights' is not an interval; allowed: such as '2 days', '1 month 12:30:00', "
            "'P1DT2H'");
}

}  // namespace
}  // namespace sextant
