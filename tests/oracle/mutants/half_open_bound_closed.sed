# compute/plan/interval_index.cc
# an instant at a border belongs to the interval before
s/std::upper_bound(borders_us_.begin()/std::lower_bound(borders_us_.begin()/;s/instant_us < borders_us_\[last_inner + 1\]/instant_us <= borders_us_[last_inner + 1]/
