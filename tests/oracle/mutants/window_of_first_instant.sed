# compute/plan/time_frame.cc
# windows to date are of the unit that holds the end
s/std::max(interval.start_us, interval.end_us - 1)/interval.end_us/
