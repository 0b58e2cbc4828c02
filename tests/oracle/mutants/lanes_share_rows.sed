# compute/operators/group_aggregate.cc
# two lanes of a pin take the rows of both
s/lanes\[i\].filter && lanes.size() > 1/lanes[i].filter \&\& lanes.size() > 2/
