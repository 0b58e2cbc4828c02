#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"

namespace sextant {

/// The value that a leaf tests, and what its constants are typed by.
struct TestedValue {
  BoundValue value;
  ComparedValue compared;
  int position = -1;
};

/// Binds one condition without AND, OR and NOT: comparison, list, range, test of NULL or truth,
/// pattern, match of a list column. A view of the field. Const methods may be called from any
/// thread.
class LeafBinder {
 public:
  LeafBinder(const PredicateContext& context, const std::string& field)
      : context_(context), literals_(context.time_zone, field) {}

  absl::StatusOr<BoundPredicate> Bind(const Predicate& predicate) const;

  /// value op literal. REQUIRES: the value has a type of its own.
  absl::StatusOr<BoundPredicate> BindCompare(CompareOp op, const TypedExpression& typed,
                                             const Literal& literal) const;

 private:
  // Those below take the value out of what they are given.

  /// The value of `predicate` where it is a column, of which the schema says all, and the condition
  /// one that tests it with constants; else std::nullopt.
  std::optional<TestedValue> TestedColumn(const Predicate& predicate) const;
  absl::StatusOr<BoundPredicate> BindOfColumn(const Predicate& predicate,
                                              TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindCompare(CompareOp op, TestedValue& tested,
                                             const Literal& literal) const;
  absl::StatusOr<BoundPredicate> BindSides(const Predicate& predicate, TypedExpression value) const;
  absl::StatusOr<BoundPredicate> BindLiterals(const Predicate& predicate,
                                              TypedExpression value) const;
  absl::StatusOr<BoundPredicate> BindConstants(const Predicate& predicate,
                                               TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindKeysIn(const Predicate& predicate, TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindTextsIn(const Predicate& predicate, TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindRange(const Predicate& predicate, TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindTruth(const Predicate& predicate, TypedExpression typed) const;
  absl::StatusOr<BoundPredicate> BindTruth(Predicate::Kind kind, TestedValue& tested) const;
  absl::StatusOr<BoundPredicate> BindTruthOf(const Predicate& predicate) const;

  absl::StatusOr<KeyRange> KeysThat(CompareOp op, const ComparedValue& value,
                                    const Literal& literal) const;
  absl::Status LimitList(size_t num_values) const;
  absl::Status RefuseSize() const;
  absl::Status CheckComparable(const TestedValue& tested) const;
  absl::Status RefuseType(const TestedValue& tested, std::string_view condition) const;

  const PredicateContext& context_;
  LiteralBinder literals_;
};

}  // namespace sextant
