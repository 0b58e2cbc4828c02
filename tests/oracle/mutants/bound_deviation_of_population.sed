# compute/plan/binder/statistics_binder.cc
# The error of a mean is of the deviation of the samples alone.
s/deviation.kind = AggregateKind::kStddevSamp/deviation.kind = AggregateKind::kStddevPop/
