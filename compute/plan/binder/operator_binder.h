#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/binder/type_promotion.h"

namespace sextant {

/// left op right, of "+ - * / %", as PostgreSQL resolves it (rules 1, 5, 6): integers in int64,
/// with numeric in numeric but for `/`, which is float8 then, floats in float8; times with
/// intervals, durations and days.
/// Errors: INVALID_ARGUMENT for types that have no such operator, or whose result might differ from
/// PostgreSQL's.
absl::StatusOr<TypedExpression> BindOperator(const TypingContext& context, char op,
                                             TypedExpression left, TypedExpression right);

/// -operand.
absl::StatusOr<TypedExpression> BindMinus(const TypingContext& context, TypedExpression operand);

}  // namespace sextant
