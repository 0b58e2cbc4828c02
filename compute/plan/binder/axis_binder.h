#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "compute/plan/binder/bind_scope.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

inline constexpr size_t kMaxBinEdges = 10'000;
inline constexpr size_t kMaxSetMembers = 1'000;
/// Axes of a query that asks for totals: a cube over them evaluates 2^n groupings.
inline constexpr size_t kMaxTotalsAxes = 6;

/// Binds the group axes of `query` in every dataset: columns resolved, edges of bins as numbers of
/// the column's type, conditions of sets. Columns of one axis must be of one type, but for the
/// widths of integers, floats and numerics of one scale, which become the widest.
/// Errors: INVALID_ARGUMENT for "group_by[i]..."; FAILED_PRECONDITION of BindScope::CheckName.
absl::Status BindAxes(const Query& query, const BindScope& scope, BoundQuery& bound);

}  // namespace sextant
