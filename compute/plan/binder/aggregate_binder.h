#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Binds the values, the order and the FILTER of `call` (rules 2, 3, 6, 9) into `aggregate`, and
/// what arithmetic over its result needs to know into `value`: kColumn 0, of the result type, with
/// unit and labels, but without text. Both are new ones.
/// Errors: INVALID_ARGUMENT for `field`: types that the aggregate has no meaning for, as
/// BindExpression and BindPredicate; FAILED_PRECONDITION for top values of a dataset without a key.
/// Thread-safe.
absl::Status BindAggregate(const PredicateContext& context, const AggregateCall& call,
                           const std::string& field, BoundAggregate& aggregate,
                           TypedExpression& value);

/// "count", "percentile_cont", as PostgreSQL writes it.
std::string_view AggregateName(AggregateKind kind);

}  // namespace sextant
