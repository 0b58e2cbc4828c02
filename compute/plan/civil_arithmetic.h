#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "compute/column/data_type.h"
#include "compute/plan/bound_expression.h"

namespace sextant {

/// PostgreSQL's arithmetic of instants (microseconds since 1970-01-01T00:00Z) in a zone.
/// std::nullopt: the operand or the result is not among the instants that can be named
/// (calendar.h). Thread-safe. Cost: one to three look-ups in the zone.

/// `instant_us + interval`: months first, with the day cut to the length of the month, then days,
/// both in local time, then the microseconds.
std::optional<int64_t> AddIntervalUs(int64_t instant_us, const IntervalValue& interval,
                                     const absl::TimeZone& zone);

/// date_trunc(field, instant): the beginning of the field in local time; weeks begin on Monday.
/// REQUIRES: `field` is one of date_trunc's.
std::optional<int64_t> TruncateInstantUs(DateField field, int64_t instant_us,
                                         const absl::TimeZone& zone);

}  // namespace sextant
