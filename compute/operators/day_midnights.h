#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace sextant {

/// The instants of the midnights of days in a zone (rule 10), looked up once per day and not per
/// row where the days are few enough. Immutable, so safe for any thread.
class DayMidnights {
 public:
  /// Days that most rows have, both included; none when first_day > last_day.
  DayMidnights(const absl::TimeZone& zone, int64_t first_day, int64_t last_day);

  /// Microseconds since the epoch; of any day, days since 1970-01-01. Beyond int64: saturated.
  int64_t At(int64_t day) const {
    const uint64_t position = static_cast<uint64_t>(day) - static_cast<uint64_t>(first_day_);
    return position < instants_us_.size() ? instants_us_[position] : LookUp(day);
  }

  size_t size_bytes() const { return instants_us_.capacity() * sizeof(int64_t); }

 private:
  int64_t LookUp(int64_t day) const;

  const absl::TimeZone zone_;
  const int64_t first_day_;
  std::vector<int64_t> instants_us_;
};

}  // namespace sextant
