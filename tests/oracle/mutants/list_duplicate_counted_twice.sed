# compute/operators/list_expander.cc
# a row is in the group of an element as often as the list repeats it
s/std::unique(codes, codes + length) - codes/codes + length - codes/
