# compute/plan/binder/histogram_binder.cc
# 0 is a sample of a logarithmic histogram
s/Comparison(CompareOp::kGreater,/Comparison(CompareOp::kGreaterOrEqual,/
