# compute/column/value_index.cc
# the index forgets the greatest key of a chunk
s/if (slot >= num_slots_) return {};/if (slot + 1 >= num_slots_) return {};/
