# compute/operators/distinct_aggregate.cc
# NULL is a distinct value
s/samples_.Keep(batch.cells, valid.data(), count);/valid.fill(1); samples_.Keep(batch.cells, valid.data(), count);/
