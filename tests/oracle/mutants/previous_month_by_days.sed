# compute/plan/binder/frame_binder.cc
# the range before whole months is as many days
s/first->day() == 1 \&\& after->day() == 1/first->day() == 32/
