#include "compute/plan/series_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SeriesTextTest, ReadsWhatSeriesNameWrites) {
  for (const CalendarUnit unit :
       {CalendarUnit::kMinute, CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
        CalendarUnit::kMonth, CalendarUnit::kQuarter, CalendarUnit::kYear}) {
    for (const int count : {1, 2, 30}) {
      for (const bool is_rolling : {false, true}) {
        const TimeSeries series = {unit, count, is_rolling};
        const auto read = ParseSeries(SeriesName(series), "interval");
        ASSERT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(SeriesName(*read), SeriesName(series));
      }
    }
  }
  EXPECT_EQ(ParseSeries("all", "interval")->unit, CalendarUnit::kAll);
}

TEST(SeriesTextTest, BlanksAndCaseDoNotMatter) {
  EXPECT_EQ(SeriesName(*ParseSeries("  Rolling   7  DAY ", "interval")), "rolling 7 day");
  EXPECT_EQ(SeriesName(*ParseSeries("1 week", "interval")), "week");
}

TEST(SeriesTextTest, RefusesWhatIsNoSeriesAndSaysWhatIs) {
  for (const char* text :
       {"", " ", "fortnight", "0 day", "-1 day", "2 all", "rolling all", "rolling", "7", "day 7",
        "1 2 day", "x week", "7 rolling day", "rolling rolling day", "99999999999 day", "1.5 day",
        "rolling 0 day", "1day"}) {
    const auto refused = ParseSeries(text, "series[0].interval");
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(DetailOf(refused.status())->field, "series[0].interval");
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("allowed: all, minute, hour"));
  }
}

TEST(SeriesTextTest, NamesTheNearestUnit) {
  const auto refused = ParseSeries("2 weeks", "interval");
  EXPECT_THAT(DetailOf(refused.status())->nearest, ElementsAre("week"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("did you mean 'week'?"));
}

TEST(SeriesTextTest, ALongTextIsCutInTheError) {
  const auto refused = ParseSeries(std::string(1 << 20, 'x'), "interval");
  EXPECT_LT(refused.status().message().size(), 500u);
}

TEST(SeriesTextTest, ACalendarTakesNoNumber) {
  for (const char* text : {"2 Fiscal_Month", "rolling Fiscal_Month", "rolling 2 Fiscal_Month"}) {
    const auto refused = ParseSeries(text, "series[0].interval", {"term", "Fiscal_Month"});
    EXPECT_EQ(std::string(refused.status().message()),
              absl::StrCat("series[0].interval: found '", text,
                           "'; 'Fiscal_Month' is a calendar, which takes no number and is not "
                           "rolling; allowed: its name alone"));
  }
}

}  // namespace
}  // namespace sextant
