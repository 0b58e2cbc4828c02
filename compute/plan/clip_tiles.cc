#include "compute/plan/clip_tiles.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compute/column/data_type.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

/// The number of the tile that holds an instant, counted from the anchor.
int128_t TileOf(int64_t instant_us, int64_t stride_us) {
  const int128_t distance = static_cast<int128_t>(instant_us) - kTileAnchorUs;
  const int128_t tile = distance / stride_us;
  return tile * stride_us > distance ? tile - 1 : tile;
}

int64_t Saturated(int128_t instant_us) {
  constexpr int128_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int128_t kMax = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(instant_us, kMin, kMax));
}

}  // namespace

BoundPin TilePinOf(const BoundAggregate& aggregate) {
  BoundPin pin = aggregate.pin;
  pin.frame = nullptr;
  return pin;
}

std::string ClipText(const BoundAggregate& aggregate) {
  return absl::StrCat(ToString(TilePinOf(aggregate)), " ", ToString(*aggregate.clip));
}

absl::StatusOr<ResolvedSeries> ClipTiles(int64_t stride_us, int64_t from_us, int64_t to_us,
                                         size_t max_tiles) {
  ResolvedSeries tiles;
  tiles.name = "tiles";
  if (from_us >= to_us) return tiles;
  if (stride_us == 0) {
    tiles.intervals = {{.start_us = from_us, .end_us = to_us, .is_partial = false}};
    return tiles;
  }
  tiles.series.unit = CalendarUnit::kDay;
  const int128_t first = TileOf(from_us, stride_us);
  const int128_t last = TileOf(to_us - 1, stride_us);
  if (last - first >= static_cast<int128_t>(max_tiles)) {
    return FieldError("clip.stride", absl::StrCat("the range has more than ", max_tiles,
                                                  " tiles of that many days, which are allowed"));
  }
  for (int128_t tile = first; tile <= last; ++tile) {
    tiles.intervals.push_back({.start_us = Saturated(kTileAnchorUs + tile * stride_us),
                               .end_us = Saturated(kTileAnchorUs + (tile + 1) * stride_us),
                               .is_partial = false});
  }
  return tiles;
}

}  // namespace sextant
