# compute/operators/sum_accumulators.cc
# the mean of decimals is ten times too small
s/DivideDecimal(sum, count, format.value_type.scale)/DivideDecimal(sum, count, format.value_type.scale + 1)/
