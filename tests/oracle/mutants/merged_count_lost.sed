# compute/operators/count_aggregate.cc
# only the last range of rows is counted
s/counts_\[cell_map\[cell\]\].Merge(other.counts_\[cell\]);/counts_[cell_map[cell]] = other.counts_[cell];/
