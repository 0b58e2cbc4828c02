#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// 2000-01-03T00:00Z, a Monday, from which tiles are counted (rule 20).
inline constexpr int64_t kTileAnchorUs = int64_t{946'857'600} * 1'000'000;

/// The pin by which the samples of a clipped aggregate find their tiles: those of all time,
/// whatever stands for the intervals of the query.
BoundPin TilePinOf(const BoundAggregate& aggregate);
/// Equal for aggregates that have the same cuts, where they are of one dataset. REQUIRES: a clip.
std::string ClipText(const BoundAggregate& aggregate);

/// The tiles of `stride_us` that samples of [from_us, to_us) may lie in, whole ones, side by side:
/// multiples of the stride from 2000-01-03T00:00Z on in every zone (rule 20), so that a value does
/// not change with the range that is asked for. Stride 0: the range itself is the only tile. None
/// of an empty range. Errors: INVALID_ARGUMENT of "clip.stride" when there are more than
/// `max_tiles`.
absl::StatusOr<ResolvedSeries> ClipTiles(int64_t stride_us, int64_t from_us, int64_t to_us,
                                         size_t max_tiles);

}  // namespace sextant
