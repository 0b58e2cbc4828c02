#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"

namespace sextant {

/// Binds one condition without AND, OR and NOT: comparison, list, range, test of NULL or truth,
/// pattern, match of a list column. Const methods may be called from any thread.
class LeafBinder {
 public:
  LeafBinder(const PredicateContext& context, std::string field)
      : context_(context), literals_(context.time_zone, std::move(field)) {}

  absl::StatusOr<BoundPredicate> Bind(const Predicate& predicate) const;

  /// value op literal. REQUIRES: the value has a type of its own.
  absl::StatusOr<BoundPredicate> BindCompare(CompareOp op, const TypedExpression& typed,
                                             const Literal& literal) const;

 private:
  absl::StatusOr<BoundPredicate> BindSides(const Predicate& predicate, TypedExpression value) const;
  absl::StatusOr<BoundPredicate> BindLiterals(const Predicate& predicate,
                                              TypedExpression value) const;
  absl::StatusOr<BoundPredicate> BindIn(const Predicate& predicate,
                                        const TypedExpression& typed) const;
  absl::StatusOr<BoundPredicate> BindKeysIn(const Predicate& predicate,
                                            const TypedExpression& typed) const;
  absl::StatusOr<BoundPredicate> BindTextsIn(const Predicate& predicate,
                                             const TypedExpression& typed) const;
  absl::StatusOr<BoundPredicate> BindRange(const Predicate& predicate,
                                           const TypedExpression& typed) const;
  absl::StatusOr<BoundPredicate> BindTruth(const Predicate& predicate, TypedExpression typed) const;
  absl::StatusOr<BoundPredicate> BindTruthOf(const Predicate& predicate) const;

  absl::StatusOr<KeyRange> KeysThat(CompareOp op, const ComparedValue& value,
                                    const Literal& literal) const;
  absl::Status LimitList(size_t num_values) const;
  absl::Status RefuseSize() const;
  absl::Status CheckComparable(const TypedExpression& value) const;
  absl::Status RefuseType(const TypedExpression& value, std::string_view condition) const;

  const PredicateContext& context_;
  LiteralBinder literals_;
};

}  // namespace sextant
