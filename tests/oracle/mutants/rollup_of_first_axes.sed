# compute/exec/pass_plan.cc
# the bits of grouping are in reverse
s/grouping >> (num_axes - 1 - axis)/grouping >> axis/
