# compute/exec/result_cache.cc
# kept answers are found by the chunks, whichever rows of them a tenant has
s/":", range.begin, "-",/":",/
s/range.end, "+", table.first_row/"+", table.first_row/
