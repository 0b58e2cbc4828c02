#include "service/catalog/calendar_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "service/catalog/catalog.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Catalog> Load(const std::string& calendar) {
  return ParseCatalog({{"catalog.yaml", absl::StrCat(R"(
sources:
  - name: warehouse
datasets:
  - {name: periods, source: warehouse, table: periods, key: [id]}
calendars:
  - )",
                                                     calendar, "\n")}},
                      {});
}

std::string ErrorOf(const std::string& calendar) {
  const absl::StatusOr<Catalog> catalog = Load(calendar);
  return catalog.ok() ? "no error" : std::string(catalog.status().message());
}

TEST(CalendarSectionTest, ACalendarIsRead) {
  const auto catalog = Load(
      "{name: fiscal_month, dataset: periods, start: first, last_day: last, label: name, "
      "description: Of 4 or 5 weeks.}");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const CatalogCalendar& calendar = catalog->metrics.calendars().at("fiscal_month");
  EXPECT_EQ(calendar.dataset, "periods");
  EXPECT_EQ(calendar.start, "first");
  EXPECT_EQ(calendar.end, "");
  EXPECT_EQ(calendar.last_day, "last");
  EXPECT_EQ(calendar.label, "name");
  EXPECT_EQ(calendar.description, "Of 4 or 5 weeks.");
}

TEST(CalendarSectionTest, AnEndIsOneOfTwoKinds) {
  EXPECT_THAT(ErrorOf("{name: c, dataset: periods, start: a}"),
              HasSubstr("neither 'end' nor 'last_day'"));
  EXPECT_THAT(ErrorOf("{name: c, dataset: periods, start: a, end: b, last_day: c}"),
              HasSubstr("'end' and 'last_day'"));
}

TEST(CalendarSectionTest, TheNameOfAUnitIsTaken) {
  EXPECT_THAT(ErrorOf("{name: Week, dataset: periods, start: a, end: b}"),
              HasSubstr("'Week', which series have already"));
}

TEST(CalendarSectionTest, ADatasetThatIsNoneIsRefused) {
  EXPECT_THAT(ErrorOf("{name: c, dataset: period, start: a, end: b}"),
              HasSubstr("did you mean 'periods'"));
}

TEST(CalendarSectionTest, TwoOfANameAreRefused) {
  EXPECT_THAT(ErrorOf("{name: c, dataset: periods, start: a, end: b}\n"
                      "  - {name: c, dataset: periods, start: a, end: b}"),
              HasSubstr("a name of its own"));
}

TEST(CalendarSectionTest, AStartMustBeNamed) {
  EXPECT_THAT(ErrorOf("{name: c, dataset: periods, end: b}"), HasSubstr("start"));
}

}  // namespace
}  // namespace sextant
