# compute/plan/binder/statistics_binder.cc
# What has no value is excluded again by each statistic.
s/aggregate.num_uses = 0;/aggregate.num_uses = 1;/
