# compute/operators/cell_partition.cc
# a batch of samples goes on where another series begins, with rows of before
s/ || (end > begin \&\& row < rows\[end - begin - 1\])//
