# compute/plan/binder/predicate_binder.cc
# NOT (a AND b) is NOT a AND NOT b
s/Joined<OrNode>(std::move(negated))/Joined<AndNode>(std::move(negated))/
