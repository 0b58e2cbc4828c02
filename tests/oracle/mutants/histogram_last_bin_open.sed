# compute/operators/cell_histogram.cc
# the last bin of a histogram loses the samples at its upper edge
s/is_last ? std::upper_bound(begin/is_last ? std::lower_bound(begin/
