# compute/exec/top_tuples.cc
# ties of a top-N go to the last tuple
s/compared < 0 : a.first_row < b.first_row/compared < 0 : a.first_row > b.first_row/
