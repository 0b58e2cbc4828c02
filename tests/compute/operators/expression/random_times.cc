#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/compute/operators/expression/random_expression.h"

namespace sextant {

WrittenExpression RandomExpressions::Extract(int depth) {
  static const std::vector<std::pair<DateField, const char*>> kFields = {
      {DateField::kMicroseconds, "microseconds"},
      {DateField::kMilliseconds, "milliseconds"},
      {DateField::kSecond, "second"},
      {DateField::kMinute, "minute"},
      {DateField::kHour, "hour"},
      {DateField::kDay, "day"},
      {DateField::kMonth, "month"},
      {DateField::kQuarter, "quarter"},
      {DateField::kYear, "year"},
      {DateField::kDecade, "decade"},
      {DateField::kCentury, "century"},
      {DateField::kMillennium, "millennium"},
      {DateField::kEpoch, "epoch"},
      {DateField::kWeek, "week"},  // from here on, not of a duration
      {DateField::kDow, "dow"},
      {DateField::kDoy, "doy"},
      {DateField::kIsoDow, "isodow"},
      {DateField::kIsoYear, "isoyear"}};
  constexpr int kFirstOfDates = 5;
  constexpr int kNumOfDurations = 13;
  const int kind = Below(3);
  const int index = kind == 0 ? Below(static_cast<int>(kFields.size()))
                    : kind == 1
                        ? Below(kNumOfDurations)
                        : kFirstOfDates + Below(static_cast<int>(kFields.size()) - kFirstOfDates);
  const auto& [field, name] = kFields[static_cast<size_t>(index)];
  const int scale = field == DateField::kSecond || field == DateField::kEpoch ? 6
                    : field == DateField::kMilliseconds                       ? 3
                                                                              : 0;
  WrittenExpression argument = kind == 0   ? Instant(depth - 1)
                               : kind == 1 ? Duration(depth - 1)
                                           : Day(depth - 1);
  WrittenExpression extracted =
      Apply(ExpressionOp::kExtract, DataType::Decimal(38, scale),
            absl::StrCat("extract(", name, " from $0)"), {std::move(argument)});
  extracted.bound.field = field;
  extracted.digits = 20;
  return extracted;
}

WrittenExpression RandomExpressions::Day(int depth) {
  if (depth <= 0) return Column("dt");
  switch (Below(4)) {
    case 0: {
      const int64_t days = Below(2000) - 1000;
      return Apply(ExpressionOp::kAdd, kDateType, "$0 + $1",
                   {Day(depth - 1), {ConstantOf(kIntType, days), absl::StrCat("(", days, ")")}});
    }
    case 1:
    case 2:
      return Cast(kDateType, "date", Instant(depth - 1));
    default:
      return Choose(&RandomExpressions::Day, depth);
  }
}

WrittenExpression RandomExpressions::Shifted(int depth) {
  static const std::vector<IntervalValue> kIntervals = {
      {1, 0, 0},  {-1, 0, 0},   {12, 0, 0},
      {0, 1, 0},  {0, -1, 0},   {0, 0, 5400'000'000},
      {0, 0, -1}, {-13, 40, 1}, {1, -1, 3600'000'000},
      {0, 366, 0}};
  const IntervalValue& interval = OneOf(kIntervals);
  const std::string sql = absl::StrCat("interval '", interval.months, " months ", interval.days,
                                       " days ", interval.microseconds, " microseconds'");
  BoundExpression constant = ConstantOf(kIntervalType, WideOfInterval(interval));
  if (Below(3) == 0) {
    constant = ApplyOf(ExpressionOp::kNegate, kIntervalType, {std::move(constant)});
    return Apply(ExpressionOp::kAddInterval, kTimestampType, "$0 - $1",
                 {Instant(depth - 1), {std::move(constant), sql}});
  }
  return Apply(ExpressionOp::kAddInterval, kTimestampType, "$0 + $1",
               {Instant(depth - 1), {std::move(constant), sql}});
}

WrittenExpression RandomExpressions::Instant(int depth) {
  static const std::vector<std::pair<DateField, const char*>> kUnits = {
      {DateField::kMicroseconds, "microseconds"},
      {DateField::kMilliseconds, "milliseconds"},
      {DateField::kSecond, "second"},
      {DateField::kMinute, "minute"},
      {DateField::kHour, "hour"},
      {DateField::kDay, "day"},
      {DateField::kWeek, "week"},
      {DateField::kMonth, "month"},
      {DateField::kQuarter, "quarter"},
      {DateField::kYear, "year"},
      {DateField::kDecade, "decade"},
      {DateField::kCentury, "century"},
      {DateField::kMillennium, "millennium"}};
  if (depth <= 0) return Column(Below(2) == 0 ? "s1" : "s2");
  switch (Below(6)) {
    case 0:
    case 1: {
      const auto& [unit, name] = OneOf(kUnits);
      WrittenExpression cut =
          Apply(ExpressionOp::kDateTrunc, kTimestampType,
                absl::StrCat("date_trunc('", name, "', $0)"), {Instant(depth - 1)});
      cut.bound.field = unit;
      return cut;
    }
    case 2:
    case 3:
      return Shifted(depth);
    case 4:
      return Cast(kTimestampType, "timestamptz", Day(depth - 1));
    default:
      return Choose(&RandomExpressions::Instant, depth);
  }
}

WrittenExpression RandomExpressions::Duration(int depth) {
  return Apply(ExpressionOp::kSubtract, kDurationType, "$0 - $1",
               {Instant(depth - 1), Instant(depth - 1)});
}

}  // namespace sextant
