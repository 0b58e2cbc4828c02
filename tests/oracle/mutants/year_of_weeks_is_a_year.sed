# compute/plan/binder/frame_binder.cc
# a series of weeks is compared with the same days of the year before
s/if (offset->months != 0 && offset->months % kMonthsOfYear == 0) {/if (false) {/
