# compute/operators/scan.cc
# deleted rows are read
s/if (!live.empty()) NarrowByBitmap(live.data(), selection);/(void)live;/
