#include <algorithm>
#include <utility>

#include "tests/oracle/frames.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

int64_t DaysInMonth(int64_t year, int month) {
  const int64_t next = month == 12 ? DaysOfDate(year + 1, 1, 1) : DaysOfDate(year, month + 1, 1);
  return next - DaysOfDate(year, month, 1);
}

bool IsMidnight(int64_t instant_us, const std::string& zone) {
  const int64_t day = FloorDivide(LocalUs(instant_us, zone), kDayUs);
  return FirstInstantUs(day * kDayUs, zone) == instant_us;
}

/// So many local days or months; what begins a day comes to what begins a day. Else as PostgreSQL
/// subtracts an interval in the zone: months, days, then elapsed time.
int64_t Before(int64_t instant_us, const PeriodSpec& period, const std::string& zone) {
  if (period.months != 0 || period.days != 0) {
    const bool is_of_days = period.microseconds == 0 && IsMidnight(instant_us, zone);
    // A zone may have skipped the day before the one that begins.
    const int64_t local = is_of_days
                              ? (FloorDivide(LocalUs(instant_us - 1, zone), kDayUs) + 1) * kDayUs
                              : LocalUs(instant_us, zone);
    const int64_t days = FloorDivide(local, kDayUs);
    const CivilDate date = DateOfDays(days);
    const int64_t month = date.year * 12 + date.month - 1 - period.months;
    const int64_t year = FloorDivide(month, 12);
    const auto of_year = static_cast<int>(month - year * 12) + 1;
    const int64_t day = std::min<int64_t>(date.day, DaysInMonth(year, of_year));
    const int64_t moved = DaysOfDate(year, of_year, 1) + day - 1 - period.days;
    instant_us = is_of_days ? FirstInstantUs(moved * kDayUs, zone)
                            : PostgresInstantUs(moved * kDayUs + local - days * kDayUs, zone);
  }
  return instant_us - period.microseconds;
}

int64_t StartOfUnit(const RequestCase& request, Unit unit, int64_t instant_us) {
  int64_t day = FloorDivide(LocalUs(instant_us, request.zone), kDayUs);
  const CivilDate date = DateOfDays(day);
  // 1970-01-01 was a Thursday, number 4 of the week.
  const int64_t weekday = (day + 3) - FloorDivide(day + 3, 7) * 7 + 1;
  if (unit == Unit::kWeek) day -= (weekday - request.week_start + 7) % 7;
  if (unit == Unit::kMonth) day = DaysOfDate(date.year, date.month, 1);
  if (unit == Unit::kQuarter) day = DaysOfDate(date.year, (date.month - 1) / 3 * 3 + 1, 1);
  if (unit == Unit::kYear) day = DaysOfDate(date.year, 1, 1);
  return FirstInstantUs(day * kDayUs, request.zone);
}

Interval WindowOf(const RequestCase& request, const FrameSpec& frame, Interval interval) {
  if (frame.window == FrameSpec::Window::kTrailing) {
    interval.start_us = Before(interval.end_us, frame.length, request.zone);
  } else if (frame.window == FrameSpec::Window::kToDate) {
    const int64_t last_us = std::max(interval.start_us, interval.end_us - 1);
    interval.start_us = StartOfUnit(request, frame.unit, last_us);
  }
  interval.start_us = std::min(interval.start_us, interval.end_us);
  return interval;
}

/// The range before [from, to).
Interval PreviousRange(const RequestCase& request, const Interval& whole) {
  PeriodSpec length = {.microseconds = whole.end_us - whole.start_us};
  if (IsMidnight(whole.start_us, request.zone) && IsMidnight(whole.end_us, request.zone)) {
    const int64_t first = FloorDivide(LocalUs(whole.start_us, request.zone), kDayUs);
    const int64_t after = FloorDivide(LocalUs(whole.end_us, request.zone), kDayUs);
    const CivilDate a = DateOfDays(first);
    const CivilDate b = DateOfDays(after);
    length = {.days = static_cast<int>(after - first)};
    if (a.day == 1 && b.day == 1) {
      length = {.months = static_cast<int>((b.year - a.year) * 12 + b.month - a.month)};
    }
  }
  return {0, Before(whole.start_us, length, request.zone), whole.start_us, false};
}

/// Of each calendar whose periods make up the range, as many before it.
std::vector<Interval> PeriodsBefore(const RequestCase& request, const Interval& whole) {
  std::vector<Interval> periods;
  for (size_t i = 0; i < request.series.size(); ++i) {
    const std::vector<int64_t>& borders = request.series[i].borders_us;
    const auto from = std::find(borders.begin(), borders.end(), whole.start_us);
    const auto to = std::find(borders.begin(), borders.end(), whole.end_us);
    if (from == borders.end() || to == borders.end()) continue;
    for (auto border = from - (to - from); border < from; ++border) {
      periods.push_back({i, border[0], border[1], false});
    }
  }
  return periods;
}

bool HasSeries(const std::vector<Interval>& intervals, size_t series) {
  return std::any_of(intervals.begin(), intervals.end(),
                     [&](const Interval& one) { return one.series == series; });
}

}  // namespace

std::optional<Interval> EarlierIntervals::WholePeriods() const {
  if (of_periods.empty()) return std::nullopt;
  Interval whole = of_periods.front();
  for (const Interval& period : of_periods) {
    if (period.series == whole.series) whole.end_us = period.end_us;
  }
  return whole;
}

RequestCase WithPartialIntervals(const RequestCase& request) {
  RequestCase all = request;
  all.exclude_partial = false;
  return all;
}

std::vector<std::optional<Interval>> Paired(const RequestCase& request,
                                            const std::vector<Interval>& asked,
                                            const std::vector<Interval>& all,
                                            const EarlierIntervals& earlier) {
  std::vector<std::optional<Interval>> paired;
  for (const Interval& interval : asked) {
    const bool has_weeks = request.series[interval.series].unit == Unit::kWeek;
    const bool has_periods = HasSeries(earlier.of_periods, interval.series);
    const std::vector<Interval>& found = has_weeks     ? earlier.of_weeks
                                         : has_periods ? earlier.of_periods
                                                       : earlier.found;
    size_t left = 0;  // its number in its series
    for (const Interval& before : all) {
      left += before.series == interval.series && before.start_us < interval.start_us ? 1 : 0;
    }
    std::optional<Interval>& one = paired.emplace_back();
    for (const Interval& candidate : found) {
      if (candidate.series != interval.series || left-- > 0) continue;
      if (!candidate.is_partial || !request.exclude_partial) one = candidate;
      break;
    }
    if (request.series[interval.series].unit == Unit::kAll && earlier.WholePeriods()) {
      one = earlier.WholePeriods();
      one->series = interval.series;
    }
  }
  return paired;
}

Interval NaiveRangeBefore(const RequestCase& request, const PeriodSpec& period) {
  return {0, Before(NaiveInstant(*request.from, request.zone), period, request.zone),
          Before(NaiveInstant(*request.to, request.zone), period, request.zone), false};
}

FramedIntervals NaiveFrame(const RequestCase& request, const FrameSpec& frame,
                           const AskedIntervals& asked) {
  FramedIntervals framed = {{asked.intervals.begin(), asked.intervals.end()}, asked.whole};
  if (frame.is_compared) {
    const CompareSpec& compare = *request.compare;
    Interval of_weeks;
    if (compare.is_previous) {
      framed.whole = of_weeks = PreviousRange(request, asked.whole);
    } else {
      const auto before = [&](const PeriodSpec& period) {
        return Interval{0, Before(asked.whole.start_us, period, request.zone),
                        Before(asked.whole.end_us, period, request.zone), false};
      };
      framed.whole = of_weeks = before(compare.offset);
      const int months = compare.offset.months;
      if (months != 0 && months % 12 == 0) of_weeks = before({.days = months / 12 * 52 * 7});
    }
    const RequestCase all = WithPartialIntervals(request);
    const EarlierIntervals earlier = {
        NaiveIntervals(all, framed.whole.start_us, framed.whole.end_us),
        NaiveIntervals(all, of_weeks.start_us, of_weeks.end_us),
        compare.is_previous ? PeriodsBefore(request, asked.whole) : std::vector<Interval>()};
    framed.intervals =
        Paired(request, asked.intervals,
               NaiveIntervals(all, asked.whole.start_us, asked.whole.end_us), earlier);
    framed.whole = earlier.WholePeriods().value_or(framed.whole);
  }
  for (std::optional<Interval>& interval : framed.intervals) {
    if (interval) interval = WindowOf(request, frame, *interval);
  }
  framed.whole = WindowOf(request, frame, framed.whole);
  return framed;
}

}  // namespace sextant::oracle
