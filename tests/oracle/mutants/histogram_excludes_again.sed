# compute/plan/binder/histogram_binder.cc
# each column of a histogram counts what its domain excludes
/^    aggregate.num_uses = 0;$/d
/^    aggregate.outside.reset();$/d
