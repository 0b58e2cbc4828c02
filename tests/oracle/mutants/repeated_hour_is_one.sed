# compute/plan/series_borders.cc
# a repeated local hour is one interval
s/: floor_us == local_us;/: false;/
