#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/schema.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What a predicate is bound against.
struct PredicateContext {
  const Schema& schema;
  absl::TimeZone time_zone;
  QueryLimits limits;
  int64_t as_of_us = 0;  // now(), and in `time_zone` current_date (rule 15)
};

/// Resolves the columns of `predicate`, types its constants (rules 2, 6, 7, 8, 10, 15) and pushes
/// NOT down to the leaves, keeping SQL's three-valued logic. The result is canonical: nested ANDs
/// and ORs are one node, a node of one child is the child, lists are sorted and distinct; so that
/// expression text and typed filters that mean the same are equal.
/// Errors: INVALID_ARGUMENT with the field, position and what is allowed. Cost: linear, but for
/// sorting lists. Thread-safe.
absl::StatusOr<BoundPredicate> BindPredicate(const PredicateContext& context,
                                             const Predicate& predicate);

/// The conjunction of both, canonical.
BoundPredicate Conjunction(BoundPredicate left, BoundPredicate right);

}  // namespace sextant
