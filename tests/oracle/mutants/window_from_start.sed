# compute/plan/time_frame.cc
# windows are counted back from the start of their interval
s/AddIntervalUs(interval.end_us, back/AddIntervalUs(interval.start_us, back/
