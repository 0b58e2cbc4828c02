# compute/operators/text_leaf.cc
# the bitmap index forgets the greatest code of a chunk
s/zone.has_bounds \&\& code <= zone.max_integer; ++code/zone.has_bounds \&\& code < zone.max_integer; ++code/
