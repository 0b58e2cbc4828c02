# compute/operators/group_aggregate.cc
# two lanes of a pin take the rows of both
s/= !state.lanes.pins\[pin\].has_all\[i\];/= !state.lanes.pins[pin].has_all[i] \&\& lanes.size() > 2;/
