# compute/operators/text_leaf.cc
# text < constant holds for the constant
s/order == 0 && !range_.max_inclusive/order == 0 \&\& range_.max->empty()/
