#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/binder/type_promotion.h"

namespace sextant {

/// The field that extract() and date_trunc() call `name`, singular or plural, in any case.
std::optional<DateField> DateFieldNamed(std::string_view name);

/// extract(field from value), in the zone of `context` (rule 15); `field` is a constant. A
/// duration's day is 24 hours, as PostgreSQL shows a difference of timestamps.
absl::StatusOr<TypedExpression> BindExtract(const TypingContext& context,
                                            const TypedExpression& field, TypedExpression value,
                                            const TypedExpression& at);

/// date_trunc(field, value) in the zone of `context`. A date is the timestamp of its midnight.
absl::StatusOr<TypedExpression> BindDateTrunc(const TypingContext& context,
                                              const TypedExpression& field, TypedExpression value,
                                              const TypedExpression& at);

}  // namespace sextant
