#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/data_type.h"

namespace sextant {

/// Reads an interval as PostgreSQL does: '2 days', '1 mon 03:04:05.6', '-1 day +02:00', '1.5 hours
/// ago', '90' (seconds), 'P1Y2M3DT4H5M6S'. A fraction of a month is days of 30 to the month, a
/// fraction of a day is microseconds.
/// Errors: INVALID_ARGUMENT that repeats the text; also for what int32 months or days, or int64
/// microseconds, do not hold. Thread-safe.
absl::StatusOr<IntervalValue> ParseInterval(std::string_view text);

}  // namespace sextant
