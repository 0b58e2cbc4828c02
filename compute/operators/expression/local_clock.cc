#include "compute/operators/expression/local_clock.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "absl/time/civil_time.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

constexpr int64_t kFirstSecond = std::numeric_limits<int64_t>::min();
constexpr int64_t kLastSecond = std::numeric_limits<int64_t>::max();
/// No zone is further from UTC.
constexpr int64_t kMaxOffset = 26 * 3600;

absl::Time InstantOf(const absl::TimeZone& zone, const absl::TimeZone::CivilTransition& change) {
  // The clock is set forward: what it skips begins at `from`. Set back: it shows `to` again.
  return zone.At(change.from < change.to ? change.from : change.to).trans;
}

}  // namespace

CivilDate CivilOfDay(int64_t day) {
  // Eras of 400 years, which begin on 1 March.
  const int64_t shifted = day + 719'468;
  const int64_t era = FloorDivide(shifted, 146'097);
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto month =
      static_cast<int32_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int32_t>(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

int64_t DayOfCivil(const CivilDate& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year =
      (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int32_t DaysOfMonth(int64_t year, int32_t month) {
  constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

LocalClock::LocalClock(const absl::TimeZone& zone) : zone_(zone) {
  const absl::Time table_end = absl::FromCivil(absl::CivilYear(2200), absl::UTCTimeZone());
  // At InfinitePast itself every zone is at UTC.
  const absl::Time first = absl::FromUnixMicros(kMinInstantUs);
  spans_.push_back({kFirstSecond, zone.At(first).offset});
  end_ = kLastSecond;
  absl::TimeZone::CivilTransition change;
  absl::Time instant = absl::InfinitePast();
  while (zone.NextTransition(instant, &change)) {
    instant = InstantOf(zone, change);
    if (instant >= table_end) {
      end_ = absl::ToUnixSeconds(table_end);
      break;
    }
    spans_.push_back({absl::ToUnixSeconds(instant), zone.At(instant).offset});
  }
}

std::shared_ptr<const LocalClock> LocalClock::Of(const absl::TimeZone& zone) {
  // Zones are those of the database, so the clocks are few.
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const LocalClock>>& clocks =
      *new std::map<std::string, std::shared_ptr<const LocalClock>>;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const LocalClock>& clock = clocks[zone.name()];
  if (clock == nullptr) clock = std::make_shared<const LocalClock>(zone);
  return clock;
}

size_t LocalClock::SpanOf(int64_t second) const {
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), second,
                                      [](int64_t at, const Span& span) { return at < span.begin; });
  return static_cast<size_t>(after - spans_.begin()) - 1;
}

int64_t LocalClock::OffsetAt(int64_t second) const {
  if (IsBeyondTable(second)) return zone_.At(absl::FromUnixSeconds(second)).offset;
  return spans_[SpanOf(second)].offset;
}

int64_t LocalClock::PostgresInstant(int64_t local) const {
  if (IsBeyondTable(local + kMaxOffset)) {
    return PostgresInstantUs(absl::CivilSecond(1970, 1, 1) + local, zone_) / kMicrosPerSecond;
  }
  int64_t found = 0;
  for (size_t span = SpanOf(local - kMaxOffset);
       span < spans_.size() && spans_[span].begin <= local + kMaxOffset; ++span) {
    const int64_t instant = local - spans_[span].offset;
    // Of several spans that show it, the last. Where none does, the last that ends too early for it
    // is the one before the gap.
    if (instant >= spans_[span].begin) found = instant;
  }
  return found;
}

}  // namespace sextant
