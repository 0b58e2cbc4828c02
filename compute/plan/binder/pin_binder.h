#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds the pin of `metric`, whose errors are of `path` ("metrics[2]") + ".at" (rules 10, 16).
/// Errors: INVALID_ARGUMENT for a column that is unknown or no time; FAILED_PRECONDITION when
/// `needs_time` (a series other than `all` is asked) and there is no pin, with the columns that
/// fit. Thread-safe.
absl::StatusOr<BoundPin> BindPin(const PredicateContext& context, const Metric& metric,
                                 const std::string& path, bool needs_time);

}  // namespace sextant
