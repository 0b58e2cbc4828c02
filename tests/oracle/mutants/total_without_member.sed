# compute/operators/axis_codes.cc
# a row without a member on a summed axis counts in totals
s/coders_\[axis\].KeepMembers(state/if ((grouping_.summed >> axis \& 1) == 0) coders_[axis].KeepMembers(state/
