# compute/operators/axis_coder.cc
# bins are (low, high]
s/std::upper_bound(edges.begin(), edges.end(), value)/std::lower_bound(edges.begin(), edges.end(), value)/
