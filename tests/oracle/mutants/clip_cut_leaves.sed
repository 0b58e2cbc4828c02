# compute/operators/sample_clip.cc
# values equal to the high cut are left out
s/keys\[k\] <= cut.high/keys[k] < cut.high/
