# compute/plan/binder/leaf_binder.cc
# NOT IN with a NULL in its list keeps rows
s/if (has_null) parts.push_back(NullConstant());/if (has_null \&\& parts.empty()) parts.push_back(NullConstant());/
