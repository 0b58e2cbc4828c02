#include <algorithm>
#include <string>

#include "tests/oracle/intervals.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

/// The local border number `index` of a series, microseconds of local time.
int64_t LocalBorder(const SeriesSpec& series, int week_start, int64_t index) {
  const int64_t n = series.count;
  switch (series.unit) {
    case Unit::kDay:
      return index * n * kDayUs;
    case Unit::kWeek: {
      // 2000-01-03 is a Monday; the first selected week start on or after 2000-01-01.
      const int64_t saturday = DaysOfDate(2000, 1, 1);
      const int64_t anchor = saturday + (week_start - 6 + 7) % 7;
      return (anchor + index * n * 7) * kDayUs;
    }
    default: {
      const int64_t months_per_unit =
          series.unit == Unit::kMonth ? 1 : (series.unit == Unit::kQuarter ? 3 : 12);
      const int64_t month = index * n * months_per_unit;
      const int64_t year = FloorDivide(month, 12);
      return DaysOfDate(year, static_cast<int>(month - year * 12) + 1, 1) * kDayUs;
    }
  }
}

/// An index whose border is surely not after the local time.
int64_t IndexBefore(const SeriesSpec& series, int week_start, int64_t local_us) {
  const CivilDate date = DateOfDays(FloorDivide(local_us, kDayUs));
  int64_t index = 0;
  switch (series.unit) {
    case Unit::kDay:
      index = FloorDivide(FloorDivide(local_us, kDayUs), series.count);
      break;
    case Unit::kWeek:
      index = FloorDivide(FloorDivide(local_us, kDayUs) - DaysOfDate(2000, 1, 1), 7 * series.count);
      break;
    case Unit::kMonth:
      index = FloorDivide(date.year * 12 + date.month - 1, series.count);
      break;
    case Unit::kQuarter:
      index = FloorDivide(date.year * 4 + (date.month - 1) / 3, series.count);
      break;
    default:
      index = FloorDivide(date.year, series.count);
      break;
  }
  while (LocalBorder(series, week_start, index) > local_us) --index;
  return index - 1;
}

/// The instants at which intervals of whole days begin, from before `from_us` to after `to_us`.
std::vector<int64_t> DayBorders(const RequestCase& request, const SeriesSpec& series,
                                int64_t from_us, int64_t to_us) {
  std::vector<int64_t> borders;
  const int64_t first =
      IndexBefore(series, request.week_start, LocalUs(from_us, request.zone) - 2 * kDayUs);
  for (int64_t index = first;; ++index) {
    const int64_t border =
        FirstInstantUs(LocalBorder(series, request.week_start, index), request.zone);
    // A day that the zone skipped begins when the next one does.
    if (borders.empty() || border > borders.back()) borders.push_back(border);
    if (border > to_us) return borders;
  }
}

/// Every instant at which the local time comes to a multiple of `step_us` since midnight, or jumps
/// over one.
std::vector<int64_t> HourBorders(const std::string& zone, int64_t step_us, int64_t from_us,
                                 int64_t to_us) {
  std::vector<int64_t> borders;
  int64_t at = from_us - kDayUs - step_us;
  int64_t local_before = LocalUs(at, zone) - 1;
  while (borders.empty() || borders.back() <= to_us) {
    const int64_t change = NextChangeUs(at, zone);
    const int64_t local = LocalUs(at, zone);
    // A jump forward over a border comes to it; a jump back, only when it ends on one.
    const int64_t floor = FloorDivide(local, step_us) * step_us;
    const bool jumps_over = floor > local_before;
    if (jumps_over || floor == local) borders.push_back(at);
    int64_t next = at + (floor + step_us - local);
    for (; next < change && (borders.empty() || borders.back() <= to_us); next += step_us) {
      borders.push_back(next);
    }
    if (change == INT64_MAX) break;  // the clock changes no more: all borders are found
    local_before = LocalUs(change - 1, zone);
    at = change;
  }
  return borders;
}

/// From the start of the range on, each `count` units later.
std::vector<int64_t> RollingBorders(const RequestCase& request, const SeriesSpec& series,
                                    int64_t from_us, int64_t to_us) {
  std::vector<int64_t> borders = {from_us};
  const int64_t local = LocalUs(from_us, request.zone);
  const CivilDate date = DateOfDays(FloorDivide(local, kDayUs));
  const int64_t time_of_day = local - FloorDivide(local, kDayUs) * kDayUs;
  for (int64_t k = series.count; borders.back() <= to_us; k += series.count) {
    int64_t border = 0;
    if (series.unit == Unit::kMinute || series.unit == Unit::kHour) {
      border = from_us + k * (series.unit == Unit::kMinute ? 60 * kSecondUs : kHourUs);
    } else if (series.unit == Unit::kDay || series.unit == Unit::kWeek) {
      const int64_t days = series.unit == Unit::kDay ? 1 : 7;
      border = FirstInstantUs(local + k * days * kDayUs, request.zone);
    } else {
      const int64_t months =
          series.unit == Unit::kMonth ? 1 : (series.unit == Unit::kQuarter ? 3 : 12);
      const int64_t month = date.year * 12 + date.month - 1 + k * months;
      const int64_t year = FloorDivide(month, 12);
      const auto of_year = static_cast<int>(month - year * 12);
      const int64_t first = DaysOfDate(year, of_year + 1, 1);
      const int64_t next =
          of_year == 11 ? DaysOfDate(year + 1, 1, 1) : DaysOfDate(year, of_year + 2, 1);
      const int64_t day = std::min(first + date.day - 1, next - 1);
      border = FirstInstantUs(day * kDayUs + time_of_day, request.zone);
    }
    if (border > borders.back()) borders.push_back(border);
  }
  return borders;
}

std::vector<int64_t> BordersOf(const RequestCase& request, const SeriesSpec& series,
                               int64_t from_us, int64_t to_us) {
  if (series.unit == Unit::kPeriod) return series.borders_us;
  if (series.is_rolling) return RollingBorders(request, series, from_us, to_us);
  if (series.unit == Unit::kMinute || series.unit == Unit::kHour) {
    const int64_t unit = series.unit == Unit::kMinute ? 60 * kSecondUs : kHourUs;
    return HourBorders(request.zone, unit * series.count, from_us, to_us);
  }
  return DayBorders(request, series, from_us, to_us);
}

}  // namespace

int64_t NaiveInstant(const RangeEnd& end, const std::string& zone) {
  const bool is_instant =
      end.form == RangeEnd::Form::kInstant || end.form == RangeEnd::Form::kRelative;
  if (is_instant) return end.value;
  if (end.form == RangeEnd::Form::kLocal) return PostgresInstantUs(end.value, zone);
  return FirstInstantUs(end.value * kDayUs, zone);
}

std::vector<Interval> NaiveIntervals(const RequestCase& request, int64_t from_us, int64_t to_us) {
  std::vector<Interval> intervals;
  for (size_t i = 0; i < request.series.size(); ++i) {
    const SeriesSpec& series = request.series[i];
    if (series.unit == Unit::kAll) {
      intervals.push_back({i, from_us, to_us, false});
      continue;
    }
    const std::vector<int64_t> borders = BordersOf(request, series, from_us, to_us);
    for (size_t at = 0; at + 1 < borders.size(); ++at) {
      Interval one = {i, std::max(borders[at], from_us), std::min(borders[at + 1], to_us), false};
      if (one.start_us >= one.end_us) continue;
      one.is_partial = borders[at] < from_us || borders[at + 1] > to_us;
      if (!one.is_partial || !request.exclude_partial) intervals.push_back(one);
    }
  }
  return intervals;
}

}  // namespace sextant::oracle
