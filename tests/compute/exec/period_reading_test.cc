#include "compute/exec/period_reading.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "compute/memory/keep_going.h"
#include "compute/plan/calendar.h"
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

TEST(PeriodReadingTest, AnEmptyPeriodOfInstantsIsRefused) {
  CatalogCalendar calendar = kOfDays;
  calendar.last_day = "";
  calendar.label = "";
  calendar.end = "after";
  const DataType instant = DataType::Of(TypeKind::kTimestamp);
  const auto table =
      TableOf({{"first", instant, {Int(5), Int(7)}}, {"after", instant, {Int(7), Int(7)}}},
              {.dataset = "periods"});
  EXPECT_THAT(std::string(Read(table, calendar).status().message()),
              HasSubstr("allowed: an end after the start"));
}

TEST(PeriodReadingTest, Rule11DaysThatAZoneSkippedAreNoPeriod) {
  // 2011-12-29, the day that Apia skipped, and the two after it.
  const auto table = PeriodsOf({{Int(15'337), Int(15'337), Text("29")},
                                {Int(15'338), Int(15'338), Text("30")},
                                {Int(15'339), Int(15'340), Text("31")}});
  const auto in_utc = Read(table);
  ASSERT_TRUE(in_utc.ok()) << in_utc.status();
  EXPECT_THAT((*in_utc)->labels, ElementsAre("29", "30", "31"));
  const auto in_apia = Read(table, kOfDays, "Pacific/Apia");
  ASSERT_TRUE(in_apia.ok()) << in_apia.status();
  EXPECT_THAT((*in_apia)->labels, ElementsAre("29", "31"));
  EXPECT_EQ((*in_apia)->borders_us.size(), 3u);
  const absl::TimeZone apia = FindTimeZone("Pacific/Apia").value();
  EXPECT_EQ(FormatInstant((*in_apia)->borders_us[1], apia), "2011-12-31T00:00:00+14:00");
}

TEST(PeriodReadingTest, ACalendarOfSkippedDaysAloneHasNoPeriods) {
  const auto found = Read(PeriodsOf({{Int(15'338), Int(15'338)}}), kOfDays, "Pacific/Apia");
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("has no periods"));
}

TEST(PeriodReadingTest, DaysBeyondAllInstantsAreRefused) {
  EXPECT_THAT(ErrorOf({{Int(kMaxDay - 9), Int(kMaxDay)}}), HasSubstr("4714 BC to 294246"));
}

TEST(PeriodReadingTest, AStartThatIsNullIsRefused) {
  EXPECT_THAT(ErrorOf({{Null(), Int(5)}}), HasSubstr("start is NULL"));
}

TEST(PeriodReadingTest, AnEndThatIsNullLeavesTheLastPeriodOpen) {
  const auto found = Read(PeriodsOf({{Int(4), Null(), Text("b")}, {Int(0), Int(3), Text("a")}}));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT((*found)->borders_us, ElementsAre(0, 4 * kDayUs, kMaxInstantUs));
  EXPECT_THAT((*found)->labels, ElementsAre("a", "b"));
}

TEST(PeriodReadingTest, AnEndThatIsNullIsRefusedBeforeTheLastPeriod) {
  EXPECT_THAT(ErrorOf({{Int(0), Null()}, {Int(4), Int(6)}}),
              HasSubstr("the period that starts at 1970-01-05T00:00:00+00:00 after one without an "
                        "end, which starts at 1970-01-01T00:00:00+00:00; allowed: an end that is "
                        "NULL of the last period"));
  EXPECT_THAT(ErrorOf({{Int(4), Null()}, {Int(4), Null()}}), HasSubstr("without an end"));
  EXPECT_THAT(ErrorOf({{Int(4), Null()}, {Int(4), Int(6)}}), HasSubstr("follow one another"));
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

TEST(PeriodReadingTest, WhatIsReadIsCharged) {
  std::vector<Days> days;
  for (int i = 0; i < 1000; ++i) days.push_back({Int(i), Int(i), Text("a label of some length")});
  const auto table = PeriodsOf(days);
  const auto read_with = [&](size_t limit_bytes) {
    MemoryBudget budget("query", limit_bytes);
    return ReadPeriods(kOfDays, TenantScope::Resolve(table, TenantClaim::None()).value(),
                       FindTimeZone("UTC").value(), budget)
        .status();
  };
  EXPECT_TRUE(read_with(250'000).ok()) << read_with(250'000);
  EXPECT_EQ(read_with(50'000).code(), absl::StatusCode::kResourceExhausted);
}

TEST(PeriodReadingTest, ItIsAskedWhetherToGoOn) {
  const auto stop = [] { return absl::CancelledError("gone"); };
  const KeepGoingScope scope(stop);
  EXPECT_EQ(Read(PeriodsOf({{Int(0), Int(3)}})).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sextant
