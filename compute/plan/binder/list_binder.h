#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Matches of the elements of a list column: a kList predicate (&&, @>, = ANY) or a kListCompare
/// (constant op ANY or ALL). `literals` types the constants and knows the field.
/// Errors: INVALID_ARGUMENT for a value that is no list column, for elements without keys, and as
/// LiteralBinder's. Cost: sorts the constants. Thread-safe.
absl::StatusOr<BoundPredicate> BindListMatch(const LiteralBinder& literals,
                                             const Predicate& predicate,
                                             const TypedExpression& value);

}  // namespace sextant
