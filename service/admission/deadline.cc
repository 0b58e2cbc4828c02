#include "service/admission/deadline.h"

#include <algorithm>

namespace sextant {

int64_t AllowedTimeUs(std::optional<int64_t> remaining_us, const DeadlineLimits& limits) {
  constexpr int64_t kMaxMarginUs = 100'000;
  if (!remaining_us.has_value()) return limits.default_us;
  const int64_t margin_us = std::min(*remaining_us / 50, kMaxMarginUs);
  return std::clamp(*remaining_us - margin_us, int64_t{0}, limits.cap_us);
}

}  // namespace sextant
