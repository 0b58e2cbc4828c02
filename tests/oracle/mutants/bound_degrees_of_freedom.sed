# compute/operators/expression/confidence_steps.cc
# The bounds of a mean are of n degrees of freedom.
s/KnownStudentQuantile(static_cast<uint64_t>(n) - 1, level_)/KnownStudentQuantile(static_cast<uint64_t>(n), level_)/
