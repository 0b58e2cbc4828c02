# compute/exec/result_builder.cc
# a limit leaves out totals
s/row < cells_.intervals.size(); ++row/row < (input_.query.limit ? num_cells_ : cells_.intervals.size()); ++row/
