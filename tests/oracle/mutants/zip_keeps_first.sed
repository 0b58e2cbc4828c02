# compute/plan/binder/axis_binder.cc
# zipped sets are the first of them
s/std::move(one.members\[j\].condition))/BoundPredicate{.node = ConstantLeaf{ConstantLeaf::Value::kTrue}})/
