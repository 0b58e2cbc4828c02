# compute/plan/binder/literal_binder.cc
# constants for char(n) keep their trailing blanks
s/if (keeps_blanks) return literal.text;/if (keeps_blanks || !is_in_list) return literal.text;/
