#pragma once

#include <utility>
#include <vector>

#include "compute/plan/bound_query.h"

namespace sextant {

/// Predicates made of predicates, in canonical form: nested ANDs and ORs are one node, a node of
/// one child is the child, TRUE and FALSE are alone, NOT is at the leaves.

/// A leaf as a predicate.
template <typename Leaf>
BoundPredicate LeafPredicate(Leaf leaf, bool negated = false) {
  return {.node = std::move(leaf), .negated = negated};
}

/// Whether every row satisfies it, or none does, whatever is in the rows.
bool IsConstant(const BoundPredicate& predicate, ConstantLeaf::Value value);

BoundPredicate Conjunction(BoundPredicate left, BoundPredicate right);
/// REQUIRES: at least one.
BoundPredicate Conjunction(std::vector<BoundPredicate> children);
BoundPredicate Disjunction(std::vector<BoundPredicate> children);

/// NOT (a AND b) is NOT a OR NOT b, whose rows are those where the first is FALSE; leaves carry the
/// negation.
BoundPredicate Negation(BoundPredicate predicate);

/// predicate IS TRUE.
BoundPredicate Truth(BoundPredicate predicate);

}  // namespace sextant
