# compute/plan/clip_tiles.cc
# the first tile begins with the range
s/.start_us = Saturated(kTileAnchorUs + tile \* stride_us)/.start_us = std::max(from_us, Saturated(kTileAnchorUs + tile * stride_us))/
