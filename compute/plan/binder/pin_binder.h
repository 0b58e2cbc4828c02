#pragma once

#include <string>

#include "absl/status/status.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds the pin of `metric` into `pin`, a new one (rules 10, 16): names of columns, or
/// expressions. A start or end is a timestamp or a date; `at` may be a list column of timestamps.
/// Errors are of `path`
/// ("metrics[2]") and ".at", ".during.start", ".during.end", ".as_of_end.start" or
/// ".as_of_end.end".
/// Errors: INVALID_ARGUMENT for a column that is unknown, or what is no time; FAILED_PRECONDITION
/// when `needs_time` (a series other than `all` is asked) and there is no pin, with the columns
/// that fit. Thread-safe.
absl::Status BindPin(const PredicateContext& context, const Metric& metric, const std::string& path,
                     bool needs_time, BoundPin& pin);

}  // namespace sextant
