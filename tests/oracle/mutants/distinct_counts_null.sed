# compute/operators/distinct_aggregate.cc
# NULL is a distinct value
s/if (codes\[k\] != 0) Add/if (codes[k] != 99) Add/
