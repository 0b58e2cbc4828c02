#include "compute/plan/binder/comparison_binder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/leaf_binder.h"
#include "compute/plan/binder/predicate_forms.h"

namespace sextant {
namespace {

constexpr int kMaxDigits = 38;

CompareOp Flipped(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterOrEqual:
      return CompareOp::kLessOrEqual;
    case CompareOp::kEqual:
    case CompareOp::kNotEqual:
      return op;
  }
  return op;
}

TypingContext TypingOf(const PredicateContext& context, const std::string& field) {
  return {context.time_zone, field, context.division};
}

/// A constant as it was written, or, where it was computed, as a literal of its type.
Literal LiteralFrom(const TypedExpression& constant) {
  if (constant.literal) return *constant.literal;
  Literal literal = LiteralOf(constant.type(), constant.expression.constant, constant.enum_labels);
  literal.position = constant.position;
  if (constant.Is(TypeKind::kText) && literal.kind == Literal::Kind::kTyped) {
    if (constant.is_varchar) literal.type_name = "varchar";
    if (constant.is_blank_padded) literal.type_name = "bpchar";
  }
  return literal;
}

absl::StatusOr<TypedExpression> TypedByConstant(const PredicateContext& context,
                                                const std::string& field, TypedExpression value,
                                                const TypedExpression& constant) {
  if (!value.IsUnknown()) return value;
  if (constant.IsUnknown()) return TypedAsText(std::move(value));
  return TypedLike(TypingOf(context, field), std::move(value), constant);
}

/// Both sides in one type. A filter must not lose rows to an overflow that PostgreSQL does not
/// have.
absl::Status UnifySides(const TypingContext& typing, TypedExpression& left,
                        TypedExpression& right) {
  const int digits = std::max(left.integer_digits, right.integer_digits);
  const int scale = std::max(left.type().scale, right.type().scale);
  const bool any_decimal = left.Is(TypeKind::kDecimal) || right.Is(TypeKind::kDecimal);
  const bool any_float = IsFloat(left.type().kind) || IsFloat(right.type().kind);
  if (any_decimal && !any_float && left.type().scale != right.type().scale &&
      digits + scale > kMaxDigits) {
    return typing.Refuse(left, absl::StrCat("the comparison of ", left.text, " and ", right.text,
                                            " needs ", digits + scale, " digits; allowed: ",
                                            kMaxDigits, "; cast one side to numeric(p,s)"));
  }
  std::vector<TypedExpression> sides;
  sides.push_back(std::move(left));
  sides.push_back(std::move(right));
  SEXTANT_ASSIGN_OR_RETURN(sides, Unified(typing, std::move(sides), "a comparison"));
  left = std::move(sides[0]);
  right = std::move(sides[1]);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BoundPredicate> BindComparison(const PredicateContext& context,
                                              const std::string& field, CompareOp op,
                                              TypedExpression left, TypedExpression right) {
  if (left.IsConstant() && !right.IsConstant()) {
    std::swap(left, right);
    op = Flipped(op);
  }
  if (right.IsConstant()) {
    const bool is_null = right.IsNull();
    const Literal literal = is_null ? Literal() : LiteralFrom(right);
    SEXTANT_ASSIGN_OR_RETURN(left, TypedByConstant(context, field, std::move(left), right));
    const LeafBinder leaves(context, field);
    SEXTANT_ASSIGN_OR_RETURN(BoundPredicate bound, leaves.BindCompare(op, left, literal));
    return Folded(std::move(bound));
  }
  SEXTANT_RETURN_IF_ERROR(UnifySides(TypingOf(context, field), left, right));
  const bool negated = op == CompareOp::kNotEqual;
  return LeafPredicate(
      CompareLeaf{ValueOfItsType(left), ValueOfItsType(right), negated ? CompareOp::kEqual : op},
      negated);
}

absl::StatusOr<BoundPredicate> BindDistinct(const PredicateContext& context,
                                            const std::string& field, TypedExpression left,
                                            TypedExpression right) {
  if (left.IsConstant() && !right.IsConstant()) std::swap(left, right);
  if (!right.IsConstant()) {
    SEXTANT_RETURN_IF_ERROR(UnifySides(TypingOf(context, field), left, right));
    return LeafPredicate(DistinctLeaf{ValueOfItsType(left), ValueOfItsType(right)});
  }
  SEXTANT_ASSIGN_OR_RETURN(left, TypedByConstant(context, field, std::move(left), right));
  const BoundPredicate is_null = Folded(LeafPredicate(NullLeaf{ValueOf(left)}));
  if (right.IsNull()) return Negation(is_null);
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate equal, BindComparison(context, field, CompareOp::kEqual,
                                                                left, std::move(right)));
  // NULL is distinct from the constant; without NULLs, to be distinct is to be unequal.
  std::vector<BoundPredicate> parts;
  parts.push_back(is_null);
  parts.push_back(Negation(std::move(equal)));
  return Disjunction(std::move(parts));
}

absl::StatusOr<TypedExpression> TypedByLiterals(const PredicateContext& context,
                                                const std::string& field, TypedExpression value,
                                                std::span<const Literal> literals) {
  if (!value.IsUnknown()) return value;
  for (const Literal& literal : literals) {
    TypedExpression like;
    like.literal = literal;
    const std::optional<DataType> type = OwnTypeOf(literal);
    if (like.IsUnknown() || !type) continue;
    like.expression.type = *type;
    like.text = literal.text;
    return TypedLike(TypingOf(context, field), std::move(value), like);
  }
  return TypedAsText(std::move(value));
}

}  // namespace sextant
