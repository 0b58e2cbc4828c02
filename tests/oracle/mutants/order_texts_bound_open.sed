# compute/operators/order_search.cc
# a range that goes by the order of texts leaves out its greatest text
s/compared < 0 || (compared == 0 && range_->max_inclusive)/compared < 0/
