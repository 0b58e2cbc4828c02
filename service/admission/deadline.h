#pragma once

#include <cstdint>
#include <optional>

namespace sextant {

struct DeadlineLimits {
  /// For callers that give none.
  int64_t default_us = 10'000'000;
  /// The longest; a later deadline is brought forward.
  int64_t cap_us = 60'000'000;
};

/// How long a query may take from now, when its caller's deadline is `remaining_us` away (absent:
/// none). A caller's own deadline is brought forward by 2 %, at most 100 ms, so that our error,
/// which says at which stage the time ran out, gets there before the caller gives up.
/// Never negative.
int64_t AllowedTimeUs(std::optional<int64_t> remaining_us, const DeadlineLimits& limits);

}  // namespace sextant
