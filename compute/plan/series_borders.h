#pragma once

#include <cstdint>
#include <memory>

#include "compute/plan/calendar.h"
#include "compute/plan/query.h"

namespace sextant {

inline constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

/// Minutes and hours, which have one length.
bool IsClockUnit(CalendarUnit unit);
/// The length of `series`. REQUIRES: IsClockUnit.
int64_t ClockStepUs(const TimeSeries& series);
/// Months of a unit: 0 for those that are no number of months.
int64_t MonthsOf(CalendarUnit unit);

/// The borders of a series, one after another: each later than the one before or, where a zone
/// skipped what is between, equal. The first is not after the start of the range. Without end: far
/// borders may be beyond kMaxInstantUs. Not thread-safe.
class BorderSource {
 public:
  virtual ~BorderSource() = default;
  virtual int64_t NextUs() = 0;
};

/// The borders of `request` for a range that starts at `from_us` (see ResolveIntervals).
/// REQUIRES: CheckSeries; kMinInstantUs <= from_us <= kMaxInstantUs.
std::unique_ptr<BorderSource> MakeBorders(const SeriesRequest& request, int64_t from_us);

}  // namespace sextant
