#include "compute/exec/pass_plan.h"

#include <algorithm>
#include <bit>

namespace sextant {
namespace {

/// GROUPING() of totals: the lowest bit is the last axis.
bool IsAsked(Totals totals, uint32_t grouping, uint32_t all) {
  switch (totals) {
    case Totals::kNone:
      return false;
    case Totals::kGrand:
      return grouping == all;
    case Totals::kRollup:
      return std::has_single_bit(grouping + 1);
    case Totals::kCube:
      return true;
  }
  return false;
}

}  // namespace

absl::InlinedVector<PlannedPass, 1> PlanPasses(const BoundQuery& query) {
  const auto num_axes = static_cast<uint32_t>(query.axes().size());
  absl::InlinedVector<PlannedPass, 1> passes;
  passes.push_back(
      {.grouping = 0, .rows = query.top_n ? Grouping::Rows::kTuples : Grouping::Rows::kAll});
  if (query.top_n && query.top_n->others) {
    passes.push_back({.grouping = -1, .rows = Grouping::Rows::kOthers});
  }
  if (query.totals == Totals::kNone) return passes;
  const uint32_t all = (uint32_t{1} << num_axes) - 1;
  for (uint32_t grouping = 1; grouping <= all; ++grouping) {
    if (!IsAsked(query.totals, grouping, all)) continue;
    PlannedPass total = {.grouping = grouping};
    for (uint32_t axis = 0; axis < num_axes; ++axis) {
      if ((grouping >> (num_axes - 1 - axis) & 1) != 0) total.summed |= uint32_t{1} << axis;
    }
    passes.push_back(total);
  }
  return passes;
}

}  // namespace sextant
