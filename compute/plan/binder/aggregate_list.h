#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
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

  /// A new aggregate of the query, to be bound where it is (it is large), and then kept, before the
  /// next one begins.
  BoundAggregate& Begin() { return query_.aggregates.emplace_back(); }
  /// Aggregate number `index` of the query.
  const BoundAggregate& aggregate(uint32_t index) const { return query_.aggregates[index]; }
  /// The index in the query of the aggregate that was begun last, which is dropped where its
  /// dataset has it already and counts one use more.
  /// Errors: INVALID_ARGUMENT of `field` when there are too many, or too large ones.
  absl::StatusOr<uint32_t> Keep(size_t dataset, const std::string& field);

 private:
  BoundQuery& query_;
  PartsBudget& parts_;
  /// An aggregate by what is quick to compare. Its text, which may be of megabytes, is made only
  /// when another one is equal in that.
  struct Known {
    size_t dataset = 0;
    size_t quick_hash = 0;
    uint32_t index = 0;
    std::optional<size_t> text_hash = std::nullopt;
  };

  /// The index of the aggregate that equals `aggregate`, or std::nullopt. Sets `added.text_hash` to
  /// its own where it was needed.
  std::optional<uint32_t> Find(const BoundAggregate& aggregate, Known& added);

  absl::InlinedVector<Known, 8> known_;
};

}  // namespace sextant
