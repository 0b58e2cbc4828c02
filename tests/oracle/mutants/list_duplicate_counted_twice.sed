# compute/operators/axis_coder.cc
# a row is in the group of an element as often as the list repeats it
s/std::unique(added, added + length) - added/added + length - added/
