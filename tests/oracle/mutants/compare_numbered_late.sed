# compute/plan/time_frame.cc
# intervals are put beside those of an earlier range once partial ones are left out
s/first = !asked.empty() \&\& asked.front().is_partial ? 1 : 0;/first = 0;/
