#include "compute/plan/binder/time_operator_binder.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_value.h"

namespace sextant {
namespace {

constexpr char kSeconds[] = "seconds";
constexpr DataType kTimestamp = DataType::Of(TypeKind::kTimestamp);
constexpr DataType kDuration = DataType::Of(TypeKind::kDuration);
constexpr DataType kDate = DataType::Of(TypeKind::kDate);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

bool IsUtc(const absl::TimeZone& zone) { return zone == absl::UTCTimeZone(); }

/// One pair of operands, and the ways in which they combine.
class TimeOperator {
 public:
  TimeOperator(const TypingContext& context, char op, TypedExpression left, TypedExpression right)
      : context_(context), op_(op), left_(std::move(left)), right_(std::move(right)) {
    text_ = absl::StrCat(left_.text, " ", std::string(1, op), " ", right_.text);
    position_ = left_.position;
  }

  absl::StatusOr<TypedExpression> Bind() {
    if (op_ != '+' && op_ != '-') return Refuse(ScalingHint());
    // The moment comes first: interval + timestamp is timestamp + interval.
    if (op_ == '+' && IsMoment(right_) && !IsMoment(left_)) std::swap(left_, right_);
    if (IsMoment(left_) && IsMoment(right_)) return BindMoments();
    if (left_.Is(TypeKind::kTimestamp)) return BindTimestamp();
    if (left_.Is(TypeKind::kDate)) return BindDate();
    if (IsSpan(left_) && IsSpan(right_)) return BindSpans();
    return Refuse("");
  }

 private:
  static bool IsMoment(const TypedExpression& value) {
    return value.Is(TypeKind::kTimestamp) || value.Is(TypeKind::kDate);
  }
  static bool IsSpan(const TypedExpression& value) {
    return value.Is(TypeKind::kDuration) || value.Is(TypeKind::kInterval);
  }

  std::string ScalingHint() const {
    const bool scales = (op_ == '*' || op_ == '/') && (IsSpan(left_) || IsSpan(right_));
    if (!scales) return "";
    const TypedExpression& span = IsSpan(left_) ? left_ : right_;
    if (span.Is(TypeKind::kDuration) || span.IsConstant()) {
      return absl::StrCat("; use extract(epoch from ", span.text, "), which is seconds");
    }
    return "; the months of an interval have no fixed length: for seconds give the dataset a "
           "`query:` that selects extract(epoch from the column)";
  }

  absl::Status Refuse(const std::string& reason) const {
    return context_.Refuse(
        left_,
        absl::StrCat(
            "found ", text_, ", ", TypeName(left_.type()), " ", std::string(1, op_), " ",
            TypeName(right_.type()), reason,
            "; allowed: numbers, differences of two dates, timestamps or "
            "durations, a timestamp + or - an interval (in UTC also a duration), a date + or - "
            "days"));
  }

  absl::StatusOr<TypedExpression> Node(ExpressionOp op, const DataType& type) {
    TypedExpression result;
    result.text = text_;
    result.position = position_;
    if (type.kind == TypeKind::kDuration) result.unit = kSeconds;
    result.integer_digits = IntegerDigitsOf(type);
    BoundExpression node;
    node.op = op;
    node.type = type;
    if (op == ExpressionOp::kAddInterval) node.time_zone = context_.zone;
    node.arguments.push_back(std::move(left_.expression));
    node.arguments.push_back(std::move(right_.expression));
    SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(context_, std::move(node), result));
    return result;
  }

  ExpressionOp AddOrSubtract() const {
    return op_ == '+' ? ExpressionOp::kAdd : ExpressionOp::kSubtract;
  }

  absl::StatusOr<TypedExpression> BindMoments() {
    if (op_ == '+') return Refuse("");
    if (left_.Is(TypeKind::kDate) && right_.Is(TypeKind::kDate)) {
      return Node(ExpressionOp::kSubtract, kInt64);
    }
    SEXTANT_ASSIGN_OR_RETURN(left_, Promoted(context_, std::move(left_), kTimestamp));
    SEXTANT_ASSIGN_OR_RETURN(right_, Promoted(context_, std::move(right_), kTimestamp));
    return Node(ExpressionOp::kSubtract, kDuration);
  }

  absl::StatusOr<TypedExpression> BindTimestamp() {
    if (right_.Is(TypeKind::kInterval)) return AddInterval();
    if (!right_.Is(TypeKind::kDuration)) return Refuse("");
    // PostgreSQL's difference has days, which it adds in local time; a duration has no days of its
    // own, and a sum of two would have other ones there.
    if (!IsUtc(context_.zone)) {
      return Refuse(absl::StrCat(" in the zone ", context_.zone.name(),
                                 ", where PostgreSQL adds the days of a duration by the local "
                                 "clock; ask in UTC, or compare durations"));
    }
    return Node(AddOrSubtract(), kTimestamp);
  }

  absl::StatusOr<TypedExpression> AddInterval() {
    if (op_ == '-') {
      SEXTANT_RETURN_IF_ERROR(NegateRight());
    }
    return Node(ExpressionOp::kAddInterval, kTimestamp);
  }

  absl::Status NegateRight() {
    if (right_.IsConstant()) {
      SEXTANT_ASSIGN_OR_RETURN(right_, NegatedInterval(context_, std::move(right_)));
      return absl::OkStatus();
    }
    BoundExpression node;
    node.op = ExpressionOp::kNegate;
    node.type = right_.type();
    node.arguments.push_back(std::move(right_.expression));
    right_.expression = std::move(node);
    return absl::OkStatus();
  }

  absl::StatusOr<TypedExpression> BindDate() {
    if (IsInteger(right_.type().kind)) {
      SEXTANT_ASSIGN_OR_RETURN(right_, Promoted(context_, std::move(right_), kInt64));
      return Node(AddOrSubtract(), kDate);
    }
    if (right_.Is(TypeKind::kDuration)) {
      return Refuse("; write date::timestamptz, the instant of its midnight");
    }
    if (!right_.Is(TypeKind::kInterval)) return Refuse("");
    const bool is_whole_days = right_.IsConstant() && !right_.IsNull() && RightInDays();
    if (is_whole_days) {
      const int64_t days = IntervalOfWide(std::get<Wide>(right_.expression.constant.value)).days;
      right_.expression = ConstantExpression(kInt64, ConstantOf(kInt64, days));
      SEXTANT_ASSIGN_OR_RETURN(TypedExpression moved, Node(AddOrSubtract(), kDate));
      return Promoted(context_, std::move(moved), kTimestamp);
    }
    // Where midnight may be skipped or repeated, the local time and the instant part ways.
    if (!IsUtc(context_.zone)) {
      return Refuse(absl::StrCat(" in the zone ", context_.zone.name(),
                                 ", a local time that its clock may skip or repeat; allowed there: "
                                 "whole days, or date::timestamptz + interval"));
    }
    SEXTANT_ASSIGN_OR_RETURN(left_, Promoted(context_, std::move(left_), kTimestamp));
    return AddInterval();
  }

  bool RightInDays() const {
    const IntervalValue interval = IntervalOfWide(std::get<Wide>(right_.expression.constant.value));
    return interval.months == 0 && interval.microseconds == 0;
  }

  absl::StatusOr<TypedExpression> BindSpans() {
    const bool both_constant =
        left_.IsConstant() && right_.IsConstant() && !left_.IsNull() && !right_.IsNull();
    if (left_.Is(TypeKind::kInterval) && right_.Is(TypeKind::kInterval)) {
      if (both_constant) return AddConstants();
      return Refuse(
          ", whose months have no fixed length; add each to a timestamp, or use columns of "
          "differences");
    }
    SEXTANT_ASSIGN_OR_RETURN(left_, Promoted(context_, std::move(left_), kDuration));
    SEXTANT_ASSIGN_OR_RETURN(right_, Promoted(context_, std::move(right_), kDuration));
    return Node(AddOrSubtract(), kDuration);
  }

  absl::StatusOr<TypedExpression> AddConstants() {
    if (op_ == '-') {
      SEXTANT_RETURN_IF_ERROR(NegateRight());
    }
    const IntervalValue a = IntervalOfWide(std::get<Wide>(left_.expression.constant.value));
    const IntervalValue b = IntervalOfWide(std::get<Wide>(right_.expression.constant.value));
    IntervalValue sum;
    if (__builtin_add_overflow(a.months, b.months, &sum.months) ||
        __builtin_add_overflow(a.days, b.days, &sum.days) ||
        __builtin_add_overflow(a.microseconds, b.microseconds, &sum.microseconds)) {
      return context_.Refuse(left_, absl::StrCat("found ", text_,
                                                 ", an interval out of range; allowed: parts of up "
                                                 "to 2147483647 months and days"));
    }
    left_.expression.constant.value = WideOfInterval(sum);
    left_.text = text_;
    return std::move(left_);
  }

  const TypingContext& context_;
  const char op_;
  TypedExpression left_;
  TypedExpression right_;
  std::string text_;
  int position_ = -1;
};

}  // namespace

absl::StatusOr<TypedExpression> BindTimeOperator(const TypingContext& context, char op,
                                                 TypedExpression left, TypedExpression right) {
  return TimeOperator(context, op, std::move(left), std::move(right)).Bind();
}

absl::StatusOr<TypedExpression> NegatedInterval(const TypingContext& context,
                                                TypedExpression interval) {
  if (interval.IsNull()) return interval;
  const IntervalValue value = IntervalOfWide(std::get<Wide>(interval.expression.constant.value));
  if (value.months == std::numeric_limits<int32_t>::min() ||
      value.days == std::numeric_limits<int32_t>::min() ||
      value.microseconds == std::numeric_limits<int64_t>::min()) {
    return context.Refuse(interval, absl::StrCat("found -", interval.text,
                                                 ", an interval out of range; allowed: parts "
                                                 "whose negative has the same type"));
  }
  interval.expression.constant.value =
      WideOfInterval({-value.months, -value.days, -value.microseconds});
  interval.text = absl::StrCat("-", interval.text);
  interval.literal.reset();
  return interval;
}

}  // namespace sextant
