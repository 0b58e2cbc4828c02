# compute/exec/query_run_clips.cc
# tiles are cut though rows of lists are in several atoms
s/return has_lists ? 0 : kMaxAtoms/return has_lists ? kMaxAtoms : kMaxAtoms/
