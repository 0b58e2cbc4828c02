#include "compute/plan/binder/time_function_binder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr DataType kTimestamp = DataType::Of(TypeKind::kTimestamp);
constexpr char kSeconds[] = "seconds";

struct FieldEntry {
  const char* name;
  DateField field;
};
constexpr FieldEntry kFields[] = {
    {"microseconds", DateField::kMicroseconds},
    {"microsecond", DateField::kMicroseconds},
    {"us", DateField::kMicroseconds},
    {"milliseconds", DateField::kMilliseconds},
    {"millisecond", DateField::kMilliseconds},
    {"ms", DateField::kMilliseconds},
    {"second", DateField::kSecond},
    {"seconds", DateField::kSecond},
    {"sec", DateField::kSecond},
    {"minute", DateField::kMinute},
    {"minutes", DateField::kMinute},
    {"min", DateField::kMinute},
    {"hour", DateField::kHour},
    {"hours", DateField::kHour},
    {"day", DateField::kDay},
    {"days", DateField::kDay},
    {"week", DateField::kWeek},
    {"weeks", DateField::kWeek},
    {"month", DateField::kMonth},
    {"months", DateField::kMonth},
    {"mon", DateField::kMonth},
    {"quarter", DateField::kQuarter},
    {"year", DateField::kYear},
    {"years", DateField::kYear},
    {"decade", DateField::kDecade},
    {"decades", DateField::kDecade},
    {"century", DateField::kCentury},
    {"centuries", DateField::kCentury},
    {"millennium", DateField::kMillennium},
    {"epoch", DateField::kEpoch},
    {"dow", DateField::kDow},
    {"doy", DateField::kDoy},
    {"isodow", DateField::kIsoDow},
    {"isoyear", DateField::kIsoYear},
};

absl::StatusOr<DateField> TakeField(const TypingContext& context, const TypedExpression& field) {
  const bool is_text = field.IsConstant() && !field.IsNull() && field.Is(TypeKind::kText);
  if (!is_text) {
    return context.Refuse(field,
                          "the field of extract() or date_trunc() is no constant; allowed: "
                          "'hour', 'day', 'week', 'month', ..");
  }
  const std::string& name = std::get<std::string>(field.expression.constant.value);
  if (const std::optional<DateField> found = DateFieldNamed(name)) return *found;
  std::vector<std::string> names;
  for (const FieldEntry& entry : kFields) names.emplace_back(entry.name);
  return FieldError(
      context.field,
      absl::StrCat("unknown field '", name.substr(0, 64), "'", DidYouMean(name, names),
                   "; allowed: ", absl::StrJoin(names, ", ")),
      field.position, NearestNames(name, names));
}

bool IsClockField(DateField field) { return field <= DateField::kHour; }

/// What PostgreSQL extracts of a date: no time of day; of a difference: nothing of a calendar.
bool MayExtract(DateField field, TypeKind kind) {
  if (kind == TypeKind::kDate) return !IsClockField(field);
  if (kind == TypeKind::kDuration) {
    return IsClockField(field) || field == DateField::kDay || field == DateField::kEpoch;
  }
  return kind == TypeKind::kTimestamp;
}

int ScaleOf(DateField field) {
  if (field == DateField::kSecond || field == DateField::kEpoch) return 6;
  return field == DateField::kMilliseconds ? 3 : 0;
}

absl::Status RefuseExtract(const TypingContext& context, const TypedExpression& field,
                           const TypedExpression& value) {
  if (value.Is(TypeKind::kInterval)) {
    return context.Refuse(
        value, absl::StrCat("extract(", field.text, " from ", value.text,
                            "), which is an interval, whose months have no fixed length; allowed: "
                            "for seconds a `query:` of the dataset that selects extract(epoch "
                            "from the column)"));
  }
  return context.Refuse(
      value, absl::StrCat("extract(", field.text, " from ", value.text, "), which is ",
                          TypeName(value.type()),
                          "; allowed: of timestamps, of dates what is not of the time of day, of "
                          "differences of timestamps epoch, day and shorter units"));
}

}  // namespace

std::optional<DateField> DateFieldNamed(std::string_view name) {
  const std::string lower = absl::AsciiStrToLower(ToAbsl(name));
  for (const FieldEntry& entry : kFields) {
    if (lower == entry.name) return entry.field;
  }
  return std::nullopt;
}

absl::StatusOr<TypedExpression> BindExtract(const TypingContext& context,
                                            const TypedExpression& field, TypedExpression value,
                                            const TypedExpression& at) {
  SEXTANT_ASSIGN_OR_RETURN(const DateField date_field, TakeField(context, field));
  if (value.IsUnknown()) {
    return context.Refuse(value, "extract() of a constant without a type; allowed: a cast");
  }
  // Of an aggregate: durations are seconds already.
  if (date_field == DateField::kEpoch && value.Is(TypeKind::kFloat64) && value.unit == kSeconds &&
      context.division != Division::kTruncating) {
    value.is_shown_duration = false;
    return value;
  }
  const bool is_constant_interval =
      value.Is(TypeKind::kInterval) && value.IsConstant() && date_field == DateField::kEpoch;
  if (is_constant_interval) {
    SEXTANT_ASSIGN_OR_RETURN(
        value, Promoted(context, std::move(value), DataType::Of(TypeKind::kDuration)));
  }
  if (!MayExtract(date_field, value.type().kind)) return RefuseExtract(context, field, value);
  TypedExpression result;
  result.text = at.text;
  result.position = at.position;
  if (date_field == DateField::kEpoch && value.Is(TypeKind::kDuration)) result.unit = kSeconds;
  BoundExpression node;
  node.op = ExpressionOp::kExtract;
  node.type = DataType::Decimal(18, ScaleOf(date_field));
  node.field = date_field;
  node.time_zone = context.zone;
  node.arguments.push_back(std::move(value.expression));
  result.integer_digits = IntegerDigitsOf(node.type);
  SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(context, std::move(node), at));
  return result;
}

absl::StatusOr<TypedExpression> BindDateTrunc(const TypingContext& context,
                                              const TypedExpression& field, TypedExpression value,
                                              const TypedExpression& at) {
  SEXTANT_ASSIGN_OR_RETURN(const DateField date_field, TakeField(context, field));
  if (date_field >= DateField::kEpoch) {
    return context.Refuse(field, absl::StrCat("date_trunc(", field.text,
                                              ", ..); allowed: microseconds to millennium"));
  }
  if (value.IsUnknown()) {
    TypedExpression like;
    like.expression.type = kTimestamp;
    like.text = "the argument of date_trunc";
    SEXTANT_ASSIGN_OR_RETURN(value, TypedLike(context, std::move(value), like));
  }
  if (!value.Is(TypeKind::kTimestamp) && !value.Is(TypeKind::kDate)) {
    return context.Refuse(
        value, absl::StrCat("date_trunc() of ", value.text, ", which is ", TypeName(value.type()),
                            "; allowed: timestamps and dates"));
  }
  SEXTANT_ASSIGN_OR_RETURN(value, Promoted(context, std::move(value), kTimestamp));
  TypedExpression result;
  result.text = at.text;
  result.position = at.position;
  BoundExpression node;
  node.op = ExpressionOp::kDateTrunc;
  node.type = kTimestamp;
  node.field = date_field;
  node.time_zone = context.zone;
  node.arguments.push_back(std::move(value.expression));
  SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(context, std::move(node), at));
  return result;
}

}  // namespace sextant
