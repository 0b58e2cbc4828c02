#pragma once

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"

namespace sextant {

/// left op right of two values, for errors of `field`. With a constant on one side it is a leaf of
/// keys or texts, else a CompareLeaf of two values in one type.
/// Errors: INVALID_ARGUMENT for types that PostgreSQL does not compare, for decimals that no
/// numeric(38, s) holds both of, and as LiteralBinder's.
absl::StatusOr<BoundPredicate> BindComparison(const PredicateContext& context,
                                              const std::string& field, CompareOp op,
                                              TypedExpression left, TypedExpression right);

/// left IS DISTINCT FROM right.
absl::StatusOr<BoundPredicate> BindDistinct(const PredicateContext& context,
                                            const std::string& field, TypedExpression left,
                                            TypedExpression right);

/// `value`, if it has no type yet, typed by the first of `literals` that has one, else as text.
absl::StatusOr<TypedExpression> TypedByLiterals(const PredicateContext& context,
                                                const std::string& field, TypedExpression value,
                                                std::span<const Literal> literals);

}  // namespace sextant
