# compute/operators/concurrency_aggregate.cc
# a row that starts as another ends runs beside it
s/ends\[ended\] <= starts\[i\]/ends[ended] < starts[i]/
