#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/schema.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/binder/type_promotion.h"
#include "compute/plan/bound_query.h"

namespace sextant {

class PartsBudget;

/// What names mean where they are no columns of a schema, and what an aggregate is.
class NameScope {
 public:
  virtual ~NameScope() = default;
  /// The value of `leaf`, a kColumn or a kAggregate, for errors of `field`.
  virtual absl::StatusOr<TypedExpression> Resolve(const Expression& leaf,
                                                  const std::string& field) const = 0;
};

/// What predicates and expressions are bound against.
struct PredicateContext {
  const Schema& schema;
  absl::TimeZone time_zone;
  QueryLimits limits;
  int64_t as_of_us = 0;              // now(), and in `time_zone` current_date (rule 15)
  PartsBudget* parts = nullptr;      // of the query; null: there is no limit but that of a value
  const NameScope* names = nullptr;  // set: in place of the columns of `schema`
  Division division = Division::kTruncating;
  bool has_now = true;  // false: now() is refused, since what is bound outlives it
  int depth = 0;        // of expressions and conditions around; see kMaxExpressionDepth
};

/// Expressions within expressions and conditions; longer sums do not count.
inline constexpr int kMaxExpressionDepth = 256;

/// Resolves the columns of `predicate`, types its constants (rules 2, 6, 7, 8, 10, 15) and pushes
/// NOT down to the leaves, keeping SQL's three-valued logic. The result is canonical: nested ANDs
/// and ORs are one node, a node of one child is the child, lists are sorted and distinct; so that
/// expression text and typed filters that mean the same are equal.
/// Errors: INVALID_ARGUMENT with the field, position and what is allowed. Cost: linear, but for
/// sorting lists. Thread-safe.
absl::StatusOr<BoundPredicate> BindPredicate(const PredicateContext& context,
                                             const Predicate& predicate);

}  // namespace sextant
