# compute/exec/partitioned_groups.cc
# partitions keep cells without a sample
s/kept += has_sample\[cell\];/++kept;/
