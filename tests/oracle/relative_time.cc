#include "tests/oracle/relative_time.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/sql_text.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

int MonthsOf(Unit unit) {
  if (unit == Unit::kQuarter) return 3;
  return unit == Unit::kYear ? 12 : (unit == Unit::kMonth ? 1 : 0);
}

/// Days since 1970-01-01 of the day `months` later, the last of its month where that is shorter.
int64_t AddMonths(int64_t days, int64_t months) {
  const CivilDate date = DateOfDays(days);
  const int64_t month = date.year * 12 + date.month - 1 + months;
  const int64_t year = FloorDivide(month, 12);
  const auto of_year = static_cast<int>(month - year * 12);
  const int64_t first = DaysOfDate(year, of_year + 1, 1);
  const int64_t next =
      of_year == 11 ? DaysOfDate(year + 1, 1, 1) : DaysOfDate(year, of_year + 2, 1);
  return std::min(first + date.day - 1, next - 1);
}

/// The local day on which the unit begins that holds `days`, or the one before it.
int64_t StartOfUnit(const CaseClock& clock, int64_t days, Unit unit, bool is_last) {
  if (unit == Unit::kDay) return days - (is_last ? 1 : 0);
  if (unit == Unit::kWeek) {
    // Day 0 was a Thursday.
    const int64_t weekday = FloorDivide(days + 3, 7) * 7;
    const int64_t iso = days + 3 - weekday + 1;
    const int64_t start = days - (iso - clock.week_start + 7) % 7;
    return start - (is_last ? 7 : 0);
  }
  const CivilDate date = DateOfDays(days);
  const int months = MonthsOf(unit);
  const int month = unit == Unit::kYear ? 1 : (date.month - 1) / months * months + 1;
  return AddMonths(DaysOfDate(date.year, month, 1), is_last ? -months : 0);
}

std::string StartSql(const CaseClock& clock, Unit unit, bool is_last) {
  const std::string zone = QuoteText(clock.zone);
  const std::string local =
      absl::StrCat("(", InstantSql(clock.as_of_us), " AT TIME ZONE ", zone, ")");
  std::string start = absl::StrCat("date_trunc('", UnitName(unit), "', ", local, ")");
  if (unit == Unit::kWeek) {
    start = absl::StrCat("date_trunc('day', ", local, ") - make_interval(days => (extract(isodow ",
                         "FROM ", local, ")::int - ", clock.week_start, " + 7) % 7)");
  }
  const std::string step = unit == Unit::kQuarter ? "3 months" : "1 " + UnitName(unit);
  return absl::StrCat("oracle_first_instant(", start,
                      is_last ? absl::StrCat(" - interval '", step, "'") : "", ", ", zone, ")");
}

RangeEnd StartOf(const CaseClock& clock, Unit unit, bool is_last, std::string text) {
  const int64_t today = FloorDivide(LocalUs(clock.as_of_us, clock.zone), kDayUs);
  const int64_t day = StartOfUnit(clock, today, unit, is_last);
  return {RangeEnd::Form::kRelative, FirstInstantUs(day * kDayUs, clock.zone), std::move(text),
          StartSql(clock, unit, is_last)};
}

RangeEnd Before(const CaseClock& clock, int count, Unit unit) {
  static constexpr const char* kNames[] = {"", "min", "h", "d", "w", "mo", "", "y"};
  return {RangeEnd::Form::kRelative, InstantBefore(clock, count, unit),
          absl::StrCat("-", count, kNames[static_cast<size_t>(unit)]),
          "(" + BeforeSql(InstantSql(clock.as_of_us), count, unit) + ")"};
}

}  // namespace

int64_t InstantBefore(const CaseClock& clock, int count, Unit unit) {
  if (unit == Unit::kMinute) return clock.as_of_us - count * 60 * kSecondUs;
  if (unit == Unit::kHour) return clock.as_of_us - count * kHourUs;
  const int64_t local = LocalUs(clock.as_of_us, clock.zone);
  const int64_t day = FloorDivide(local, kDayUs);
  int64_t before = day - count * (unit == Unit::kWeek ? 7 : 1);
  if (MonthsOf(unit) > 0) before = AddMonths(day, -count * MonthsOf(unit));
  return PostgresInstantUs(local + (before - day) * kDayUs, clock.zone);
}

std::string BeforeSql(const std::string& instant_sql, int count, Unit unit) {
  return absl::StrCat(instant_sql, " - interval '", count, " ", UnitName(unit), "'");
}

RangeEnd DrawRelativeEnd(Draws& draws, const CaseClock& clock, const TimeFocus& focus,
                         bool is_start) {
  const bool is_long = focus.spread_us > 2 * kDayUs;
  const bool is_longest = focus.spread_us > 100 * kDayUs;
  const auto unit = [&] {
    if (is_longest) return draws.Of({Unit::kWeek, Unit::kMonth, Unit::kQuarter, Unit::kYear});
    return is_long ? draws.Of({Unit::kDay, Unit::kWeek, Unit::kMonth}) : Unit::kDay;
  };
  if (!is_start && draws.OneIn(2))
    return {RangeEnd::Form::kRelative, clock.as_of_us, "now", InstantSql(clock.as_of_us)};
  if (is_start && draws.OneIn(2)) {
    if (!is_long) return Before(clock, draws.Of({3, 12, 30}), Unit::kHour);
    if (!is_longest && draws.OneIn(4)) return Before(clock, 9000, Unit::kMinute);
    const Unit of = is_longest ? draws.Of({Unit::kMonth, Unit::kYear, Unit::kDay})
                               : draws.Of({Unit::kDay, Unit::kWeek, Unit::kMonth});
    return Before(
        clock, static_cast<int>(of == Unit::kDay ? 1 + draws.Below(60) : 1 + draws.Below(3)), of);
  }
  if (draws.OneIn(4)) return StartOf(clock, Unit::kDay, false, "today");
  if (draws.OneIn(4)) return StartOf(clock, Unit::kDay, true, "yesterday");
  const Unit of = unit();
  const bool is_last = draws.OneIn(2);
  return StartOf(clock, of, is_last, (is_last ? "last_" : "this_") + UnitName(of));
}

}  // namespace sextant::oracle
