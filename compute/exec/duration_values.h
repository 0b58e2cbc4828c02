#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace sextant {

/// A duration of a result, in seconds, as a column has it: in microseconds, rounded half to even as
/// PostgreSQL rounds a double precision. Errors: OUT_OF_RANGE with ErrorDetail SUM_OVERFLOW where
/// 64 bits do not hold it, as PostgreSQL refuses the cast to bigint.
absl::StatusOr<int64_t> MicrosOfSeconds(double seconds);

}  // namespace sextant
