#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/plan/binder/typed_expression.h"

namespace sextant {

/// How `/` of two integers is meant (rule 1).
enum class Division {
  kTruncating,  // in a row, as PostgreSQL
  kRefused,     // between aggregates
  kFloat64,     // in derived, ratio, having
};

/// What typing needs beside the expressions.
struct TypingContext {
  absl::TimeZone zone;
  std::string field;
  Division division = Division::kTruncating;

  /// INVALID_ARGUMENT for the field, at the expression.
  absl::Status Refuse(const TypedExpression& at, const std::string& message) const;
};

/// `node` with its arguments inside, folded. Errors: of folding, at `at`.
absl::StatusOr<BoundExpression> MakeNode(const TypingContext& context, BoundExpression node,
                                         const TypedExpression& at);

/// `value`, if it is a constant without a type yet, as a constant of `like`'s type; NULL is a NULL
/// of that type, a number keeps the scale it is written with. Errors: the text is none of the type.
absl::StatusOr<TypedExpression> TypedLike(const TypingContext& context, TypedExpression value,
                                          const TypedExpression& like);
/// The same, of text, where nothing says a type.
TypedExpression TypedAsText(TypedExpression value);

/// `value` in another type of numbers, a date as a timestamp, an interval without months as a
/// duration; what PostgreSQL does without being asked. REQUIRES: there is such a conversion.
absl::StatusOr<TypedExpression> Promoted(const TypingContext& context, TypedExpression value,
                                         const DataType& type);

/// All `values` in one type, as CASE, coalesce, greatest, IN and comparisons need it (PostgreSQL's
/// UNION rules; float with anything is float8). `what` names the user of them in messages.
/// Errors: two types that have none in common.
absl::StatusOr<std::vector<TypedExpression>> Unified(const TypingContext& context,
                                                     std::vector<TypedExpression> values,
                                                     std::string_view what);

/// The bound of integer digits of a type.
int IntegerDigitsOf(const DataType& type);
/// Those of a constant number; else 0.
int IntegerDigitsOf(const BoundExpression& constant);

}  // namespace sextant
