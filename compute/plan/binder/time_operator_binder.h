#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/binder/type_promotion.h"

namespace sextant {

/// left op right, where not both are numbers: timestamps, dates, durations and intervals (rule 6).
/// Errors: INVALID_ARGUMENT for every other pair, saying what is allowed.
absl::StatusOr<TypedExpression> BindTimeOperator(const TypingContext& context, char op,
                                                 TypedExpression left, TypedExpression right);

/// The constant interval with all its parts negated. REQUIRES: a constant interval.
absl::StatusOr<TypedExpression> NegatedInterval(const TypingContext& context,
                                                TypedExpression interval);

}  // namespace sextant
