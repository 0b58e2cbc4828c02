# compute/exec/result_builder.cc
# a limit leaves out totals
s/num_others = cells_->intervals.size() - num_cells_;/num_others = input_.query.limit ? 0 : cells_->intervals.size() - num_cells_;/
