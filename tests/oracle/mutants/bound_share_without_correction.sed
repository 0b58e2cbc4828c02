# compute/operators/expression/confidence_steps.cc
# The bounds of a share are Wald's.
s/const double square = z_ \* z_ \/ n;/const double square = 0;/
