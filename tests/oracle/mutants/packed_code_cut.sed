# compute/operators/packed_cells.cc
# codes lose their highest bit in the number of a cell
s/std::bit_width(domain - 1)/std::bit_width(domain \/ 2)/
