# compute/operators/excluded_samples.cc
# samples outside of a domain are not counted
s/samples.counts_values_ = true/samples.counts_values_ = false/
