#pragma once

#include <cstdint>
#include <vector>

#include "compute/plan/bound_expression.h"

namespace sextant {

/// The columns that `expression` reads, ascending: of a metric's, the aggregates that it is
/// computed of.
std::vector<uint32_t> AggregatesOf(const BoundExpression& expression);

}  // namespace sextant
