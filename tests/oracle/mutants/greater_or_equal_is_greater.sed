# compute/plan/binder/key_range.cc
# value >= constant leaves the constant out
/case CompareOp::kGreaterOrEqual:/{n;s/first_not_less/first_greater/}
