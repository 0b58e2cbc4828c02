#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Binds the values, the order and the FILTER of `call` (rules 2, 3, 6, 9) into `aggregate`, which
/// is a new one, and finds the type of its result. Returns what arithmetic over it needs to know:
/// kColumn 0, of the result type, with unit, labels and text.
/// Errors: INVALID_ARGUMENT for `field`: types that the aggregate has no meaning for, as
/// BindExpression and BindPredicate; FAILED_PRECONDITION for top values of a dataset without a key.
/// Thread-safe.
absl::StatusOr<TypedExpression> BindAggregate(const PredicateContext& context,
                                              const AggregateCall& call, const std::string& field,
                                              BoundAggregate& aggregate);

/// "count", "percentile_cont", as PostgreSQL writes it.
std::string_view AggregateName(AggregateKind kind);

}  // namespace sextant
