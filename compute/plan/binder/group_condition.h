#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/expression.h"

namespace sextant {

/// The condition that a row is in the group `value` of `axis` (std::nullopt: that of NULL), as the
/// axis itself puts rows into groups: equal to the value, or has it as an element, or within its
/// bin, or in the member of the set. `value` is as the result shows it: of a bin its lower edge.
/// Errors: INVALID_ARGUMENT for `field` where there can be no such group, with nearest names.
absl::StatusOr<BoundPredicate> BindGroup(const PredicateContext& context, const BoundAxis& axis,
                                         const std::optional<Literal>& value,
                                         const std::string& field);

/// The condition that a row is in any group of `axis`; std::nullopt where every row is.
std::optional<BoundPredicate> InAnyGroup(const BoundAxis& axis, const Schema& schema);

}  // namespace sextant
