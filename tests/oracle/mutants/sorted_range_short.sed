# compute/operators/integer_range_leaf.cc
# a range of a sorted column leaves out its last row
s/NarrowToInterval(rows.begin, rows.end, negated_, selection)/NarrowToInterval(rows.begin, rows.end - (rows.begin < rows.end ? 1 : 0), negated_, selection)/
