#pragma once

#include <memory>
#include <span>

#include "compute/operators/aggregate.h"
#include "compute/operators/fused_lane.h"

namespace sextant {

/// Makes views of a percentile or mode of the variances and standard deviations of the same column
/// in a lane, where the samples of that are dealt into bins (ordered_aggregate.cc) as integers:
/// moments of the samples of a cell that lie side by side are exact, and take a pass over them.
/// REQUIRES: FindLeaders wrote the leaders of the lane.
void ViewSpreads(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
                 std::span<uint32_t> leaders);

}  // namespace sextant
