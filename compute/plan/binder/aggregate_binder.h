#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// An aggregate, and what arithmetic over it and its result need to know of its values.
struct TypedAggregate {
  BoundAggregate aggregate;  // without metric and pin
  TypedExpression value;     // kColumn 0, of the result type, with unit, labels and text
};

/// Binds the values, the order and the FILTER of `call` (rules 2, 3, 6, 9) and finds the type of
/// its result.
/// Errors: INVALID_ARGUMENT for `field`: types that the aggregate has no meaning for, as
/// BindExpression and BindPredicate; FAILED_PRECONDITION for top values of a dataset without a key.
/// Thread-safe.
absl::StatusOr<TypedAggregate> BindAggregate(const PredicateContext& context,
                                             const AggregateCall& call, const std::string& field);

/// "count", "percentile_cont", as PostgreSQL writes it.
std::string_view AggregateName(AggregateKind kind);

}  // namespace sextant
