#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

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

enum class CalendarUnit : uint8_t { kDay, kWeek, kMonth };

/// The borders of `count` units in local time (design rule 13): days from 1970-01-01; weeks from
/// the first `week_start` on or after 2000-01-01; months of year 0, divided by `count`.
struct CalendarStep {
  CalendarUnit unit = CalendarUnit::kDay;
  int64_t count = 1;
  absl::Weekday week_start = absl::Weekday::monday;
};

/// Half-open [start_us, end_us); partial: cut by the range of the query.
struct SeriesInterval {
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool partial = false;

  friend bool operator==(const SeriesInterval&, const SeriesInterval&) = default;
};

/// Returns the first instant whose local time in `zone` reaches `local` (design rule 11): the
/// earlier one of a repeated local time, the end of the gap for one that is skipped.
/// Saturates at int64.
int64_t FirstInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone);

/// Returns the intervals of `step` in `zone` that tile `range`, in order and without gaps; the
/// first and the last are cut at the range and then flagged partial (rule 14). A local day that a
/// zone skipped (Pacific/Apia, 2011-12-30) is no interval.
/// Errors:  INVALID_ARGUMENT for a count outside [1, 100,000], an empty range or one outside the
///          named instants, more than `max_intervals` intervals (found before any is allocated).
/// Cost:    one look-up in the zone per interval. Thread-safe.
absl::StatusOr<std::vector<SeriesInterval>> ResolveIntervals(const CalendarStep& step,
                                                             InstantRange range,
                                                             const absl::TimeZone& zone,
                                                             size_t max_intervals);

/// Returns the n + 1 borders of n intervals that tile a range, as IntervalIndex takes them.
std::vector<int64_t> BordersOf(std::span<const SeriesInterval> intervals);

}  // namespace sextant
