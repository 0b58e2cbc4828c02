# compute/operators/order_search.cc
# a range that goes by the order of values leaves out its last value
s/return key <= high;/return key < high;/
