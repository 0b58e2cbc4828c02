#include "compute/plan/series_borders.h"

#include <algorithm>
#include <utility>

#include "compute/plan/zone_clock.h"

namespace sextant {
namespace {

/// A zone's clock is at most this far from UTC, and what was skipped or repeated is no longer.
constexpr int64_t kMaxShiftUs = 2 * kDayUs;
constexpr int64_t kMinLocalUs = kMinInstantUs - kMaxShiftUs;
constexpr int64_t kMaxLocalUs = kMaxInstantUs + kMaxShiftUs;

int64_t FloorDivide(int64_t numerator, int64_t denominator) {
  const int64_t quotient = numerator / denominator;
  return quotient - (numerator % denominator < 0 ? 1 : 0);
}

/// Local time as ZoneClock counts it, saturated beyond the instants that can be named.
int64_t LocalUs(const absl::CivilDay& day, int64_t time_of_day_us) {
  const int64_t days = day - absl::CivilDay(1970, 1, 1);
  if (days < kMinLocalUs / kDayUs) return kMinLocalUs;
  if (days > kMaxLocalUs / kDayUs) return kMaxLocalUs;
  return std::clamp(days * kDayUs + time_of_day_us, kMinLocalUs, kMaxLocalUs);
}

/// Numbers the steps of a series of days or longer and knows the local day on which each begins.
class CalendarSteps {
 public:
  CalendarSteps(const TimeSeries& series, int week_start)
      : unit_(series.unit), count_(series.count), week_anchor_(WeekAnchor(week_start)) {}

  /// The number of the step that holds the local time `local`.
  int64_t IndexOf(const absl::CivilSecond& local) const {
    if (const int64_t months = MonthsOf(unit_); months != 0) {
      return FloorDivide(absl::CivilMonth(local) - absl::CivilMonth(0, 1), months * count_);
    }
    return FloorDivide(absl::CivilDay(local) - Anchor(), DaysPerStep());
  }

  absl::CivilDay StartOf(int64_t index) const {
    if (const int64_t months = MonthsOf(unit_); months != 0) {
      return absl::CivilDay(absl::CivilMonth(0, 1) + index * months * count_);
    }
    return Anchor() + index * DaysPerStep();
  }

 private:
  /// The first selected week start on or after 2000-01-01.
  static absl::CivilDay WeekAnchor(int week_start) {
    return StartOfWeek(absl::CivilDay(2000, 1, 7), week_start);
  }
  absl::CivilDay Anchor() const {
    return unit_ == CalendarUnit::kWeek ? week_anchor_ : absl::CivilDay(1970, 1, 1);
  }
  int64_t DaysPerStep() const { return unit_ == CalendarUnit::kWeek ? 7 * count_ : count_; }

  CalendarUnit unit_;
  int64_t count_;
  absl::CivilDay week_anchor_;
};

/// Rule 13 in days and longer: the first instant of each step's first day.
class CalendarBorders final : public BorderSource {
 public:
  CalendarBorders(const SeriesRequest& request, int64_t from_us)
      : steps_(request.series, request.week_start),
        index_(FirstIndex(request.time_zone, from_us)),
        clock_(request.time_zone,
               std::clamp(BorderUs(request.time_zone, index_), kMinInstantUs, kMaxInstantUs)) {}

  int64_t NextUs() override { return clock_.AdvanceTo(LocalUs(steps_.StartOf(index_++), 0)); }

 private:
  int64_t BorderUs(const absl::TimeZone& zone, int64_t index) const {
    return FirstInstantUs(absl::CivilSecond(steps_.StartOf(index)), zone);
  }
  int64_t FirstIndex(const absl::TimeZone& zone, int64_t from_us) const {
    int64_t index = steps_.IndexOf(zone.At(absl::FromUnixMicros(from_us)).cs);
    // A clock that was set back over a border shows an earlier step than the one that has begun.
    while (BorderUs(zone, index + 1) <= from_us) ++index;
    return index;
  }

  const CalendarSteps steps_;
  int64_t index_;
  ZoneClock clock_;
};

/// Rule 13 in minutes and hours: every instant at which the local time comes to a border, also for
/// a second time. A clock that jumps forward over borders comes to them all at once; one that is
/// set back comes to a border if it is set to it.
class ClockBorders final : public BorderSource {
 public:
  ClockBorders(const SeriesRequest& request, int64_t from_us)
      : step_us_(ClockStepUs(request.series)),
        clock_(request.time_zone, std::max(from_us - kMaxShiftUs, kMinInstantUs)),
        next_us_(FirstInStretch()) {
    if (from_us - kMaxShiftUs <= kMinInstantUs) next_us_ = kMinInstantUs;
    // The last one that is not after the start of the range.
    int64_t start_us = next_us_;
    while (next_us_ <= from_us) start_us = std::exchange(next_us_, After(next_us_));
    pending_us_ = start_us;
  }

  int64_t NextUs() override {
    return std::exchange(pending_us_, std::exchange(next_us_, After(next_us_)));
  }

 private:
  /// The first border in the stretch of the clock, or after it.
  int64_t FirstInStretch() {
    const int64_t local_us = clock_.start_us() + clock_.offset_us();
    const int64_t until_us = clock_.start_us() + clock_.previous_offset_us();
    const int64_t floor_us = FloorDivide(local_us, step_us_) * step_us_;
    const bool comes_to_border = clock_.offset_us() >= clock_.previous_offset_us()
                                     ? floor_us >= until_us
                                     : floor_us == local_us;
    return comes_to_border ? clock_.start_us() : After(clock_.start_us());
  }
  int64_t After(int64_t instant_us) {
    const int64_t local_us = instant_us + clock_.offset_us();
    const int64_t next_us = (FloorDivide(local_us, step_us_) + 1) * step_us_ - clock_.offset_us();
    if (next_us < clock_.end_us()) return next_us;
    clock_.Advance();
    return FirstInStretch();
  }

  const int64_t step_us_;
  ZoneClock clock_;
  int64_t next_us_;
  int64_t pending_us_ = 0;
};

/// Every `count` units after the start of the range: minutes and hours of elapsed time, else local
/// time, a day that a month does not have being its last one.
class RollingBorders final : public BorderSource {
 public:
  RollingBorders(const SeriesRequest& request, int64_t from_us)
      : series_(request.series), from_us_(from_us), clock_(request.time_zone, from_us) {
    const int64_t local_us = from_us + clock_.offset_us();
    const int64_t days = FloorDivide(local_us, kDayUs);
    day_ = absl::CivilDay(1970, 1, 1) + days;
    time_of_day_us_ = local_us - days * kDayUs;
  }

  int64_t NextUs() override {
    const int64_t steps = next_++ * series_.count;
    if (steps == 0) return from_us_;
    if (IsClockUnit(series_.unit)) {
      const int128_t us = int128_t{steps} * ClockStepUs({series_.unit, 1, false}) + from_us_;
      return static_cast<int64_t>(std::min(us, int128_t{kMaxLocalUs}));
    }
    return clock_.AdvanceTo(LocalUs(DayAfter(steps), time_of_day_us_));
  }

 private:
  absl::CivilDay DayAfter(int64_t steps) const {
    const int64_t months = MonthsOf(series_.unit);
    if (months == 0) return day_ + steps * (series_.unit == CalendarUnit::kWeek ? 7 : 1);
    const absl::CivilMonth month = absl::CivilMonth(day_) + steps * months;
    return std::min(absl::CivilDay(month) + (day_.day() - 1), absl::CivilDay(month + 1) - 1);
  }

  const TimeSeries series_;
  const int64_t from_us_;
  ZoneClock clock_;
  absl::CivilDay day_;
  int64_t time_of_day_us_ = 0;
  int64_t next_ = 0;
};

}  // namespace

bool IsClockUnit(CalendarUnit unit) {
  return unit == CalendarUnit::kMinute || unit == CalendarUnit::kHour;
}

int64_t ClockStepUs(const TimeSeries& series) {
  constexpr int64_t kMinuteUs = kDayUs / (24 * 60);
  return series.count * (series.unit == CalendarUnit::kMinute ? kMinuteUs : 60 * kMinuteUs);
}

/// 0 for units that have no fixed number of months.
int64_t MonthsOf(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kMonth:
      return 1;
    case CalendarUnit::kQuarter:
      return 3;
    case CalendarUnit::kYear:
      return 12;
    default:
      return 0;
  }
}

std::unique_ptr<BorderSource> MakeBorders(const SeriesRequest& request, int64_t from_us) {
  if (request.series.is_rolling) return std::make_unique<RollingBorders>(request, from_us);
  if (IsClockUnit(request.series.unit)) return std::make_unique<ClockBorders>(request, from_us);
  return std::make_unique<CalendarBorders>(request, from_us);
}

}  // namespace sextant
