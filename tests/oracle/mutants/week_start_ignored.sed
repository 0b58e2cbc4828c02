# compute/plan/series_borders.cc
# weeks begin on Monday
s/StartOfWeek(absl::CivilDay(2000, 1, 7), week_start)/StartOfWeek(absl::CivilDay(2000, 1, 7), week_start > 0 ? 1 : 2)/
