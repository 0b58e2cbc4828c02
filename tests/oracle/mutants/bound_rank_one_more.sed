# compute/plan/binomial_rank.cc
# The lower bound of a percentile is the sample after its rank.
s/^  return k + 1;$/  return k + 2;/
