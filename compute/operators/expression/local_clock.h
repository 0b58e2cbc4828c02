#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"

namespace sextant {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;

/// Rounded towards minus infinity. REQUIRES: divisor > 0.
inline int64_t FloorDivide(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return quotient - (value % divisor < 0 ? 1 : 0);
}

/// A day of the Gregorian calendar, which is taken to have been in use always; year 0 is 1 BC.
struct CivilDate {
  int64_t year = 1970;
  int32_t month = 1;
  int32_t day = 1;
};
CivilDate CivilOfDay(int64_t day);
/// `month` in [1, 12]; `day` may be outside of the month.
int64_t DayOfCivil(const CivilDate& date);
int32_t DaysOfMonth(int64_t year, int32_t month);

/// The local time of a zone, from a table of its transitions: for loops over rows, where the zone
/// itself would take ten times as long. Local times are seconds since 1970-01-01T00:00 on the clock
/// of the zone. Immutable, so safe for any thread.
class LocalClock {
 public:
  explicit LocalClock(const absl::TimeZone& zone);
  /// The clock of `zone`, made once per process.
  static std::shared_ptr<const LocalClock> Of(const absl::TimeZone& zone);

  /// What the clock shows at `second` since the Unix epoch.
  int64_t LocalOf(int64_t second) const { return second + OffsetAt(second); }
  int64_t OffsetAt(int64_t second) const;
  /// The instant that PostgreSQL gives `local`: the later one of a repeated local time, the one by
  /// the offset before the gap for one that is skipped.
  int64_t PostgresInstant(int64_t local) const;

 private:
  struct Span {
    int64_t begin;  // seconds since the Unix epoch
    int64_t offset;
  };
  size_t SpanOf(int64_t second) const;
  bool IsBeyondTable(int64_t second) const { return second >= end_; }

  const absl::TimeZone zone_;
  std::vector<Span> spans_;
  int64_t end_ = 0;  // of the table; from here on the zone is asked
};

}  // namespace sextant
