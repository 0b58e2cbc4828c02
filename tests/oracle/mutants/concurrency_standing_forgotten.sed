# compute/operators/concurrency_aggregate.cc
# rows that began before the interval do not run in it
s/standing\[cell\] += runs \& (is_within ^ 1)/standing[cell] += 0/
