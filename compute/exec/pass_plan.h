#pragma once

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "compute/operators/axis_codes.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// One of the groupings that a query asks for.
struct PlannedPass {
  int64_t grouping = 0;  // of the result column of that name
  Grouping::Rows rows = Grouping::Rows::kAll;
  uint32_t summed = 0;  // as in Grouping
};

/// The cells; others, when top-N asks for them; then totals by their `grouping`, ascending.
absl::InlinedVector<PlannedPass, 1> PlanPasses(const BoundQuery& query);

}  // namespace sextant
