#pragma once

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds metric number `index` of a query: parses its expression, resolves its columns, checks that
/// the aggregate has a meaning for their type, and finds the type and unit of its result (rules 2,
/// 3, 6).
/// Errors: INVALID_ARGUMENT for "metrics[index]..."; FAILED_PRECONDITION when `needs_time` (a
/// series other than `all` is asked) and the metric has no time column, with the columns that fit.
/// Its aggregates are added to those of `query`, unless they are there.
/// `contexts` has one entry per dataset of `query`, in that order.
absl::StatusOr<BoundMetric> BindMetric(std::span<const PredicateContext> contexts,
                                       const Metric& metric, size_t index, BoundQuery& query);

}  // namespace sextant
