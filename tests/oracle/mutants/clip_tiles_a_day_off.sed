# compute/plan/clip_tiles.h
# tiles begin a day later
s/946'857'600/946'944'000/
