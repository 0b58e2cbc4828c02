# compute/plan/time_frame.cc
# windows are counted back from the start of their interval
s/InstantBeforeUs(interval.end_us, frame.length/InstantBeforeUs(interval.start_us, frame.length/
