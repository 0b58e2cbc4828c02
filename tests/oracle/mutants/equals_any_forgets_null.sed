# compute/operators/list_leaf.cc
# NOT (x = ANY (list)) is true though an element is NULL
s/!HasAny(column, row) \&\& !HasNullElement(column, row)/!HasAny(column, row)/
