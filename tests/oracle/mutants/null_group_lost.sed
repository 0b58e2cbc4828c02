# compute/operators/value_coder.cc
# NULL is no group of its own, but that of whatever lies in its slot
s/codes\[k\] &= uint32_t{0} - valid;/codes[k] += valid - valid;/
