# compute/operators/group_aggregate_clips.cc
# of samples that were kept, values equal to the high cut are left out
s/std::min(range.high, cut.high)/std::min(range.high, cut.high - 1)/
