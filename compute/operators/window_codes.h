#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "compute/operators/time_codes.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Which windows of one series hold an instant, or touch a span of time. Windows end in the order
/// of their intervals and may overlap (TimeFrame); a date is the midnight of its day in the query's
/// zone (rule 10), compared in days. Immutable, so safe for any thread.
class WindowCodes {
 public:
  /// `first_code` is the number of intervals of the series before. REQUIRES: ends do not descend.
  WindowCodes(const ResolvedSeries& windows, bool is_date, const absl::TimeZone& zone,
              uint32_t first_code);

  /// Codes [first, last) that may be; of each Begins says whether it is.
  struct Codes {
    uint32_t first;
    uint32_t last;
  };
  /// Of the windows that hold an instant of [first_value, last_value], microseconds, or days where
  /// is_date. Cost: two binary searches.
  Codes Find(int64_t first_value, int64_t last_value) const;
  /// Whether the window, one of Find, begins at or before `last_value`.
  bool Begins(uint32_t code, int64_t last_value) const {
    return starts_[code - first_code_] <= last_value;
  }

  /// The values within the first window's start and the last one's end; nullopt: there are none.
  std::optional<TimeCodes::Span> span() const;

  size_t size_bytes() const {
    return (starts_.capacity() + least_starts_.capacity() + ends_.capacity()) * sizeof(int64_t);
  }

 private:
  const uint32_t first_code_;
  std::vector<int64_t> starts_;
  std::vector<int64_t> least_starts_;  // of the windows from each on
  std::vector<int64_t> ends_;
};

}  // namespace sextant
