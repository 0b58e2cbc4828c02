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

bool IsDifferenceOfColumns(const Expression& expression) {
  return expression.kind == Expression::Kind::kCall && expression.name == "-" &&
         expression.arguments.size() == 2 &&
         expression.arguments[0].kind == Expression::Kind::kColumn &&
         expression.arguments[1].kind == Expression::Kind::kColumn;
}

absl::Status RefuseDifference(const DataType& left, const DataType& right, std::string_view reason,
                              const Expression& expression, const std::string& field) {
  return FieldError(
      field,
      absl::StrCat("found ", expression.arguments[0].name, " - ", expression.arguments[1].name,
                   ", ", TypeName(left), " minus ", TypeName(right), std::string(reason),
                   "; allowed: the difference of two numbers, two dates, two timestamps or two "
                   "durations"),
      expression.position);
}

/// Of two numbers neither of which is a float.
absl::Status ResolveExactDifference(const DataType& left, const DataType& right,
                                    const Expression& expression, const std::string& field,
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
                               const Expression& expression, const std::string& field,
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

absl::StatusOr<ResolvedValue> ResolveValue(const Schema& schema, const Expression& expression,
                                           const std::string& field) {
  ResolvedValue resolved;
  const bool is_difference = IsDifferenceOfColumns(expression);
  if (!is_difference && expression.kind != Expression::Kind::kColumn) {
    return FieldError(field, "found an expression; allowed: a column or a difference of columns",
                      expression.position);
  }
  const Expression& minuend = is_difference ? expression.arguments[0] : expression;
  resolved.text = minuend.name;
  SEXTANT_ASSIGN_OR_RETURN(resolved.value.column,
                           ResolveColumn(schema, minuend.name, field, minuend.position));
  const Field& left = schema.field(resolved.value.column);
  resolved.value.type = left.type;
  resolved.unit = left.unit;
  if (is_difference) {
    const Expression& subtrahend = expression.arguments[1];
    absl::StrAppend(&resolved.text, " - ", subtrahend.name);
    SEXTANT_ASSIGN_OR_RETURN(resolved.value.minus,
                             ResolveColumn(schema, subtrahend.name, field, subtrahend.position));
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
