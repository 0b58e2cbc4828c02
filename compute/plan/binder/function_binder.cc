#include "compute/plan/binder/function_binder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);
constexpr DataType kText = DataType::Of(TypeKind::kText);
constexpr int kMaxDigits = 38;

std::string_view MergedUnit(const std::vector<TypedExpression>& values) {
  std::optional<std::string_view> unit;
  for (const TypedExpression& value : values) {
    if (value.IsConstant()) continue;
    if (unit && *unit != value.unit) return "";
    unit = value.unit;
  }
  return unit.value_or("");
}

class FunctionBinder {
 public:
  FunctionBinder(const TypingContext& context, const std::string& name,
                 std::vector<TypedExpression> arguments, const TypedExpression& at)
      : context_(context), name_(name), arguments_(std::move(arguments)), at_(at) {}

  absl::StatusOr<TypedExpression> Bind(int64_t as_of_us) {
    if (name_ == "coalesce" || name_ == "greatest" || name_ == "least") return BindChoice();
    if (name_ == "abs") return BindAbs();
    if (name_ == "round" || name_ == "trunc" || name_ == "floor" || name_ == "ceil" ||
        name_ == "ceiling") {
      return BindRounding();
    }
    if (name_ == "lower") return BindOfText(ExpressionOp::kLower, kText);
    if (name_ == "upper") return BindOfText(ExpressionOp::kUpper, kText);
    if (name_ == "length" || name_ == "char_length" || name_ == "character_length") {
      return BindOfText(ExpressionOp::kLength, kInt64);
    }
    if (name_ == "cardinality" || name_ == "array_length") return BindListLength();
    if (name_ == "now" || name_ == "current_timestamp") return BindNow(as_of_us, false);
    if (name_ == "current_date") return BindNow(as_of_us, true);
    if (name_ == "at_time_zone") {
      return context_.Refuse(at_,
                             "AT TIME ZONE makes a local time, which no type is here; allowed: "
                             "(x AT TIME ZONE 'zone')::date, extract(.. from x AT TIME ZONE "
                             "'zone'), of a timestamp x and a constant zone");
    }
    return RefuseName();
  }

 private:
  absl::Status RefuseName() const {
    const std::string shown = name_.substr(0, 64);
    return FieldError(context_.field,
                      absl::StrCat("unknown function or operator '", shown, "'",
                                   DidYouMean(shown, FunctionNames()), "; allowed: + - * / % and ",
                                   absl::StrJoin(FunctionNames(), ", ")),
                      at_.position, NearestNames(shown, FunctionNames()));
  }

  absl::Status RefuseType(const TypedExpression& value, const char* allowed) const {
    return context_.Refuse(value, absl::StrCat(name_, "() of ", value.text, ", which is ",
                                               TypeName(value.type()), "; allowed: ", allowed));
  }

  absl::Status Count(size_t min, size_t max) const {
    return CheckArguments(context_, name_, arguments_.size(), at_, min, max);
  }

  TypedExpression Result() const {
    TypedExpression result;
    result.text = at_.text;
    result.position = at_.position;
    return result;
  }

  absl::StatusOr<TypedExpression> Finish(ExpressionOp op, const DataType& type,
                                         TypedExpression result) {
    BoundExpression node;
    node.op = op;
    node.type = type;
    if (type.kind == TypeKind::kEnum) node.column = arguments_[0].expression.column;
    for (TypedExpression& argument : arguments_) {
      node.arguments.push_back(std::move(argument.expression));
    }
    SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(context_, std::move(node), at_));
    return result;
  }

  absl::StatusOr<TypedExpression> BindChoice() {
    SEXTANT_RETURN_IF_ERROR(Count(1, 1024));
    SEXTANT_ASSIGN_OR_RETURN(arguments_, Unified(context_, std::move(arguments_), name_));
    DataType type = arguments_[0].type();
    const bool is_coalesce = name_ == "coalesce";
    // greatest and least compute, and that is in int64 and in 38 digits.
    if (!is_coalesce && IsInteger(type.kind)) type = kInt64;
    if (!is_coalesce && type.kind == TypeKind::kDecimal) {
      type = DataType::Decimal(kMaxDigits, type.scale);
    }
    TypedExpression result = Result();
    for (TypedExpression& argument : arguments_) {
      SEXTANT_ASSIGN_OR_RETURN(argument, Promoted(context_, std::move(argument), type));
      result.integer_digits = std::max(result.integer_digits, argument.integer_digits);
    }
    result.unit = MergedUnit(arguments_);
    result.enum_labels = arguments_[0].enum_labels;
    result.is_blank_padded = arguments_[0].is_blank_padded;
    result.is_mixed_scale = arguments_[0].is_mixed_scale;
    const ExpressionOp op = is_coalesce           ? ExpressionOp::kCoalesce
                            : name_ == "greatest" ? ExpressionOp::kGreatest
                                                  : ExpressionOp::kLeast;
    return Finish(op, type, std::move(result));
  }

  /// The one number; a quoted constant is float8, as PostgreSQL prefers.
  absl::Status TakeNumber() {
    TypedExpression& value = arguments_[0];
    if (value.IsUnknown()) {
      TypedExpression like;
      like.expression.type = kFloat64;
      like.text = absl::StrCat("the argument of ", name_);
      SEXTANT_ASSIGN_OR_RETURN(value, TypedLike(context_, std::move(value), like));
    }
    if (!IsNumber(value.type().kind)) return RefuseType(value, "numbers");
    return absl::OkStatus();
  }

  absl::StatusOr<TypedExpression> BindAbs() {
    SEXTANT_RETURN_IF_ERROR(Count(1, 1));
    SEXTANT_RETURN_IF_ERROR(TakeNumber());
    DataType type = arguments_[0].type();
    if (IsInteger(type.kind)) type = kInt64;
    if (IsFloat(type.kind)) type = kFloat64;
    if (type.kind == TypeKind::kDecimal) type = DataType::Decimal(kMaxDigits, type.scale);
    TypedExpression result = Result();
    SEXTANT_ASSIGN_OR_RETURN(arguments_[0], Promoted(context_, std::move(arguments_[0]), type));
    result.integer_digits = arguments_[0].integer_digits;
    result.unit = arguments_[0].unit;
    result.is_mixed_scale = arguments_[0].is_mixed_scale;
    return Finish(ExpressionOp::kAbs, type, std::move(result));
  }

  /// Digits after the point, of round(x, n) and trunc(x, n).
  absl::StatusOr<int> TakeScale() {
    const TypedExpression& digits = arguments_[1];
    const bool is_literal = digits.IsConstant() && !digits.IsNull() && !digits.IsUnknown() &&
                            IsInteger(digits.type().kind);
    const int128_t scale = is_literal ? IntegerOf(digits.expression.constant) : -1;
    if (scale < 0 || scale > 37) {
      return context_.Refuse(digits, absl::StrCat(name_, "(x, n) with n ", digits.text,
                                                  "; allowed: a constant from 0 to 37"));
    }
    return static_cast<int>(scale);
  }

  absl::StatusOr<TypedExpression> BindRounding() {
    const bool takes_scale = name_ == "round" || name_ == "trunc";
    SEXTANT_RETURN_IF_ERROR(Count(1, takes_scale ? 2 : 1));
    SEXTANT_RETURN_IF_ERROR(TakeNumber());
    std::optional<int> scale;
    if (arguments_.size() == 2) {
      SEXTANT_ASSIGN_OR_RETURN(scale, TakeScale());
      if (IsFloat(arguments_[0].type().kind)) {
        return RefuseType(arguments_[0], "numeric, when digits are given: x::numeric(p,s)");
      }
      arguments_.pop_back();
    }
    const ExpressionOp op = name_ == "round"   ? ExpressionOp::kRound
                            : name_ == "trunc" ? ExpressionOp::kTrunc
                            : name_ == "floor" ? ExpressionOp::kFloor
                                               : ExpressionOp::kCeil;
    TypedExpression result = Result();
    result.unit = arguments_[0].unit;
    if (arguments_[0].Is(TypeKind::kDecimal) || scale) {
      return RoundDecimal(op, scale.value_or(0), std::move(result));
    }
    // Of integers too PostgreSQL takes the function of float8.
    SEXTANT_ASSIGN_OR_RETURN(arguments_[0], Promoted(context_, std::move(arguments_[0]), kFloat64));
    return Finish(op, kFloat64, std::move(result));
  }

  absl::StatusOr<TypedExpression> RoundDecimal(ExpressionOp op, int scale, TypedExpression result) {
    const int from_scale = arguments_[0].type().scale;
    result.is_mixed_scale = scale > from_scale;  // PostgreSQL pads no digits
    const DataType type = DataType::Decimal(kMaxDigits, std::max(scale, from_scale));
    const int digits = arguments_[0].integer_digits;
    SEXTANT_ASSIGN_OR_RETURN(arguments_[0], Promoted(context_, std::move(arguments_[0]), type));
    result.integer_digits = std::min(digits + 1, kMaxDigits);
    if (scale >= from_scale) {
      result.expression = std::move(arguments_[0].expression);
      return result;
    }
    return Finish(op, DataType::Decimal(kMaxDigits, scale), std::move(result));
  }

  absl::StatusOr<TypedExpression> BindOfText(ExpressionOp op, const DataType& type) {
    SEXTANT_RETURN_IF_ERROR(Count(1, 1));
    TypedExpression& value = arguments_[0];
    value = TypedAsText(std::move(value));
    if (!value.Is(TypeKind::kText)) return RefuseType(value, "text");
    TypedExpression result = Result();
    result.integer_digits = IntegerDigitsOf(type);
    return Finish(op, type, std::move(result));
  }

  absl::StatusOr<TypedExpression> BindListLength() {
    const bool is_array_length = name_ == "array_length";
    SEXTANT_RETURN_IF_ERROR(Count(is_array_length ? 2 : 1, is_array_length ? 2 : 1));
    const TypedExpression& value = arguments_[0];
    if (!value.Is(TypeKind::kList) || value.expression.op != ExpressionOp::kColumn) {
      return RefuseType(value, "a list column");
    }
    if (is_array_length) {
      const TypedExpression& dimension = arguments_[1];
      const bool is_one = dimension.IsConstant() && !dimension.IsNull() &&
                          IsInteger(dimension.type().kind) &&
                          IntegerOf(dimension.expression.constant) == 1;
      if (!is_one) {
        return context_.Refuse(dimension, "lists have one dimension; allowed: array_length(x, 1)");
      }
      arguments_.pop_back();
    }
    TypedExpression result = Result();
    result.integer_digits = IntegerDigitsOf(kInt64);
    return Finish(is_array_length ? ExpressionOp::kArrayLength : ExpressionOp::kCardinality, kInt64,
                  std::move(result));
  }

  absl::StatusOr<TypedExpression> BindNow(int64_t as_of_us, bool is_date) {
    SEXTANT_RETURN_IF_ERROR(Count(0, 0));
    TypedExpression result = Result();
    const DataType type = DataType::Of(is_date ? TypeKind::kDate : TypeKind::kTimestamp);
    int64_t value = as_of_us;
    if (is_date) {
      const absl::CivilDay day(context_.zone.At(absl::FromUnixMicros(as_of_us)).cs);
      value = day - absl::CivilDay(1970, 1, 1);
    }
    result.expression = ConstantExpression(type, ConstantOf(type, value));
    return result;
  }

  const TypingContext& context_;
  const std::string& name_;
  std::vector<TypedExpression> arguments_;
  const TypedExpression& at_;
};

}  // namespace

const std::vector<std::string>& FunctionNames() {
  static const auto& names = *new std::vector<std::string>{
      "abs",     "array_length", "cardinality", "ceil",     "coalesce", "current_date",
      "extract", "date_trunc",   "floor",       "greatest", "least",    "length",
      "lower",   "now",          "nullif",      "round",    "trunc",    "upper"};
  return names;
}

absl::Status CheckArguments(const TypingContext& context, const std::string& name, size_t num_found,
                            const TypedExpression& at, size_t min, size_t max) {
  if (min <= num_found && num_found <= max) return absl::OkStatus();
  return context.Refuse(
      at, absl::StrCat(name, "() of ", num_found, " values; allowed: ",
                       min == max ? absl::StrCat(min) : absl::StrCat(min, " to ", max)));
}

absl::StatusOr<TypedExpression> BindFunction(const TypingContext& context, const std::string& name,
                                             std::vector<TypedExpression> arguments,
                                             const TypedExpression& at, int64_t as_of_us) {
  return FunctionBinder(context, name, std::move(arguments), at).Bind(as_of_us);
}

}  // namespace sextant
