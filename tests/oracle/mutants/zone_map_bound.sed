# compute/operators/integer_range_leaf.cc
# a chunk whose least value is the upper bound is skipped
s/max_ < zone.min_integer ||/max_ <= zone.min_integer ||/
