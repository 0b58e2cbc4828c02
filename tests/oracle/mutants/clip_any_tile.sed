# compute/operators/sample_clip.cc
# a row is kept where one of its tiles keeps it
s/keeps\[k\] &= /keeps[k] = /
