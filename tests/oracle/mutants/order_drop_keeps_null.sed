# compute/operators/order_search.cc
# NULL rows stay where the order of values says which rows go
/drops, Selection selection/,/^  }/s/NarrowByValidity(column, selection);/static_cast<void>(column);/
