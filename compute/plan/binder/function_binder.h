#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/binder/type_promotion.h"

namespace sextant {

/// name(arguments) of a function of values, other than nullif, extract and date_trunc, as
/// PostgreSQL resolves it. `at` is the call: its text and position.
/// Errors: INVALID_ARGUMENT for an unknown name, with the nearest, for a wrong number of arguments
/// and for types that the function does not take. `as_of_us` is now().
absl::StatusOr<TypedExpression> BindFunction(const TypingContext& context, const std::string& name,
                                             std::vector<TypedExpression> arguments,
                                             const TypedExpression& at, int64_t as_of_us);

/// The names that expressions know, for messages.
const std::vector<std::string>& FunctionNames();

/// Refuses a call of `num_found` arguments, unless they are `min` to `max`.
absl::Status CheckArguments(const TypingContext& context, const std::string& name, size_t num_found,
                            const TypedExpression& at, size_t min, size_t max);

}  // namespace sextant
