# compute/plan/binder/predicate_forms.cc
# NOT (a AND b) is NOT a AND NOT b
s/? Disjunction(std::move(negated)) : Conj/? Conjunction(std::move(negated)) : Conj/
