# compute/operators/window_codes.cc
# the first instant of a window is not in it
s/std::upper_bound(least_starts_.begin()/std::lower_bound(least_starts_.begin()/
