#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// `sum`, an aggregate of a cell, or 0 where the cell has no sample of it; of a bool_or FALSE (rule
/// 17). Errors: INVALID_ARGUMENT of `field` where `kind` is no sum or bool_or.
absl::StatusOr<TypedExpression> ZeroWhenEmpty(const PredicateContext& cells, AggregateKind kind,
                                              TypedExpression sum, const std::string& field);

}  // namespace sextant
