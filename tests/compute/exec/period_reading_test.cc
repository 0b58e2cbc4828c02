#include "compute/exec/period_reading.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

const CatalogCalendar kOfDays = {.name = "fiscal",
                                 .description = "",
                                 .dataset = "periods",
                                 .start = "first",
                                 .end = "",
                                 .last_day = "last",
                                 .label = "name"};

struct Days {
  Cell first;
  Cell last;
  Cell name = Null();
};

/// Periods from their first to their last day, counted from 1970-01-01.
std::shared_ptr<const Table> PeriodsOf(const std::vector<Days>& periods) {
  ColumnCells first = {"first", DataType::Of(TypeKind::kDate), {}};
  ColumnCells last = {"last", DataType::Of(TypeKind::kDate), {}};
  ColumnCells name = {"name", DataType::Of(TypeKind::kText), {}};
  for (const Days& one : periods) {
    first.cells.push_back(one.first);
    last.cells.push_back(one.last);
    name.cells.push_back(one.name);
  }
  return TableOf({first, last, name}, {.chunk_rows = 2, .dataset = "periods"});
}

absl::StatusOr<std::shared_ptr<const PeriodCalendar>> Read(
    const std::shared_ptr<const Table>& table, const CatalogCalendar& calendar = kOfDays,
    const std::string& zone = "UTC", const TenantClaim& claim = TenantClaim::None()) {
  return ReadPeriods(calendar, TenantScope::Resolve(table, claim).value(),
                     FindTimeZone(zone).value(), TestBudget());
}

std::string ErrorOf(const std::vector<Days>& periods) {
  const auto found = Read(PeriodsOf(periods));
  EXPECT_EQ(found.status().code(), absl::StatusCode::kFailedPrecondition) << found.status();
  return std::string(found.status().message());
}

TEST(PeriodReadingTest, PeriodsAreInTheOrderOfTheirStarts) {
  const auto found = Read(PeriodsOf(
      {{Int(7), Int(9), Text("c")}, {Int(0), Int(3), Text("a")}, {Int(4), Int(6), Null()}}));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->name, "fiscal");
  EXPECT_THAT((*found)->borders_us, ElementsAre(0, 4 * kDayUs, 7 * kDayUs, 10 * kDayUs));
  EXPECT_THAT((*found)->labels, ElementsAre("a", "", "c"));
}

TEST(PeriodReadingTest, Rule10ADayBeginsWithItsMidnightInTheZone) {
  const auto found = Read(PeriodsOf({{Int(0), Int(3)}}), kOfDays, "Asia/Kathmandu");
  ASSERT_TRUE(found.ok()) << found.status();
  // Five and a half hours before that of UTC, in 1970.
  constexpr int64_t kShiftUs = kDayUs / 48 * 11;
  EXPECT_THAT((*found)->borders_us, ElementsAre(-kShiftUs, 4 * kDayUs - kShiftUs));
}

TEST(PeriodReadingTest, InstantsAreBordersAsTheyAre) {
  CatalogCalendar calendar = kOfDays;
  calendar.last_day = "";
  calendar.label = "";
  calendar.end = "after";
  const DataType instant = DataType::Of(TypeKind::kTimestamp);
  const auto table =
      TableOf({{"first", instant, {Int(17), Int(5)}}, {"after", instant, {Int(19), Int(17)}}},
              {.dataset = "periods"});
  const auto found = Read(table, calendar, "Asia/Kathmandu");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT((*found)->borders_us, ElementsAre(5, 17, 19));
  EXPECT_THAT((*found)->labels, IsEmpty());
}

TEST(PeriodReadingTest, ATenantHasACalendarOfItsOwn) {
  const DataType day = DataType::Of(TypeKind::kDate);
  const DataType text = DataType::Of(TypeKind::kText);
  const auto table = TableOf({{"account", text, {Text("a"), Text("b"), Text("b")}},
                              {"first", day, {Int(0), Int(0), Int(2)}},
                              {"last", day, {Int(9), Int(1), Int(3)}},
                              {"name", text, {Null(), Null(), Null()}}},
                             {.tenant = "account", .dataset = "periods"});
  const auto found = Read(table, kOfDays, "UTC", TenantClaim::Of("b"));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT((*found)->borders_us, ElementsAre(0, 2 * kDayUs, 4 * kDayUs));
  EXPECT_THAT(std::string(Read(table, kOfDays, "UTC", TenantClaim::Of("c")).status().message()),
              HasSubstr("calendar 'fiscal' (dataset 'periods') has no periods"));
}

TEST(PeriodReadingTest, AGapIsRefused) {
  EXPECT_THAT(ErrorOf({{Int(0), Int(3)}, {Int(5), Int(6)}}),
              HasSubstr("the period that starts at 1970-01-06T00:00:00+00:00 after one that ends "
                        "at 1970-01-05T00:00:00+00:00; allowed: periods that follow one another"));
}

TEST(PeriodReadingTest, PeriodsThatOverlapAreRefused) {
  EXPECT_THAT(ErrorOf({{Int(0), Int(3)}, {Int(3), Int(6)}}), HasSubstr("follow one another"));
  EXPECT_THAT(ErrorOf({{Int(0), Int(3)}, {Int(0), Int(3)}}), HasSubstr("each once"));
}

TEST(PeriodReadingTest, AnEmptyPeriodIsRefused) {
  EXPECT_THAT(ErrorOf({{Int(5), Int(4)}}), HasSubstr("allowed: an end after the start"));
  EXPECT_THAT(ErrorOf({{Int(5), Int(1)}}), HasSubstr("allowed: an end after the start"));
}

TEST(PeriodReadingTest, ABorderThatIsNullIsRefused) {
  EXPECT_THAT(ErrorOf({{Int(5), Null()}}), HasSubstr("start or end is NULL"));
  EXPECT_THAT(ErrorOf({{Null(), Int(5)}}), HasSubstr("start or end is NULL"));
}

TEST(PeriodReadingTest, ADatasetWithoutRowsIsRefused) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("has no periods; at least one is needed"));
}

TEST(PeriodReadingTest, AColumnThatIsNoneIsTold) {
  CatalogCalendar calendar = kOfDays;
  calendar.start = "frist";
  const auto found = Read(PeriodsOf({{Int(0), Int(3)}}), calendar);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("did you mean 'first'"));
}

}  // namespace
}  // namespace sextant
