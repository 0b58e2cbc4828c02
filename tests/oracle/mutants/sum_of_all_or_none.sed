# compute/plan/binder/sample_condition.cc
# a sum has no value unless all have
s/if (!sum_of.is_complete)/if (sum_of.is_complete)/
