#include "tests/oracle/zone_clock.h"

#include <algorithm>
#include <map>

#include "absl/time/time.h"
#include "compute/memory/check.h"
#include "tests/oracle/datum.h"

namespace sextant::oracle {
namespace {

const absl::TimeZone& Zone(const std::string& name) {
  static auto& zones = *new std::map<std::string, absl::TimeZone>();
  const auto found = zones.find(name);
  if (found != zones.end()) return found->second;
  absl::TimeZone zone;
  SEXTANT_CHECK(absl::LoadTimeZone(name, &zone)) << name;
  return zones.emplace(name, zone).first->second;
}

int64_t OffsetUs(int64_t instant_us, const absl::TimeZone& zone) {
  return zone.At(absl::FromUnixMicros(instant_us)).offset * kSecondUs;
}

/// The instant of the next change of the clock after `instant_us`, or far away.
int64_t NextChangeUs(int64_t instant_us, const absl::TimeZone& zone) {
  absl::TimeZone::CivilTransition transition;
  absl::Time from = absl::FromUnixMicros(instant_us);
  if (!zone.NextTransition(from, &transition)) return INT64_MAX;
  const absl::TimeZone::TimeInfo info = zone.At(transition.to);
  return absl::ToUnixMicros(info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans);
}

}  // namespace

int64_t LocalUs(int64_t instant_us, const std::string& zone) {
  return instant_us + OffsetUs(instant_us, Zone(zone));
}

int64_t PostgresInstantUs(int64_t local_us, const std::string& zone) {
  const absl::CivilSecond local = absl::CivilSecond(1970, 1, 1) + FloorDivide(local_us, kSecondUs);
  const absl::TimeZone::TimeInfo info = Zone(zone).At(local);
  const int64_t rest = local_us - FloorDivide(local_us, kSecondUs) * kSecondUs;
  const bool is_repeated = info.kind == absl::TimeZone::TimeInfo::REPEATED;
  return absl::ToUnixMicros(is_repeated ? info.post : info.pre) + rest;
}

int64_t NextChangeUs(int64_t instant_us, const std::string& zone) {
  return NextChangeUs(instant_us, Zone(zone));
}

int64_t FirstInstantUs(int64_t local_us, const std::string& zone) {
  const absl::TimeZone& clock = Zone(zone);
  int64_t begin = local_us - 30 * kHourUs;
  while (true) {
    const int64_t end = NextChangeUs(begin, clock);
    const int64_t reached = std::max(begin, local_us - OffsetUs(begin, clock));
    if (reached < end) return reached;
    begin = end;
  }
}

int64_t FloorDivide(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

// Days are counted in eras of 400 years that begin on March 1.
CivilDate DateOfDays(int64_t days) {
  days += 719'468;
  const int64_t era = FloorDivide(days, 146'097);
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

int64_t DaysOfDate(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

}  // namespace sextant::oracle
