# compute/plan/binder/statistics_binder.cc
# Samples that are kept are counted before clipping.
s/if (is_clipped) count.clip = samples.clip;//
