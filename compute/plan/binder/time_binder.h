#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds what `query` says of time: the zone, the first day of the week, the range (relative to
/// `as_of_us`, rule 15) and the series (rules 13, 14). Errors: INVALID_ARGUMENT for "time_zone",
/// "week_start", "time_range", "time_range.from", "time_range.to" and "series[i]".
absl::Status BindTime(const Query& query, int64_t as_of_us, BoundQuery& bound);

}  // namespace sextant
