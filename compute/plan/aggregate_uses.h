#pragma once

#include <cstdint>
#include <vector>

#include "compute/plan/bound_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The columns that `expression` reads, ascending: of a metric's, the aggregates that it is
/// computed of.
std::vector<uint32_t> AggregatesOf(const BoundExpression& expression);

/// The columns that `value` reads, ascending.
std::vector<uint32_t> ColumnsOf(const BoundValue& value);

/// The columns that `condition` reads, ascending.
std::vector<uint32_t> ColumnsOf(const BoundPredicate& condition);

}  // namespace sextant
