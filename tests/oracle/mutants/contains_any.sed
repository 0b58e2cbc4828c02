# compute/operators/list_leaf.cc
# list @> values when it has one of them
s/return num_found == num_wanted_;/return num_found > 0;/
