#include "compute/plan/binder/type_promotion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr int kMaxDigits = 38;

std::string WithoutTrailingBlanks(const std::string& text) {
  const size_t end = text.find_last_not_of(' ');
  return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

bool IsTextWithoutType(const TypedExpression& value) { return value.IsUnknown(); }

/// What unlike types of the list have in common; std::nullopt: nothing.
std::optional<DataType> CommonType(const std::vector<TypedExpression>& values) {
  std::optional<DataType> common;
  for (const TypedExpression& value : values) {
    if (value.IsUnknown()) continue;
    const DataType& type = value.type();
    if (!common || *common == type) {
      common = type;
      continue;
    }
    const TypeKind a = common->kind;
    const TypeKind b = type.kind;
    if (IsNumber(a) && IsNumber(b)) {
      if (IsFloat(a) || IsFloat(b)) {
        common = DataType::Of(TypeKind::kFloat64);
      } else if (a == TypeKind::kDecimal || b == TypeKind::kDecimal) {
        common = DataType::Decimal(kMaxDigits, std::max(common->scale, type.scale));
      } else {
        common = DataType::Of(std::max(a, b));
      }
    } else if ((a == TypeKind::kDate && b == TypeKind::kTimestamp) ||
               (a == TypeKind::kTimestamp && b == TypeKind::kDate)) {
      common = DataType::Of(TypeKind::kTimestamp);
    } else if ((a == TypeKind::kInterval && b == TypeKind::kDuration) ||
               (a == TypeKind::kDuration && b == TypeKind::kInterval)) {
      common = DataType::Of(TypeKind::kDuration);
    } else {
      return std::nullopt;
    }
  }
  return common;
}

absl::Status RefuseUnlike(const TypingContext& context, const std::vector<TypedExpression>& values,
                          std::string_view what) {
  const TypedExpression* first = nullptr;
  for (const TypedExpression& value : values) {
    if (value.IsUnknown()) continue;
    if (first == nullptr) first = &value;
    if (value.type() == first->type()) continue;
    if (CommonType({*first, value})) continue;
    return context.Refuse(
        value, absl::StrCat(std::string(what), " of ", first->text, ", which is ",
                            TypeName(first->type()), ", and ", value.text, ", which is ",
                            TypeName(value.type()), "; allowed: types that have one in common"));
  }
  return context.Refuse(*first, absl::StrCat(std::string(what), " of types without a common one"));
}

/// Texts are all of char(n) or none is; enums have one list of labels.
absl::Status CheckAlike(const TypingContext& context, const std::vector<TypedExpression>& values,
                        std::string_view what) {
  const TypedExpression* first = nullptr;
  for (const TypedExpression& value : values) {
    if (value.IsUnknown()) continue;
    if (first == nullptr) first = &value;
    const TypeKind kind = value.type().kind;
    if (kind == TypeKind::kJson || kind == TypeKind::kList) {
      return context.Refuse(value, absl::StrCat(value.text, " is ", TypeName(value.type()),
                                                ", which has no place in ", std::string(what)));
    }
    if (value.is_blank_padded != first->is_blank_padded) {
      return context.Refuse(
          value, absl::StrCat(std::string(what), " of char(n) and text, ", first->text, " and ",
                              value.text, "; allowed: cast the char(n) to text"));
    }
    if (kind == TypeKind::kEnum && !std::ranges::equal(value.enum_labels, first->enum_labels)) {
      return context.Refuse(value, absl::StrCat(std::string(what), " of two enums, ", first->text,
                                                " and ", value.text, "; allowed: of one enum"));
    }
  }
  return absl::OkStatus();
}

bool HasUnlikeScales(const std::vector<TypedExpression>& values) {
  return std::any_of(values.begin(), values.end(), [&](const TypedExpression& value) {
    return value.is_mixed_scale || value.type().scale != values.front().type().scale;
  });
}

}  // namespace

absl::Status TypingContext::Refuse(const TypedExpression& at, const std::string& message) const {
  return FieldError(field, message, at.position);
}

absl::StatusOr<BoundExpression> MakeNode(const TypingContext& context, BoundExpression node,
                                         const TypedExpression& at) {
  absl::StatusOr<BoundExpression> folded = Folded(std::move(node));
  if (!folded.ok()) {
    return context.Refuse(at, absl::StrCat(folded.status().message(), ": ", at.text));
  }
  return folded;
}

int IntegerDigitsOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBool:
      return 1;
    case TypeKind::kInt16:
      return 5;
    case TypeKind::kInt32:
      return 10;
    case TypeKind::kInt64:
      return 19;
    case TypeKind::kDecimal:
      return type.precision - type.scale;
    default:
      return 0;
  }
}

int IntegerDigitsOf(const BoundExpression& constant) {
  const bool is_exact = IsInteger(constant.type.kind) || constant.type.kind == TypeKind::kDecimal;
  if (!is_exact || constant.constant.is_null) return 0;
  const int128_t value = IntegerOf(constant.constant);
  int digits = 0;
  for (int128_t rest = value / TenToThe(constant.type.scale); rest != 0; rest /= 10) ++digits;
  return digits;
}

TypedExpression TypedAsText(TypedExpression value) {
  if (!value.IsUnknown()) return value;
  BoundConstant constant;
  constant.is_null = value.literal->kind == Literal::Kind::kNull;
  constant.value = value.literal->text;
  value.expression = ConstantExpression(DataType::Of(TypeKind::kText), std::move(constant));
  value.literal.reset();
  return value;
}

absl::StatusOr<TypedExpression> TypedLike(const TypingContext& context, TypedExpression value,
                                          const TypedExpression& like) {
  if (!value.IsUnknown()) return value;
  DataType type = like.type();
  absl::StatusOr<BoundConstant> constant =
      ConstantOfLiteral(*value.literal, type, like.enum_labels, context.zone);
  if (!constant.ok()) {
    return context.Refuse(value, absl::StrCat(constant.status().message(), "; it meets ", like.text,
                                              ", which is ", TypeName(like.type())));
  }
  if (like.is_blank_padded && !constant->is_null) {
    constant->value = WithoutTrailingBlanks(std::get<std::string>(constant->value));
  }
  value.is_blank_padded = like.is_blank_padded;
  value.enum_labels = like.enum_labels;
  value.expression = ConstantExpression(type, *std::move(constant));
  value.expression.column = like.type().kind == TypeKind::kEnum ? like.expression.column : 0;
  value.integer_digits = IntegerDigitsOf(value.expression);
  value.literal.reset();
  return value;
}

absl::StatusOr<TypedExpression> Promoted(const TypingContext& context, TypedExpression value,
                                         const DataType& type) {
  if (value.type() == type) return value;
  value.literal.reset();
  value.difference.reset();
  const TypeKind from = value.type().kind;
  if (from == TypeKind::kInterval && type.kind == TypeKind::kDuration) {
    const bool is_constant = value.IsConstant();
    const IntervalValue interval =
        is_constant && !value.IsNull()
            ? IntervalOfWide(std::get<Wide>(value.expression.constant.value))
            : IntervalValue();
    if (!is_constant || interval.months != 0) {
      return context.Refuse(value,
                            absl::StrCat(value.text,
                                         " is an interval, whose months have no fixed length; "
                                         "allowed here: differences of timestamps, and constants "
                                         "of days and shorter units"));
    }
    const int128_t microseconds = int128_t{interval.days} * 86'400'000'000 + interval.microseconds;
    if (microseconds != static_cast<int64_t>(microseconds)) {
      return context.Refuse(value, "the interval is out of the range of 64-bit microseconds");
    }
    value.expression = ConstantExpression(
        type, value.IsNull() ? NullConstantOf() : ConstantOf(type, microseconds));
    return value;
  }
  BoundExpression cast;
  cast.op = ExpressionOp::kCast;
  cast.type = type;
  if (from == TypeKind::kDate) cast.time_zone = context.zone;
  cast.arguments.push_back(std::move(value.expression));
  SEXTANT_ASSIGN_OR_RETURN(value.expression, MakeNode(context, std::move(cast), value));
  if (IsFloat(type.kind)) value.integer_digits = 0;
  return value;
}

absl::StatusOr<std::vector<TypedExpression>> Unified(const TypingContext& context,
                                                     std::vector<TypedExpression> values,
                                                     std::string_view what) {
  const auto known = std::find_if_not(values.begin(), values.end(), IsTextWithoutType);
  if (known == values.end()) {
    for (TypedExpression& value : values) value = TypedAsText(std::move(value));
    return values;
  }
  SEXTANT_RETURN_IF_ERROR(CheckAlike(context, values, what));
  std::optional<DataType> common = CommonType(values);
  if (!common) return RefuseUnlike(context, values, what);
  TypedExpression like = *known;
  like.expression.type = *common;
  for (TypedExpression& value : values) {
    SEXTANT_ASSIGN_OR_RETURN(value, TypedLike(context, std::move(value), like));
  }
  common = CommonType(values);
  if (!common) return RefuseUnlike(context, values, what);
  const bool is_mixed = common->kind == TypeKind::kDecimal && HasUnlikeScales(values);
  for (TypedExpression& value : values) {
    SEXTANT_ASSIGN_OR_RETURN(value, Promoted(context, std::move(value), *common));
    value.is_mixed_scale = is_mixed;
  }
  return values;
}

}  // namespace sextant
