#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The aggregates of a query while it is bound: what several metrics ask is computed once.
/// Not thread-safe.
class AggregateList {
 public:
  /// Adds to `query`, which must outlive this, and takes from `parts` what that grows by.
  AggregateList(BoundQuery& query, PartsBudget& parts) : query_(query), parts_(parts) {}

  /// The index of `aggregate` in the query, which it joins unless its dataset has it.
  /// Errors: INVALID_ARGUMENT of `field` when there are too many, or too large ones.
  absl::StatusOr<uint32_t> Add(size_t dataset, BoundAggregate aggregate, const std::string& field);

 private:
  BoundQuery& query_;
  PartsBudget& parts_;
  // Hash of dataset and text -> index. The texts themselves may be of megabytes.
  std::unordered_multimap<size_t, uint32_t> known_;
};

}  // namespace sextant
