# compute/plan/binder/aggregate_scope.cc
# means are not clipped unless they say so
s/clip.value_or(call.kind == AggregateKind::kAvg)/clip.value_or(false)/
