# compute/plan/bound_query.cc
# uuids compare as signed numbers
s/value.high ^ (uint64_t{1} << 63)/value.high/
