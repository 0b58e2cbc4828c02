#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace sextant {

/// Walks forward through the times in which a zone keeps one offset from UTC, so that borders in
/// local time cost an addition each and not a look-up in the zone (rule 12).
///
/// Local time is counted as instants are: microseconds since 1970-01-01T00:00 on the clock of the
/// zone. All is saturated to int64. Not thread-safe.
class ZoneClock {
 public:
  /// Stands in the stretch that holds `instant_us`.
  /// REQUIRES: kMinInstantUs <= instant_us <= kMaxInstantUs.
  ZoneClock(const absl::TimeZone& zone, int64_t instant_us);

  /// The stretch [start_us, end_us) of one offset. The first begins at the instant of the
  /// constructor, the last ends at INT64_MAX.
  int64_t start_us() const { return start_us_; }
  int64_t end_us() const { return end_us_; }
  /// East of UTC: local time = instant + offset_us.
  int64_t offset_us() const { return offset_us_; }
  /// Of the stretch before; this one's in the first.
  int64_t previous_offset_us() const { return previous_offset_us_; }

  /// Moves on to the next stretch. REQUIRES: end_us() is not INT64_MAX.
  void Advance();

  /// The first instant at or after start_us() whose local time reaches `local_us`, and moves to
  /// its stretch; previous_offset_us() means nothing afterwards. INT64_MAX when there is none.
  /// Cost: one look-up in the zone per change of the clock in between, three at most.
  int64_t AdvanceTo(int64_t local_us);

 private:
  int64_t FindEndUs() const;

  absl::TimeZone zone_;
  int64_t start_us_;
  int64_t end_us_ = 0;
  int64_t offset_us_ = 0;
  int64_t previous_offset_us_ = 0;
};

}  // namespace sextant
