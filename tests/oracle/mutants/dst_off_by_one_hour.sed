# compute/plan/zone_clock.cc
# a change of the clock comes an hour late
s/return is_real ? end_seconds \* kMicrosPerSecond : kNever;/return is_real ? (end_seconds + 3600) * kMicrosPerSecond : kNever;/
