# compute/plan/calendar.cc
# a period begins one microsecond after its border
s/std::upper_bound(borders_us.begin(), borders_us.end(), instant_us)/std::lower_bound(borders_us.begin() + 1, borders_us.end(), instant_us)/
