# compute/operators/group_aggregate_clips.cc
# of samples that were kept, a share takes those that do not pass, too
s/KeyRange range = {lane.range.low, lane.range.high}/KeyRange range = {INT64_MIN, INT64_MAX}/
