# compute/operators/asked_keys.h
# the position of a cut is rounded down
s/std::nearbyint(ContinuousPosition/std::floor(ContinuousPosition/
