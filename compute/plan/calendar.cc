#include "compute/plan/calendar.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

constexpr int64_t kMaxCount = 100'000;

int64_t FloorDivide(int64_t numerator, int64_t denominator) {
  const int64_t quotient = numerator / denominator;
  return quotient - (numerator % denominator < 0 ? 1 : 0);
}

/// The first day of week number 0: the first `week_start` on or after 2000-01-01.
absl::CivilDay WeekAnchor(absl::Weekday week_start) {
  return absl::NextWeekday(absl::CivilDay(1999, 12, 31), week_start);
}

/// The number of the step that holds the local time `local`.
int64_t StepIndexOf(const CalendarStep& step, const absl::CivilSecond& local) {
  switch (step.unit) {
    case CalendarUnit::kDay:
      return FloorDivide(absl::CivilDay(local) - absl::CivilDay(1970, 1, 1), step.count);
    case CalendarUnit::kWeek:
      return FloorDivide(absl::CivilDay(local) - WeekAnchor(step.week_start), 7 * step.count);
    case CalendarUnit::kMonth:
      return FloorDivide(absl::CivilMonth(local) - absl::CivilMonth(0, 1), step.count);
  }
  return 0;
}

/// The local time at which step number `index` begins.
absl::CivilSecond StepStart(const CalendarStep& step, int64_t index) {
  switch (step.unit) {
    case CalendarUnit::kDay:
      return absl::CivilSecond(absl::CivilDay(1970, 1, 1) + index * step.count);
    case CalendarUnit::kWeek:
      return absl::CivilSecond(WeekAnchor(step.week_start) + 7 * index * step.count);
    case CalendarUnit::kMonth:
      return absl::CivilSecond(absl::CivilMonth(0, 1) + index * step.count);
  }
  return {};
}

std::string_view NameOf(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kDay:
      return "day";
    case CalendarUnit::kWeek:
      return "week";
    case CalendarUnit::kMonth:
      return "month";
  }
  return "";
}

absl::Status CheckStep(const CalendarStep& step) {
  if (step.count >= 1 && step.count <= kMaxCount) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "series of ", step.count, " ", ToAbsl(NameOf(step.unit)), ": allowed are 1 to ", kMaxCount));
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

}  // namespace

int64_t FirstInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const absl::Time instant = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return absl::ToUnixMicros(instant);
}

absl::StatusOr<std::vector<SeriesInterval>> ResolveIntervals(const CalendarStep& step,
                                                             InstantRange range,
                                                             const absl::TimeZone& zone,
                                                             size_t max_intervals) {
  if (absl::Status status = CheckStep(step); !status.ok()) return status;
  if (absl::Status status = CheckRange(range); !status.ok()) return status;
  const auto border_us = [&](int64_t index) {
    return std::clamp(FirstInstantUs(StepStart(step, index), zone), kMinInstantUs, kMaxInstantUs);
  };
  const auto index_of = [&](int64_t instant_us) {
    return StepIndexOf(step, zone.At(absl::FromUnixMicros(instant_us)).cs);
  };

  int64_t index = index_of(range.from_us);
  // A clock that was set back over a border shows an earlier step than the one that has begun.
  while (border_us(index + 1) <= range.from_us) ++index;
  const int64_t num_steps = index_of(range.to_us - 1) - index + 1;
  if (num_steps > static_cast<int64_t>(max_intervals)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "series of ", step.count, " ", ToAbsl(NameOf(step.unit)), ": the time range has about ",
        num_steps, " intervals; ", max_intervals, " are allowed"));
  }

  std::vector<SeriesInterval> intervals;
  int64_t start_us = border_us(index);
  while (start_us < range.to_us) {
    const int64_t end_us = border_us(++index);
    const SeriesInterval interval = {.start_us = std::max(start_us, range.from_us),
                                     .end_us = std::min(end_us, range.to_us),
                                     .partial = start_us < range.from_us || end_us > range.to_us};
    if (start_us < end_us) intervals.push_back(interval);
    start_us = end_us;
  }
  return intervals;
}

std::vector<int64_t> BordersOf(std::span<const SeriesInterval> intervals) {
  std::vector<int64_t> borders_us;
  if (intervals.empty()) return borders_us;
  borders_us.reserve(intervals.size() + 1);
  for (const SeriesInterval& interval : intervals) borders_us.push_back(interval.start_us);
  borders_us.push_back(intervals.back().end_us);
  return borders_us;
}

}  // namespace sextant
