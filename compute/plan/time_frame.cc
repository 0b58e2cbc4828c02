#include "compute/plan/time_frame.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/civil_arithmetic.h"

namespace sextant {
namespace {

/// The range that `series` has there.
InstantRange RangeOf(const TimeFrame::Shift& shift, const TimeSeries& series) {
  if (series.unit == CalendarUnit::kWeek) return shift.of_weeks;
  if (series.unit == CalendarUnit::kAll) return shift.of_periods.value_or(shift.range);
  if (series.unit != CalendarUnit::kPeriod || !shift.is_previous) return shift.range;
  return PeriodsBefore(*series.calendar, shift.of).value_or(shift.range);
}

/// All intervals of a range, partial ones too.
absl::StatusOr<std::vector<ResolvedInterval>> AllIntervals(const TimeFrame& frame,
                                                           const TimeSeries& series,
                                                           InstantRange range) {
  return IntervalsOf({.series = series,
                      .week_start = frame.week_start,
                      .time_zone = frame.time_zone,
                      // A range of as many days may have some hours more.
                      .max_intervals = 2 * frame.max_intervals},
                     range, /*exclude_partial=*/false);
}

/// The intervals of the earlier range, one for each of `series` as far as there are as many. They
/// are numbered before partial ones are left out: else an offset that cuts the first one would put
/// each beside another.
absl::StatusOr<ResolvedSeries> Shifted(const TimeFrame& frame, const ResolvedSeries& series) {
  ResolvedSeries shifted = {.series = series.series, .name = series.name, .intervals = {}};
  size_t first = 0;  // number of the first of `series`
  if (frame.exclude_partial) {
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedInterval> asked,
                             AllIntervals(frame, series.series, frame.shift->of));
    first = !asked.empty() && asked.front().is_partial ? 1 : 0;
  }
  SEXTANT_ASSIGN_OR_RETURN(
      const std::vector<ResolvedInterval> earlier,
      AllIntervals(frame, series.series, RangeOf(*frame.shift, series.series)));
  for (size_t i = first; i < earlier.size() && i - first < series.intervals.size(); ++i) {
    ResolvedInterval one = earlier[i];
    if (frame.exclude_partial && one.is_partial) {
      const int64_t border_us = i == 0 ? one.end_us : one.start_us;
      one = {.start_us = border_us, .end_us = border_us, .is_partial = true};
    }
    shifted.intervals.push_back(one);
  }
  return shifted;
}

/// The start of the window of an interval; std::nullopt: before all instants.
std::optional<int64_t> WindowStartUs(const TimeFrame& frame, const ResolvedInterval& interval) {
  if (frame.window == TimeFrame::Window::kToDate) {
    const int64_t last_us = std::max(interval.start_us, interval.end_us - 1);
    const absl::CivilDay day(frame.time_zone.At(absl::FromUnixMicros(last_us)).cs);
    const absl::CivilDay first = StartOfUnit(frame.unit, day, frame.week_start);
    return FirstInstantUs(absl::CivilSecond(first), frame.time_zone);
  }
  return InstantBeforeUs(interval.end_us, frame.length, frame.time_zone);
}

absl::Status MakeWindows(const TimeFrame& frame, ResolvedSeries& series) {
  for (ResolvedInterval& interval : series.intervals) {
    if (IsLeftOut(interval)) continue;
    const std::optional<int64_t> start_us = WindowStartUs(frame, interval);
    if (!start_us) {
      return absl::InvalidArgumentError(
          "a window of `cumulative` begins before 4714 BC, the first year that is allowed");
    }
    // A local time that was skipped may be found after the end.
    interval.start_us = std::min(*start_us, interval.end_us);
  }
  return absl::OkStatus();
}

/// The day, cut to the length of the month.
absl::CivilDay MonthsBefore(absl::CivilDay day, int32_t months) {
  const absl::CivilMonth month = absl::CivilMonth(day) - months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(last, absl::CivilDay(month) + (day.day() - 1));
}

/// Below it no instant can be named (calendar.h).
constexpr int kMinYear = -4714;

}  // namespace

std::optional<absl::CivilDay> DayThatBegins(int64_t instant_us, const absl::TimeZone& zone) {
  const absl::CivilDay day(zone.At(absl::FromUnixMicros(instant_us)).cs);
  if (FirstInstantUs(absl::CivilSecond(day), zone) == instant_us) return day;
  return std::nullopt;
}

std::optional<int64_t> InstantBeforeUs(int64_t instant_us, const IntervalValue& length,
                                       const absl::TimeZone& zone) {
  if (length.microseconds != 0 || !DayThatBegins(instant_us, zone)) {
    return AddIntervalUs(instant_us, {-length.months, -length.days, -length.microseconds}, zone);
  }
  // After the day that ends there, which a zone that skipped a day need not have.
  const absl::CivilDay ended(zone.At(absl::FromUnixMicros(instant_us - 1)).cs);
  const absl::CivilDay before = MonthsBefore(ended + 1, length.months) - length.days;
  if (before.year() < kMinYear) return std::nullopt;
  const int64_t before_us = FirstInstantUs(absl::CivilSecond(before), zone);
  if (before_us < kMinInstantUs) return std::nullopt;
  return before_us;
}

std::string ToString(const TimeFrame& frame) {
  std::string text;
  if (frame.shift) {
    const TimeFrame::Shift& shift = *frame.shift;
    absl::StrAppend(&text, " shifted to ", shift.range.from_us, "..", shift.range.to_us, " ",
                    shift.of_weeks.from_us, "..", shift.of_weeks.to_us);
    absl::StrAppend(&text, shift.is_previous ? " before " : " of ", shift.of.from_us, "..",
                    shift.of.to_us);
  }
  if (frame.window == TimeFrame::Window::kTrailing) {
    absl::StrAppend(&text, " over ", frame.length.months, " ", frame.length.days, " ",
                    frame.length.microseconds);
  } else if (frame.window == TimeFrame::Window::kToDate) {
    absl::StrAppend(&text, " to date of ", static_cast<int>(frame.unit));
  }
  return absl::StrCat(text, " @", frame.time_zone.name(), " ", frame.week_start,
                      frame.exclude_partial ? " whole" : "");
}

absl::StatusOr<std::vector<ResolvedSeries>> FrameSeries(const TimeFrame& frame,
                                                        std::span<const ResolvedSeries> series) {
  std::vector<ResolvedSeries> framed(series.begin(), series.end());
  for (ResolvedSeries& one : framed) {
    if (frame.shift) {
      SEXTANT_ASSIGN_OR_RETURN(one, Shifted(frame, one));
    }
    if (frame.window != TimeFrame::Window::kNone) SEXTANT_RETURN_IF_ERROR(MakeWindows(frame, one));
  }
  return framed;
}

InstantRange ExtentOf(std::span<const ResolvedSeries> series) {
  InstantRange extent = {kMaxInstantUs, kMinInstantUs};
  for (const ResolvedSeries& one : series) {
    for (const ResolvedInterval& interval : one.intervals) {
      extent.from_us = std::min(extent.from_us, interval.start_us);
      extent.to_us = std::max(extent.to_us, interval.end_us);
    }
  }
  return extent;
}

}  // namespace sextant
