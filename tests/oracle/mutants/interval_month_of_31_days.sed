# compute/column/data_type.cc
# intervals compare by months of 31 days
s/interval.months} \* 30/interval.months} * 31/
