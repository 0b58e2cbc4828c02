#include "compute/plan/zone_clock.h"

#include <algorithm>
#include <limits>

#include "absl/time/civil_time.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
/// The calendar, weekdays included, repeats after 400 years.
constexpr int64_t kCycleSeconds = int64_t{146'097} * 86'400;
/// 2039: later than the last change of rules of a zone that changes its clock every year.
constexpr int64_t kRuledSeconds = 2'200'000'000;
/// A border that is a few changes of the clock away is looked up, not walked to.
constexpr int64_t kFarUs = int64_t{800} * 86'400 * kMicrosPerSecond;
/// No clock is further from UTC.
constexpr int64_t kMaxShiftUs = int64_t{2} * 86'400 * kMicrosPerSecond;

int64_t SaturatedAdd(int64_t left, int64_t right) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(left, right, &sum)) return sum;
  return left < 0 ? std::numeric_limits<int64_t>::min() : kNever;
}

int64_t OffsetSeconds(const absl::TimeZone& zone, int64_t unix_seconds) {
  return zone.At(absl::FromUnixSeconds(unix_seconds)).offset;
}

int64_t FloorSeconds(int64_t instant_us) {
  const int64_t seconds = instant_us / kMicrosPerSecond;
  return seconds - (instant_us % kMicrosPerSecond < 0 ? 1 : 0);
}

}  // namespace

ZoneClock::ZoneClock(const absl::TimeZone& zone, int64_t instant_us)
    : zone_(zone), start_us_(instant_us) {
  offset_us_ = OffsetSeconds(zone_, FloorSeconds(instant_us)) * kMicrosPerSecond;
  previous_offset_us_ = offset_us_;
  end_us_ = FindEndUs();
}

/// The table of a zone ends some 400 years after its last change of rules, and what comes next is
/// a repetition of it that NextTransition does not tell: so it is asked about an earlier cycle.
int64_t ZoneClock::FindEndUs() const {
  const int64_t seconds = FloorSeconds(start_us_);
  const int64_t num_cycles = std::max<int64_t>(0, (seconds - kRuledSeconds) / kCycleSeconds);
  for (const int64_t shift :
       {int64_t{0}, num_cycles * kCycleSeconds, (num_cycles + 1) * kCycleSeconds}) {
    if (shift != 0 && seconds - shift < 0) break;
    absl::TimeZone::CivilTransition transition;
    if (!zone_.NextTransition(absl::FromUnixSeconds(seconds - shift), &transition)) continue;
    const int64_t local_seconds = transition.from - absl::CivilSecond(1970, 1, 1);
    const int64_t end_seconds = local_seconds - OffsetSeconds(zone_, seconds - shift) + shift;
    if (end_seconds > kNever / kMicrosPerSecond) return kNever;
    // A zone without rules for the future shows its past here.
    const bool is_real =
        shift == 0 || OffsetSeconds(zone_, end_seconds) * kMicrosPerSecond != offset_us_;
    return is_real ? end_seconds * kMicrosPerSecond : kNever;
  }
  return kNever;
}

void ZoneClock::Advance() {
  SEXTANT_CHECK(end_us_ != kNever);
  start_us_ = end_us_;
  previous_offset_us_ = offset_us_;
  offset_us_ = OffsetSeconds(zone_, start_us_ / kMicrosPerSecond) * kMicrosPerSecond;
  end_us_ = FindEndUs();
}

int64_t ZoneClock::AdvanceTo(int64_t local_us) {
  if (SaturatedAdd(local_us, -offset_us_) > SaturatedAdd(start_us_, kFarUs)) {
    *this = ZoneClock(zone_, local_us - kMaxShiftUs);
  }
  while (true) {
    const int64_t reached_us = std::max(start_us_, SaturatedAdd(local_us, -offset_us_));
    if (reached_us < end_us_) return reached_us;
    if (end_us_ == kNever) return kNever;
    Advance();
  }
}

}  // namespace sextant
