#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "compute/operators/aggregate.h"
#include "compute/operators/fused_lane.h"

namespace sextant {

/// Makes one aggregate of the counts, sums and means of a lane whose sums need no more than a word
/// each (fused_plan.h), and views of it of the others; leaves alone what does not qualify, and all
/// where there is no such sum. The values are those that MakeSum and MakeCount give, to the bit.
/// REQUIRES: FindLeaders wrote the leaders of the lane.
void FuseSums(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
              std::span<uint32_t> leaders);

}  // namespace sextant
