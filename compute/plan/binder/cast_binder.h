#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/type_promotion.h"

namespace sextant {

/// value::type_name, as PostgreSQL's explicit casts (rules 2, 5, 8, 15).
/// Errors: INVALID_ARGUMENT for a type that is unknown, and for casts that PostgreSQL does not have
/// or whose result might differ from its.
absl::StatusOr<TypedExpression> BindCast(const TypingContext& context, TypedExpression value,
                                         const std::string& type_name);

}  // namespace sextant
