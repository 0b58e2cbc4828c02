#include "compute/plan/binder/value_binder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

/// A difference is computed in int64: more digits than these do not fit.
constexpr int kMaxDifferenceDigits = 18;
constexpr char kSeconds[] = "seconds";

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

absl::Status RefuseDifference(const DataType& left, const DataType& right, std::string_view reason,
                              const ValueExpression& expression, const std::string& field) {
  return FieldError(
      field,
      absl::StrCat("found ", expression.column, " - ", *expression.minus, ", ", TypeName(left),
                   " minus ", TypeName(right), std::string(reason),
                   "; allowed: the difference of two numbers, two dates, two timestamps or two "
                   "durations"),
      expression.position);
}

/// Of two numbers neither of which is a float.
absl::Status ResolveExactDifference(const DataType& left, const DataType& right,
                                    const ValueExpression& expression, const std::string& field,
                                    BoundValue& value) {
  if (left.kind != TypeKind::kDecimal && right.kind != TypeKind::kDecimal) {
    value.type = DataType::Of(TypeKind::kInt64);
    return absl::OkStatus();
  }
  if (left.precision > kMaxDifferenceDigits || right.precision > kMaxDifferenceDigits) {
    return RefuseDifference(left, right, ", which is computed for up to 18 digits", expression,
                            field);
  }
  const int scale = std::max(left.scale, right.scale);
  value.factor = PowerOfTen(scale - left.scale);
  value.minus_factor = PowerOfTen(scale - right.scale);
  value.type = DataType::Decimal(kMaxDifferenceDigits, scale);
  return absl::OkStatus();
}

absl::Status ResolveDifference(const DataType& left, const DataType& right,
                               const ValueExpression& expression, const std::string& field,
                               BoundValue& value) {
  if (IsNumber(left.kind) && IsNumber(right.kind)) {
    if (!IsFloat(left.kind) && !IsFloat(right.kind)) {
      return ResolveExactDifference(left, right, expression, field, value);
    }
    value.as_float = true;
    value.type = DataType::Of(TypeKind::kFloat64);
    return absl::OkStatus();
  }
  if (left.kind == TypeKind::kInterval || right.kind == TypeKind::kInterval) {
    return RefuseDifference(left, right, ", whose months have no fixed length", expression, field);
  }
  if (left.kind != right.kind) return RefuseDifference(left, right, "", expression, field);
  if (left.kind == TypeKind::kDate) {
    value.type = DataType::Of(TypeKind::kInt32);
    return absl::OkStatus();
  }
  if (left.kind == TypeKind::kTimestamp || left.kind == TypeKind::kDuration) {
    value.type = DataType::Of(TypeKind::kDuration);
    return absl::OkStatus();
  }
  return RefuseDifference(left, right, "", expression, field);
}

}  // namespace

absl::StatusOr<ColumnIndex> ResolveColumn(const Schema& schema, const std::string& name,
                                          const std::string& field, int position) {
  if (const std::optional<ColumnIndex> index = schema.Find(name)) return *index;
  std::vector<std::string> names;
  for (const Field& column : schema.fields()) names.push_back(column.name);
  const std::string shown = name.substr(0, 64);
  const std::string what = name.empty() ? std::string("no column is named")
                                        : absl::StrCat("unknown column '", shown, "'");
  return FieldError(field, absl::StrCat(what, DidYouMean(shown, names)), position,
                    NearestNames(shown, names));
}

absl::StatusOr<ResolvedValue> ResolveValue(const Schema& schema, const ValueExpression& expression,
                                           const std::string& field) {
  ResolvedValue resolved;
  resolved.text = expression.column;
  SEXTANT_ASSIGN_OR_RETURN(resolved.value.column,
                           ResolveColumn(schema, expression.column, field, expression.position));
  const Field& left = schema.field(resolved.value.column);
  resolved.value.type = left.type;
  resolved.unit = left.unit;
  if (expression.minus) {
    absl::StrAppend(&resolved.text, " - ", *expression.minus);
    SEXTANT_ASSIGN_OR_RETURN(resolved.value.minus, ResolveColumn(schema, *expression.minus, field,
                                                                 expression.minus_position));
    const Field& right = schema.field(*resolved.value.minus);
    if (left.unit != right.unit) resolved.unit.clear();
    SEXTANT_RETURN_IF_ERROR(
        ResolveDifference(left.type, right.type, expression, field, resolved.value));
  } else {
    resolved.enum_labels = left.enum_labels;
    resolved.is_blank_padded = left.is_blank_padded;
  }
  if (resolved.value.type.kind == TypeKind::kDuration) resolved.unit = kSeconds;
  return resolved;
}

}  // namespace sextant
