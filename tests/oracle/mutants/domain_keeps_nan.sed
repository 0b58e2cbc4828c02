# compute/plan/binder/aggregate_scope.cc
# NaN is in a domain
s/if (!IsFloat(sample.kind)) return inside;/return inside;/
