# compute/plan/interval_index.h
# an instant is looked up a quarter of an hour late in the table of intervals
s/(Uint128{since_origin_us} \* multiplier)/(Uint128{since_origin_us + 900000000} * multiplier)/
