#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/expression.h"

namespace sextant {

/// Types `expression` as PostgreSQL does (rules 1 to 8, 10, 15) and puts in the casts that
/// BoundExpression asks for; what is constant is folded. A constant that has no type by itself
/// keeps its literal (TypedExpression::IsUnknown).
/// Errors: INVALID_ARGUMENT for `field` with the position, what was found, what is allowed and the
/// nearest names. Cost: linear, but for CASE and nullif, which copy conditions. Thread-safe.
absl::StatusOr<TypedExpression> BindExpression(const PredicateContext& context,
                                               const Expression& expression,
                                               const std::string& field);

}  // namespace sextant
