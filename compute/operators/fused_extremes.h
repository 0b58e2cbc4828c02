#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "compute/operators/aggregate.h"
#include "compute/operators/fused_lane.h"

namespace sextant {

/// Makes one aggregate of those min and max of a lane whose values pack into 32 bits
/// (near_packing.h), two to a word, and views of it of the others; leaves alone what does not
/// qualify, and all where there is but one. The values are those that MakePackedExtreme gives.
/// REQUIRES: FindLeaders wrote the leaders of the lane.
void FuseExtremes(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
                  std::span<uint32_t> leaders);

}  // namespace sextant
