#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Instants are int64 microseconds since 1970-01-01T00:00Z. Those that can be named lie in
/// [kMinInstantUs, kMaxInstantUs]: from PostgreSQL's first day, 4714-11-24 BC, to the end of the
/// last whole year that int64 holds, 294246.
inline constexpr int64_t kMinInstantUs = -210866803200000000;
inline constexpr int64_t kMaxInstantUs = 9223371244800000000;

/// Days since 1970-01-01 that PostgreSQL has as dates, from 4714-11-24 BC to 5874897-12-31.
inline constexpr int64_t kMinDay = -2'440'588;
inline constexpr int64_t kMaxDay = 2'145'042'905;

/// Half-open [from_us, to_us).
struct InstantRange {
  int64_t from_us = kMinInstantUs;
  int64_t to_us = kMaxInstantUs;

  friend bool operator==(const InstantRange&, const InstantRange&) = default;
};

/// Returns the first instant whose local time in `zone` reaches `local` (design rule 11): the
/// earlier one of a repeated local time, the end of the gap for one that is skipped.
/// Saturates at int64.
int64_t FirstInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone);

/// The intervals of one series and where they come from.
struct SeriesRequest {
  TimeSeries series;   // any unit but kAll, of which the range itself is the one interval
  int week_start = 1;  // 1 Monday .. 7 Sunday (ISO)
  absl::TimeZone time_zone;
  size_t max_intervals = 0;
};

/// Whether a series means something, whatever the range: a count of 1 to 100,000; one that divides
/// 60 minutes or 24 hours (rule 13), unless it is rolling; `all` alone.
/// Errors: INVALID_ARGUMENT that says what is allowed.
absl::Status CheckSeries(const TimeSeries& series);

/// Returns the intervals of `request` that tile `range`, in order and without gaps; the first and
/// the last are cut at the range and then flagged partial (rule 14).
///
/// Borders (rules 11, 13): `count` units begin in local time: minutes from the local hour and hours
/// from midnight; days from 1970-01-01; weeks from the first `week_start` on or after 2000-01-01;
/// months, quarters and years at multiples of `count` since year 0.
///   days and longer: the first instant whose local time reaches the border. A clock set back over
///     a border does not open the interval again; a local day that a zone skipped (Pacific/Apia,
///     2011-12-30) is no interval.
///   minutes, hours: every instant at which the local time comes to a border, so that a repeated
///     local hour is two intervals and a skipped one is none. A clock set back into the middle of
///     an interval (Lord Howe's half hours) makes that interval longer.
///   rolling: from the start of the range, every `count` units: minutes and hours of elapsed time;
///     else the same local time of day, on the last day of a month that is too short.
///   periods: those of the calendar.
/// Errors:  INVALID_ARGUMENT as CheckSeries, for an empty range or one outside the named instants
///          or, of periods, of their calendar, for more than `max_intervals` intervals (no more
///          than these are allocated).
/// Cost:    an addition per interval, some look-ups in the zone per change of its clock.
/// Thread-safe.
absl::StatusOr<std::vector<ResolvedInterval>> ResolveIntervals(const SeriesRequest& request,
                                                               InstantRange range);

/// The same of any series: of an empty range there are none, and `all` has one interval, the range,
/// which is never partial. `exclude_partial` leaves out those that the range cuts.
absl::StatusOr<std::vector<ResolvedInterval>> IntervalsOf(const SeriesRequest& request,
                                                          InstantRange range, bool exclude_partial);

/// Whether ResolveIntervals succeeds; false also where it takes the intervals to tell. Quick.
bool SurelyResolves(const SeriesRequest& request, InstantRange range);

/// The label of the period that holds the instant, as long as the calendar; "" where it has none.
/// REQUIRES: the calendar has periods, and one of them holds it.
std::string_view PeriodLabel(const PeriodCalendar& calendar, int64_t instant_us);

/// A range that begins and ends where periods do: of how many it is made up, and how many the
/// calendar has before them.
struct WholePeriods {
  size_t count = 0;
  size_t count_before = 0;
};
/// std::nullopt where `range` cuts a period, or is not within the calendar.
std::optional<WholePeriods> WholePeriodsOf(const PeriodCalendar& calendar, InstantRange range);

/// As many periods as make up `range`, right before it; std::nullopt where it is not made up of
/// periods. REQUIRES: the calendar has as many before it.
std::optional<InstantRange> PeriodsBefore(const PeriodCalendar& calendar, InstantRange range);

/// The day on which the week of `day` begins. REQUIRES: 1 <= week_start <= 7.
absl::CivilDay StartOfWeek(const absl::CivilDay& day, int week_start);

/// The first day of the unit that holds `day`. REQUIRES: a day or longer; 1 <= week_start <= 7.
absl::CivilDay StartOfUnit(CalendarUnit unit, const absl::CivilDay& day, int week_start);

/// Returns the n + 1 borders of n intervals that tile a range, as IntervalIndex takes them.
std::vector<int64_t> BordersOf(std::span<const ResolvedInterval> intervals);

/// "minute".
std::string_view UnitName(CalendarUnit unit);

/// Returns "all", "day", "2 week", "rolling 7 day", as requests and results write a series.
std::string SeriesName(const TimeSeries& series);

}  // namespace sextant
