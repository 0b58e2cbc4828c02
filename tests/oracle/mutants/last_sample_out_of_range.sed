# compute/exec/query_run.cc
# the range found in the data ends before its last sample
s/bounds->max + 1/bounds->max/
