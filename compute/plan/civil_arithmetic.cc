#include "compute/plan/civil_arithmetic.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

bool IsNamed(int64_t instant_us) {
  return kMinInstantUs <= instant_us && instant_us <= kMaxInstantUs;
}

/// Local time of an instant, and the microseconds of its second.
struct LocalTime {
  absl::CivilSecond second;
  int64_t microseconds = 0;
};

LocalTime LocalTimeOf(int64_t instant_us, const absl::TimeZone& zone) {
  const int64_t microseconds =
      (instant_us % kMicrosPerSecond + kMicrosPerSecond) % kMicrosPerSecond;
  return {zone.At(absl::FromUnixMicros(instant_us)).cs, microseconds};
}

std::optional<int64_t> InstantOf(const LocalTime& local, const absl::TimeZone& zone) {
  // Far from both ends of int64, so that the microseconds of a second can be added.
  if (local.second.year() < -4800 || local.second.year() > 294'300) return std::nullopt;
  const int64_t instant_us = PostgresInstantUs(local.second, zone);
  if (!IsNamed(instant_us)) return std::nullopt;
  return instant_us + local.microseconds;
}

absl::CivilSecond AddMonths(const absl::CivilSecond& local, int64_t months) {
  const absl::CivilMonth month = absl::CivilMonth(local) + months;
  const int last_day = absl::CivilDay(absl::CivilDay(month + 1) - 1).day();
  return absl::CivilSecond(month.year(), month.month(), std::min(local.day(), last_day),
                           local.hour(), local.minute(), local.second());
}

/// Floor of the division.
int64_t Quotient(int64_t dividend, int64_t divisor) {
  return (dividend - ((dividend % divisor) + divisor) % divisor) / divisor;
}

/// The first day of the unit of a day or longer that holds `day`.
absl::CivilDay FirstDayOf(DateField field, const absl::CivilDay& day) {
  switch (field) {
    case DateField::kWeek:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case DateField::kMonth:
      return absl::CivilDay(absl::CivilMonth(day));
    case DateField::kQuarter:
      return absl::CivilDay(day.year(), (day.month() - 1) / 3 * 3 + 1);
    case DateField::kYear:
      return absl::CivilDay(day.year());
    case DateField::kDecade:
      return absl::CivilDay(Quotient(day.year(), 10) * 10);
    // The first century is the years 1 to 100.
    case DateField::kCentury:
      return absl::CivilDay(Quotient(day.year() - 1, 100) * 100 + 1);
    case DateField::kMillennium:
      return absl::CivilDay(Quotient(day.year() - 1, 1000) * 1000 + 1);
    default:
      return day;
  }
}

}  // namespace

std::optional<int64_t> AddIntervalUs(int64_t instant_us, const IntervalValue& interval,
                                     const absl::TimeZone& zone) {
  if (!IsNamed(instant_us)) return std::nullopt;
  if (interval.months != 0) {
    LocalTime local = LocalTimeOf(instant_us, zone);
    local.second = AddMonths(local.second, interval.months);
    const std::optional<int64_t> moved_us = InstantOf(local, zone);
    if (!moved_us) return std::nullopt;
    instant_us = *moved_us;
  }
  if (interval.days != 0) {
    LocalTime local = LocalTimeOf(instant_us, zone);
    const absl::CivilDay day = absl::CivilDay(local.second) + interval.days;
    local.second = absl::CivilSecond(day.year(), day.month(), day.day(), local.second.hour(),
                                     local.second.minute(), local.second.second());
    const std::optional<int64_t> moved_us = InstantOf(local, zone);
    if (!moved_us) return std::nullopt;
    instant_us = *moved_us;
  }
  if (__builtin_add_overflow(instant_us, interval.microseconds, &instant_us)) return std::nullopt;
  if (!IsNamed(instant_us)) return std::nullopt;
  return instant_us;
}

std::optional<int64_t> TruncateInstantUs(DateField field, int64_t instant_us,
                                         const absl::TimeZone& zone) {
  if (!IsNamed(instant_us)) return std::nullopt;
  const LocalTime local = LocalTimeOf(instant_us, zone);
  // Units below a day keep the offset from UTC.
  switch (field) {
    case DateField::kMicroseconds:
      return instant_us;
    case DateField::kMilliseconds:
      return instant_us - local.microseconds % 1000;
    case DateField::kSecond:
      return instant_us - local.microseconds;
    case DateField::kMinute:
      return instant_us - local.microseconds - local.second.second() * kMicrosPerSecond;
    case DateField::kHour:
      return instant_us - local.microseconds -
             (local.second.minute() * 60 + local.second.second()) * kMicrosPerSecond;
    default:
      return InstantOf({absl::CivilSecond(FirstDayOf(field, absl::CivilDay(local.second)))}, zone);
  }
}

}  // namespace sextant
