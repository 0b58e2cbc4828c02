#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/bound_expression.h"

namespace sextant {

/// `expression` as a constant where its arguments and conditions decide its value: as evaluation
/// would compute it for every row, but what that leaves NULL because it cannot be computed is an
/// error here. Branches that no row takes are dropped. Operations that are not worth it, such as
/// upper('a'), stay as they are.
/// Errors: INVALID_ARGUMENT without field and position: overflow, division by zero. Thread-safe.
absl::StatusOr<BoundExpression> Folded(BoundExpression expression);

/// A condition over constants alone as a ConstantLeaf; other leaves as they are.
BoundPredicate Folded(BoundPredicate leaf);
/// The same in place.
void Fold(BoundPredicate& leaf);

}  // namespace sextant
