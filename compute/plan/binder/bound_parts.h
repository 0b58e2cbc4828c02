#pragma once

#include <string>

#include "absl/status/status.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// How many parts of expressions and conditions one value may have when it is written out.
inline constexpr int kMaxParts = 8192;
/// The same of all that a query is bound to, copies included: what a small text can grow to.
inline constexpr int kMaxQueryParts = 1'000'000;

/// Nodes of what is bound, and one for every 16 values of a list; `limit + 1` when there are more
/// than `limit`. Cost: O(limit).
int NumParts(const BoundExpression& expression, int limit);
int NumParts(const BoundPredicate& predicate, int limit);
int NumParts(const BoundAggregate& aggregate, int limit);

/// What is left to one query of kMaxQueryParts. Not thread-safe.
class PartsBudget {
 public:
  /// Errors: INVALID_ARGUMENT of `field` once there are none left.
  absl::Status Take(int num_parts, const std::string& field);

 private:
  int num_left_ = kMaxQueryParts;
};

}  // namespace sextant
