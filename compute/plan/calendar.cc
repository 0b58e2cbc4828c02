#include "compute/plan/calendar.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/series_borders.h"

namespace sextant {
namespace {

constexpr int kMaxCount = 100'000;

/// How many intervals the range has if no day is longer or shorter than another.
int64_t EstimateCount(const TimeSeries& series, InstantRange range) {
  int64_t shortest_days = 1;
  switch (series.unit) {
    case CalendarUnit::kWeek:
      shortest_days = 7;
      break;
    case CalendarUnit::kMonth:
    case CalendarUnit::kQuarter:
    case CalendarUnit::kYear:
      shortest_days = 31 * MonthsOf(series.unit);
      break;
    default:
      break;
  }
  const int128_t step_us = IsClockUnit(series.unit)
                               ? int128_t{ClockStepUs(series)}
                               : int128_t{shortest_days} * series.count * kDayUs;
  return static_cast<int64_t>((int128_t{range.to_us} - range.from_us) / step_us);
}

absl::Status TooManyIntervals(const SeriesRequest& request, int64_t num_intervals) {
  return absl::InvalidArgumentError(
      absl::StrCat("series '", SeriesName(request.series), "': the time range has about ",
                   num_intervals, " intervals; ", request.max_intervals, " are allowed"));
}

absl::Status CheckRange(InstantRange range) {
  if (range.from_us >= range.to_us) {
    return absl::InvalidArgumentError(absl::StrCat(
        "time range: from (", FormatInstant(range.from_us, absl::UTCTimeZone()),
        ") must be before to (", FormatInstant(range.to_us, absl::UTCTimeZone()), ")"));
  }
  if (range.from_us < kMinInstantUs || range.to_us > kMaxInstantUs) {
    return absl::InvalidArgumentError(
        "time range: outside of the years 4714 BC to 294246, which are allowed");
  }
  return absl::OkStatus();
}

/// The last period that does not begin after `instant_us`. REQUIRES: it is within the calendar.
size_t PeriodThatHolds(const PeriodCalendar& calendar, int64_t instant_us) {
  const std::vector<int64_t>& borders_us = calendar.borders_us;
  const auto after = std::upper_bound(borders_us.begin(), borders_us.end(), instant_us);
  return static_cast<size_t>(after - borders_us.begin()) - 1;
}

/// A sample that falls into no period would be missing from all of them: the range may have none.
absl::Status CheckPeriods(const SeriesRequest& request, InstantRange range) {
  const PeriodCalendar& calendar = *request.series.calendar;
  const std::vector<int64_t>& borders_us = calendar.borders_us;
  SEXTANT_CHECK(borders_us.size() > 1) << "a calendar that was not read";
  if (range.from_us >= borders_us.front() && range.to_us <= borders_us.back()) {
    return absl::OkStatus();
  }
  const auto text = [&](int64_t instant_us) {
    return FormatInstant(instant_us, request.time_zone);
  };
  return absl::InvalidArgumentError(
      absl::StrCat("the range from ", text(range.from_us), " to ", text(range.to_us),
                   " is not within calendar '", calendar.name, "'; allowed: from ",
                   text(borders_us.front()), " to ", text(borders_us.back())));
}

absl::StatusOr<std::vector<ResolvedInterval>> ResolvePeriods(const SeriesRequest& request,
                                                             InstantRange range) {
  const PeriodCalendar& calendar = *request.series.calendar;
  SEXTANT_RETURN_IF_ERROR(CheckPeriods(request, range));
  const size_t first = PeriodThatHolds(calendar, range.from_us);
  const size_t num_periods = PeriodThatHolds(calendar, range.to_us - 1) + 1 - first;
  if (num_periods > request.max_intervals) {
    return TooManyIntervals(request, static_cast<int64_t>(num_periods));
  }
  std::vector<ResolvedInterval> intervals;
  intervals.reserve(num_periods);
  for (size_t i = first; i < first + num_periods; ++i) {
    const int64_t start_us = calendar.borders_us[i];
    const int64_t end_us = calendar.borders_us[i + 1];
    intervals.push_back({.start_us = std::max(start_us, range.from_us),
                         .end_us = std::min(end_us, range.to_us),
                         .is_partial = start_us < range.from_us || end_us > range.to_us});
  }
  return intervals;
}

}  // namespace

std::string_view PeriodLabel(const PeriodCalendar& calendar, int64_t instant_us) {
  if (calendar.labels.empty()) return "";
  return calendar.labels[PeriodThatHolds(calendar, instant_us)];
}

std::optional<WholePeriods> WholePeriodsOf(const PeriodCalendar& calendar, InstantRange range) {
  const std::vector<int64_t>& borders_us = calendar.borders_us;
  const auto from = std::lower_bound(borders_us.begin(), borders_us.end(), range.from_us);
  const auto to = std::lower_bound(borders_us.begin(), borders_us.end(), range.to_us);
  if (to == borders_us.end() || *from != range.from_us || *to != range.to_us) return std::nullopt;
  return WholePeriods{static_cast<size_t>(to - from),
                      static_cast<size_t>(from - borders_us.begin())};
}

std::optional<InstantRange> PeriodsBefore(const PeriodCalendar& calendar, InstantRange range) {
  const std::optional<WholePeriods> whole = WholePeriodsOf(calendar, range);
  if (!whole) return std::nullopt;
  SEXTANT_CHECK(whole->count <= whole->count_before) << "the binder refuses others";
  return InstantRange{calendar.borders_us[whole->count_before - whole->count], range.from_us};
}

int64_t FirstInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const absl::Time instant = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return absl::ToUnixMicros(instant);
}

absl::CivilDay StartOfWeek(const absl::CivilDay& day, int week_start) {
  constexpr absl::Weekday kDays[] = {absl::Weekday::monday,    absl::Weekday::tuesday,
                                     absl::Weekday::wednesday, absl::Weekday::thursday,
                                     absl::Weekday::friday,    absl::Weekday::saturday,
                                     absl::Weekday::sunday};
  SEXTANT_CHECK(week_start >= 1 && week_start <= 7);
  return absl::PrevWeekday(day + 1, kDays[week_start - 1]);
}

absl::CivilDay StartOfUnit(CalendarUnit unit, const absl::CivilDay& day, int week_start) {
  switch (unit) {
    case CalendarUnit::kWeek:
      return StartOfWeek(day, week_start);
    case CalendarUnit::kMonth:
      return absl::CivilDay(absl::CivilMonth(day));
    case CalendarUnit::kQuarter:
      return absl::CivilDay(absl::CivilMonth(day.year(), (day.month() - 1) / 3 * 3 + 1));
    case CalendarUnit::kYear:
      return absl::CivilDay(absl::CivilYear(day));
    default:
      return day;
  }
}

absl::Status CheckSeries(const TimeSeries& series) {
  const auto refuse = [&](std::string_view allowed) {
    return absl::InvalidArgumentError(
        absl::StrCat("found the series '", SeriesName(series), "'; allowed: ", ToAbsl(allowed)));
  };
  if (series.unit == CalendarUnit::kAll) {
    if (series.count == 1 && !series.is_rolling) return absl::OkStatus();
    return refuse("'all', or 1 or more of another unit");
  }
  if (series.unit == CalendarUnit::kPeriod) {
    if (series.count == 1 && !series.is_rolling) return absl::OkStatus();
    return refuse("the name of a calendar alone");
  }
  if (series.count < 1 || series.count > kMaxCount) return refuse("1 to 100000 units");
  if (series.is_rolling) return absl::OkStatus();
  if (series.unit == CalendarUnit::kMinute && 60 % series.count != 0) {
    return refuse("1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60 minutes, or a rolling series");
  }
  if (series.unit == CalendarUnit::kHour && 24 % series.count != 0) {
    return refuse("1, 2, 3, 4, 6, 8, 12 or 24 hours, or a rolling series");
  }
  return absl::OkStatus();
}

bool SurelyResolves(const SeriesRequest& request, InstantRange range) {
  if (request.series.unit == CalendarUnit::kPeriod) return false;
  if (!CheckSeries(request.series).ok() || !CheckRange(range).ok()) return false;
  // Days and months that are shorter than the estimate has them, and clocks that are set.
  constexpr int64_t kUncounted = 100;
  return 2 * EstimateCount(request.series, range) + kUncounted <=
         static_cast<int64_t>(request.max_intervals);
}

absl::StatusOr<std::vector<ResolvedInterval>> ResolveIntervals(const SeriesRequest& request,
                                                               InstantRange range) {
  SEXTANT_CHECK(request.series.unit != CalendarUnit::kAll);
  SEXTANT_RETURN_IF_ERROR(CheckSeries(request.series));
  SEXTANT_RETURN_IF_ERROR(CheckRange(range));
  if (request.series.unit == CalendarUnit::kPeriod) return ResolvePeriods(request, range);
  const int64_t estimate = EstimateCount(request.series, range);
  const auto max_intervals = static_cast<int64_t>(request.max_intervals);
  // Clocks that are set shorten or lengthen some steps, so what is near the limit is counted.
  if (estimate / 2 > max_intervals) return TooManyIntervals(request, estimate);

  std::vector<ResolvedInterval> intervals;
  intervals.reserve(static_cast<size_t>(std::min(estimate + 2, max_intervals)));
  const std::unique_ptr<BorderSource> borders = MakeBorders(request, range.from_us);
  const auto next_us = [&] { return std::clamp(borders->NextUs(), kMinInstantUs, kMaxInstantUs); };
  int64_t start_us = next_us();
  while (start_us < range.to_us) {
    const int64_t end_us = next_us();
    if (start_us < end_us) {
      if (intervals.size() == request.max_intervals) {
        return TooManyIntervals(request, std::max(estimate, max_intervals + 1));
      }
      intervals.push_back({.start_us = std::max(start_us, range.from_us),
                           .end_us = std::min(end_us, range.to_us),
                           .is_partial = start_us < range.from_us || end_us > range.to_us});
    }
    start_us = end_us;
  }
  return intervals;
}

absl::StatusOr<std::vector<ResolvedInterval>> IntervalsOf(const SeriesRequest& request,
                                                          InstantRange range,
                                                          bool exclude_partial) {
  if (request.series.unit == CalendarUnit::kAll) {
    return std::vector<ResolvedInterval>{
        {.start_us = range.from_us, .end_us = range.to_us, .is_partial = false}};
  }
  std::vector<ResolvedInterval> intervals;
  if (range.from_us >= range.to_us) return intervals;
  SEXTANT_ASSIGN_OR_RETURN(intervals, ResolveIntervals(request, range));
  if (exclude_partial) {
    std::erase_if(intervals, [](const ResolvedInterval& one) { return one.is_partial; });
  }
  return intervals;
}

std::vector<int64_t> BordersOf(std::span<const ResolvedInterval> intervals) {
  std::vector<int64_t> borders_us;
  if (intervals.empty()) return borders_us;
  borders_us.reserve(intervals.size() + 1);
  for (const ResolvedInterval& interval : intervals) borders_us.push_back(interval.start_us);
  borders_us.push_back(intervals.back().end_us);
  return borders_us;
}

std::string_view UnitName(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kAll:
      return "all";
    case CalendarUnit::kMinute:
      return "minute";
    case CalendarUnit::kHour:
      return "hour";
    case CalendarUnit::kDay:
      return "day";
    case CalendarUnit::kWeek:
      return "week";
    case CalendarUnit::kMonth:
      return "month";
    case CalendarUnit::kQuarter:
      return "quarter";
    case CalendarUnit::kYear:
      return "year";
    case CalendarUnit::kPeriod:
      return "period";
  }
  return "";
}

std::string SeriesName(const TimeSeries& series) {
  if (series.unit == CalendarUnit::kPeriod) return series.calendar->name;
  return absl::StrCat(series.is_rolling ? "rolling " : "",
                      series.count == 1 ? "" : absl::StrCat(series.count, " "),
                      ToAbsl(UnitName(series.unit)));
}

}  // namespace sextant
