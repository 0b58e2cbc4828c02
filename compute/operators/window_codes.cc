#include "compute/operators/window_codes.h"

#include <algorithm>
#include <limits>

#include "compute/memory/check.h"
#include "compute/plan/binder.h"

namespace sextant {

WindowCodes::WindowCodes(const ResolvedSeries& windows, bool is_date, const absl::TimeZone& zone,
                         uint32_t first_code)
    : first_code_(first_code) {
  const auto value = [&](int64_t instant_us) {
    return is_date ? FirstDayNotBefore(zone, instant_us) : instant_us;
  };
  const size_t size = windows.intervals.size();
  starts_.reserve(size);
  ends_.reserve(size);
  for (const ResolvedInterval& window : windows.intervals) {
    ends_.push_back(value(window.end_us));
    // What is open when an empty one ends, as a day that the zone skipped, is not in it.
    const int64_t start = value(window.start_us);
    starts_.push_back(start < ends_.back() ? start : std::numeric_limits<int64_t>::max());
    SEXTANT_CHECK(ends_.size() < 2 || ends_[ends_.size() - 2] <= ends_.back());
  }
  least_starts_ = starts_;
  for (size_t i = size; i-- > 1;) {
    least_starts_[i - 1] = std::min(least_starts_[i - 1], least_starts_[i]);
  }
}

WindowCodes::Codes WindowCodes::Find(int64_t first_value, int64_t last_value) const {
  const auto over = std::upper_bound(ends_.begin(), ends_.end(), first_value);
  const auto begun = std::upper_bound(least_starts_.begin(), least_starts_.end(), last_value);
  const auto first = static_cast<uint32_t>(over - ends_.begin());
  const auto last = static_cast<uint32_t>(begun - least_starts_.begin());
  return {first_code_ + first, first_code_ + std::max(first, last)};
}

std::optional<TimeCodes::Span> WindowCodes::span() const {
  if (ends_.empty() || least_starts_.front() >= ends_.back()) return std::nullopt;
  return TimeCodes::Span{least_starts_.front(), ends_.back() - 1};
}

}  // namespace sextant
