# compute/operators/axis_codes.cc
# others hold every row that has a tuple which is not kept
s/is_kept\[at\] |= grouping_.kept->Contains(codes, k) ? 1 : 0/is_kept[at] = grouping_.kept->Contains(codes, k) ? 1 : 0/
