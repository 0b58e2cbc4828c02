# compute/plan/binder/sample_condition.cc
# a sample equal to a threshold does not pass
s/{"<=", CompareOp::kLessOrEqual}/{"<=", CompareOp::kLess}/
