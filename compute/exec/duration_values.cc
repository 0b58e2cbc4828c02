#include "compute/exec/duration_values.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::StatusOr<int64_t> MicrosOfSeconds(double seconds) {
  constexpr double kMicrosPerSecond = 1e6;
  constexpr double kLimit = 9'223'372'036'854'775'808.0;  // 2^63
  const double micros = std::nearbyint(seconds * kMicrosPerSecond);
  if (micros >= -kLimit && micros < kLimit) return static_cast<int64_t>(micros);
  return WithDetail(
      absl::OutOfRangeError(absl::StrCat(
          "found a duration of ", seconds,
          " seconds, which `per` selects or an expression over metrics reads; allowed: at most "
          "9223372036854, what bigint has of microseconds, or extract(epoch from x)")),
      ErrorDetail{.reason = "SUM_OVERFLOW", .metadata = {}});
}

}  // namespace sextant
