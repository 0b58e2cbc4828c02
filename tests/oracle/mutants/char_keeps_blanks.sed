# compute/plan/binder/literal_binder.cc
# constants for char(n) keep their trailing blanks
s/IsQuoted(literal) \&\& !value.is_blank_padded/IsQuoted(literal)/
