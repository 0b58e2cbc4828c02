#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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

/// Returns the intervals of `request` that tile `range`, in order and without gaps; the first and
/// the last are cut at the range and then flagged partial (rule 14). `count` units begin in local
/// time (rule 13): days from 1970-01-01; weeks from the first `week_start` on or after 2000-01-01;
/// months at multiples of `count` since year 0. A local day that a zone skipped (Pacific/Apia,
/// 2011-12-30) is no interval.
/// Errors:  INVALID_ARGUMENT for a count outside [1, 100,000], an empty range or one outside the
///          named instants, more than `max_intervals` intervals (found before any is allocated).
/// Cost:    one look-up in the zone per interval. Thread-safe.
absl::StatusOr<std::vector<ResolvedInterval>> ResolveIntervals(const SeriesRequest& request,
                                                               InstantRange range);

/// Returns the n + 1 borders of n intervals that tile a range, as IntervalIndex takes them.
std::vector<int64_t> BordersOf(std::span<const ResolvedInterval> intervals);

/// Returns "all", "day", "2 week", as requests and results write a series.
std::string SeriesName(const TimeSeries& series);

}  // namespace sextant
