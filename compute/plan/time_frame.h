#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/data_type.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/calendar.h"

namespace sextant {

/// Which stretches of time stand for the intervals of a query, one for each, where samples of an
/// interval are not those that fall into it (rule 22): intervals of an earlier range, windows that
/// end where intervals do, or both: windows that end where those intervals do.
struct TimeFrame {
  /// The ranges whose intervals stand for those of the query's range, first for first.
  struct Shift {
    InstantRange range;
    InstantRange of_weeks;  // where a series counts weeks
    /// The range right before `of`, of as many periods where a calendar has them.
    bool is_previous = false;
    InstantRange of = {};  // the query's
    /// Then these: they stand for the whole range too, so that it is what its periods make up. Of
    /// several calendars the first.
    std::optional<InstantRange> of_periods = std::nullopt;
  };
  enum class Window {
    kNone,
    kTrailing,  // [end - length, end), as InstantBeforeUs has it
    kToDate,    // from the start of the `unit` that holds the interval's last instant
  };

  std::optional<Shift> shift;
  Window window = Window::kNone;
  IntervalValue length;                    // kTrailing: positive
  CalendarUnit unit = CalendarUnit::kDay;  // kToDate: a day or longer
  // Of the query.
  absl::TimeZone time_zone;
  int week_start = 1;
  bool exclude_partial = false;
  size_t max_intervals = 0;
};

/// The local day that begins with the instant; std::nullopt: none does.
std::optional<absl::CivilDay> DayThatBegins(int64_t instant_us, const absl::TimeZone& zone);

/// So much before an instant, in local time (rule 22). Where a local day begins, and the length is
/// of months and days: where the day begins that is so many before it, so that what lies between is
/// whole local days, whether a midnight is repeated, skipped, or a whole day is. Else as PostgreSQL
/// subtracts an interval. std::nullopt: no instant that can be named (calendar.h).
std::optional<int64_t> InstantBeforeUs(int64_t instant_us, const IntervalValue& length,
                                       const absl::TimeZone& zone);

/// Equal text means equal frames.
std::string ToString(const TimeFrame& frame);

/// What stands for the intervals of each series, in their order: as many, or fewer where an earlier
/// range has fewer. Where partial intervals are left out an interval keeps its number, and an empty
/// one, said to be partial, stands for it where the earlier one is. Windows may overlap one
/// another; their ends ascend, their starts need not. Errors: INVALID_ARGUMENT where a window
/// begins before the first instant that can be named, or the earlier range has too many intervals.
/// Thread-safe.
absl::StatusOr<std::vector<ResolvedSeries>> FrameSeries(const TimeFrame& frame,
                                                        std::span<const ResolvedSeries> series);

/// Whether this stands for an interval whose earlier one is partial and left out: no sample is in
/// it, no window ends with it, and it has no state at its end, as an empty range of time has.
inline bool IsLeftOut(const ResolvedInterval& interval) {
  return interval.is_partial && interval.start_us == interval.end_us;
}

/// The instants within what stands for the intervals; empty where there are none.
InstantRange ExtentOf(std::span<const ResolvedSeries> series);

}  // namespace sextant
