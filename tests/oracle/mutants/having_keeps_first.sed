# compute/exec/having.cc
# the first cell is kept whatever having says
s/if (!TestBit(words.As<uint64_t>(), row)) continue;/if (row > 0 \&\& !TestBit(words.As<uint64_t>(), row)) continue;/
