# compute/operators/sum_accumulators.cc
# a sum beyond bigint wraps
s/if (sum != static_cast<int64_t>(sum)) return SumOverflow(format, "bigint");//
