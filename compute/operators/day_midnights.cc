#include "compute/operators/day_midnights.h"

#include "compute/plan/binder.h"

namespace sextant {
namespace {

/// About 359 years: a mebibyte.
constexpr int64_t kMaxDays = int64_t{1} << 17;

}  // namespace

DayMidnights::DayMidnights(const absl::TimeZone& zone, int64_t first_day, int64_t last_day)
    : zone_(zone), first_day_(first_day) {
  if (first_day > last_day || static_cast<uint64_t>(last_day) - static_cast<uint64_t>(first_day) >=
                                  static_cast<uint64_t>(kMaxDays)) {
    return;
  }
  instants_us_.reserve(static_cast<size_t>(last_day - first_day + 1));
  for (int64_t day = first_day; day <= last_day; ++day) instants_us_.push_back(LookUp(day));
}

int64_t DayMidnights::LookUp(int64_t day) const { return MidnightOf(zone_, day); }

}  // namespace sextant
