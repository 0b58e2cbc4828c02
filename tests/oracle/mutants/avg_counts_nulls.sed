# compute/operators/sum_aggregate.cc
# a mean is divided by the rows, those of NULL too
s/if (valid\[k\] != 0) cells\[batch.cells\[k\]\].Add(values\[k\]);/if (valid[k] != 0) cells[batch.cells[k]].Add(values[k]); else ++cells[batch.cells[k]].count;/
