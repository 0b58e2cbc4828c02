#include "compute/plan/calendar.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "compute/memory/check.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

constexpr int kMaxCount = 100'000;

int64_t FloorDivide(int64_t numerator, int64_t denominator) {
  const int64_t quotient = numerator / denominator;
  return quotient - (numerator % denominator < 0 ? 1 : 0);
}

/// Numbers the steps of a series and knows the local time at which each begins.
class CalendarSteps {
 public:
  CalendarSteps(const TimeSeries& series, int week_start)
      : unit_(series.unit), count_(series.count), week_anchor_(WeekAnchor(week_start)) {}

  /// The number of the step that holds the local time `local`.
  int64_t IndexOf(const absl::CivilSecond& local) const {
    if (unit_ == CalendarUnit::kMonth) {
      return FloorDivide(absl::CivilMonth(local) - absl::CivilMonth(0, 1), count_);
    }
    return FloorDivide(absl::CivilDay(local) - Anchor(), DaysPerStep());
  }

  absl::CivilSecond StartOf(int64_t index) const {
    if (unit_ == CalendarUnit::kMonth) {
      return absl::CivilSecond(absl::CivilMonth(0, 1) + index * count_);
    }
    return absl::CivilSecond(Anchor() + index * DaysPerStep());
  }

 private:
  /// The first selected week start on or after 2000-01-01.
  static absl::CivilDay WeekAnchor(int week_start) {
    constexpr absl::Weekday kDays[] = {absl::Weekday::monday,    absl::Weekday::tuesday,
                                       absl::Weekday::wednesday, absl::Weekday::thursday,
                                       absl::Weekday::friday,    absl::Weekday::saturday,
                                       absl::Weekday::sunday};
    SEXTANT_CHECK(week_start >= 1 && week_start <= 7);
    return absl::NextWeekday(absl::CivilDay(1999, 12, 31), kDays[week_start - 1]);
  }
  absl::CivilDay Anchor() const {
    return unit_ == CalendarUnit::kWeek ? week_anchor_ : absl::CivilDay(1970, 1, 1);
  }
  int64_t DaysPerStep() const { return unit_ == CalendarUnit::kWeek ? 7 * count_ : count_; }

  CalendarUnit unit_;
  int64_t count_;
  absl::CivilDay week_anchor_;
};

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

}  // namespace

int64_t FirstInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const absl::Time instant = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return absl::ToUnixMicros(instant);
}

absl::StatusOr<std::vector<ResolvedInterval>> ResolveIntervals(const SeriesRequest& request,
                                                               InstantRange range) {
  SEXTANT_CHECK(request.series.unit != CalendarUnit::kAll);
  const std::string name = SeriesName(request.series);
  if (request.series.count < 1 || request.series.count > kMaxCount) {
    return absl::InvalidArgumentError(
        absl::StrCat("series '", name, "': allowed are 1 to ", kMaxCount, " units"));
  }
  if (absl::Status status = CheckRange(range); !status.ok()) return status;
  const CalendarSteps steps(request.series, request.week_start);
  const auto border_us = [&](int64_t index) {
    return std::clamp(FirstInstantUs(steps.StartOf(index), request.time_zone), kMinInstantUs,
                      kMaxInstantUs);
  };
  const auto index_of = [&](int64_t instant_us) {
    return steps.IndexOf(request.time_zone.At(absl::FromUnixMicros(instant_us)).cs);
  };

  int64_t index = index_of(range.from_us);
  // A clock that was set back over a border shows an earlier step than the one that has begun.
  while (border_us(index + 1) <= range.from_us) ++index;
  const int64_t num_steps = index_of(range.to_us - 1) - index + 1;
  if (num_steps > static_cast<int64_t>(request.max_intervals)) {
    return absl::InvalidArgumentError(absl::StrCat("series '", name, "': the time range has about ",
                                                   num_steps, " intervals; ", request.max_intervals,
                                                   " are allowed"));
  }

  std::vector<ResolvedInterval> intervals;
  int64_t start_us = border_us(index);
  while (start_us < range.to_us) {
    const int64_t end_us = border_us(++index);
    if (start_us < end_us) {
      intervals.push_back({.start_us = std::max(start_us, range.from_us),
                           .end_us = std::min(end_us, range.to_us),
                           .is_partial = start_us < range.from_us || end_us > range.to_us});
    }
    start_us = end_us;
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

std::string SeriesName(const TimeSeries& series) {
  const std::string prefix = series.count == 1 ? "" : absl::StrCat(series.count, " ");
  switch (series.unit) {
    case CalendarUnit::kAll:
      return prefix + "all";
    case CalendarUnit::kDay:
      return prefix + "day";
    case CalendarUnit::kWeek:
      return prefix + "week";
    case CalendarUnit::kMonth:
      return prefix + "month";
    case CalendarUnit::kMinute:
      return prefix + "minute";
    case CalendarUnit::kHour:
      return prefix + "hour";
    case CalendarUnit::kQuarter:
      return prefix + "quarter";
    case CalendarUnit::kYear:
      return prefix + "year";
  }
  return "";
}

}  // namespace sextant
