#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds what `query` asks of its result: names of columns that are told apart, top-N, totals,
/// dense cells, having, order and limits (rules 17, 18).
/// Errors: INVALID_ARGUMENT. REQUIRES: datasets, series, metrics and axes are bound.
absl::Status BindResult(const Query& query, int64_t as_of_us, BoundQuery& bound);

}  // namespace sextant
