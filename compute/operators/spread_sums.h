#pragma once

#include <cstdint>
#include <span>

#include "compute/operators/fused_lane.h"

namespace sextant {

/// Lets sums, means and counts of a value be finished from the variance or standard deviation of
/// the same value in a lane, whose state has them: of integers, whose moments are exact. Of values
/// that a percentile or mode sorts, it is that which the spread may follow (spread_view.h).
/// REQUIRES: FindLeaders wrote the leaders of the lane, and nobody else did since.
void LeadSumsBySpreads(const FusedLane& lane, std::span<uint32_t> leaders);

}  // namespace sextant
