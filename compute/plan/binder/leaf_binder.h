#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/value_binder.h"

namespace sextant {

/// A condition without AND, OR and NOT, as the conjunction of leaves that means the same (one, in
/// most cases), or its negation.
struct BoundLeaf {
  std::vector<BoundPredicate> all_of;
  bool negated = false;
};

/// Binds one condition: comparison, list, range, test of NULL or truth, match of a list column.
/// Const methods may be called from any thread.
class LeafBinder {
 public:
  LeafBinder(const PredicateContext& context, std::string field)
      : context_(context), literals_(context.time_zone, std::move(field)) {}

  absl::StatusOr<BoundLeaf> Bind(const Predicate& predicate) const;

 private:
  absl::StatusOr<BoundLeaf> BindCompare(const Predicate& predicate,
                                        const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindIn(const Predicate& predicate, const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindKeysIn(const Predicate& predicate,
                                       const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindTextsIn(const Predicate& predicate,
                                        const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindRange(const Predicate& predicate, const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindTruth(const Predicate& predicate, const ResolvedValue& value) const;
  absl::StatusOr<BoundLeaf> BindList(const Predicate& predicate, const ResolvedValue& value) const;
  absl::Status BindElement(const ComparedValue& element, const Literal& literal, ListLeaf& leaf,
                           NumberDomain domain) const;

  absl::StatusOr<KeyRange> KeysThat(CompareOp op, const ComparedValue& value,
                                    const Literal& literal) const;
  absl::Status LimitList(size_t num_values) const;
  absl::Status RefuseType(const ResolvedValue& value, std::string_view condition) const;

  const PredicateContext& context_;
  LiteralBinder literals_;
};

}  // namespace sextant
