# compute/plan/clip_atoms.cc
# samples that are kept are of the interval that ends where they begin
s/intervals\[next\].end_us <= start_us/intervals[next].end_us < start_us/
