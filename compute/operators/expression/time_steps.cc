#include <algorithm>
#include <memory>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/operators/expression/decimal_number.h"
#include "compute/operators/expression/local_clock.h"
#include "compute/plan/calendar.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

bool IsNamed(int64_t instant_us) {
  return (instant_us >= kMinInstantUs) & (instant_us <= kMaxInstantUs);
}

/// Writes `second` as microseconds plus `micros`; returns 1 when no timestamp is there.
uint8_t ToInstant(int64_t second, int64_t micros, int64_t* instant_us) {
  int64_t whole = 0;
  const bool is_far = __builtin_mul_overflow(second, kMicrosPerSecond, &whole);
  const bool overflows = __builtin_add_overflow(whole, micros, instant_us);
  return static_cast<uint8_t>(is_far | overflows | !IsNamed(*instant_us));
}

/// A year counted in units of `length` as PostgreSQL does: without a year 0, so that the first of
/// century 1 is year 1, and the last of century -1 is 1 BC.
int64_t UnitOfYear(int64_t year, int64_t length) {
  return year > 0 ? (year + length - 1) / length : -((length - 1 - (year - 1)) / length);
}
int64_t FirstYearOfUnit(int64_t year, int64_t length) {
  return year > 0 ? UnitOfYear(year, length) * length - (length - 1)
                  : UnitOfYear(year, length) * length + 1;
}
int64_t DecadeOfYear(int64_t year) { return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10); }
/// PostgreSQL writes 1 BC as -1.
int64_t ShownYear(int64_t year) { return year > 0 ? year : year - 1; }

/// 1 Monday .. 7 Sunday.
int64_t IsoWeekday(int64_t day) { return day + 3 - FloorDivide(day + 3, 7) * 7 + 1; }
/// The Thursday of the day's week, whose year is the week's.
int64_t ThursdayOf(int64_t day) { return day - IsoWeekday(day) + 4; }

int64_t FieldOfDay(DateField field, int64_t day) {
  const CivilDate date = CivilOfDay(day);
  switch (field) {
    case DateField::kDay:
      return date.day;
    case DateField::kWeek: {
      const int64_t thursday = ThursdayOf(day);
      return (thursday - DayOfCivil({CivilOfDay(thursday).year, 1, 1})) / 7 + 1;
    }
    case DateField::kMonth:
      return date.month;
    case DateField::kQuarter:
      return (date.month - 1) / 3 + 1;
    case DateField::kYear:
      return ShownYear(date.year);
    case DateField::kDecade:
      return DecadeOfYear(date.year);
    case DateField::kCentury:
      return UnitOfYear(date.year, 100);
    case DateField::kMillennium:
      return UnitOfYear(date.year, 1000);
    case DateField::kDow:
      return IsoWeekday(day) % 7;
    case DateField::kIsoDow:
      return IsoWeekday(day);
    case DateField::kDoy:
      return day - DayOfCivil({date.year, 1, 1}) + 1;
    case DateField::kIsoYear:
      return ShownYear(CivilOfDay(ThursdayOf(day)).year);
    default:
      return 0;
  }
}

/// A field of the time of day, in the unit that ScaleOfField says.
int64_t FieldOfTime(DateField field, int64_t time_us) {
  switch (field) {
    case DateField::kMicroseconds:
    case DateField::kMilliseconds:
    case DateField::kSecond:
      return time_us % (60 * kMicrosPerSecond);
    case DateField::kMinute:
      return time_us / (60 * kMicrosPerSecond) % 60;
    default:
      return time_us / (3600 * kMicrosPerSecond);
  }
}

bool IsOfTime(DateField field) { return field <= DateField::kHour; }

/// Digits after the point of what the functions above return.
int ScaleOfField(DateField field) {
  if (field == DateField::kSecond || field == DateField::kEpoch) return 6;
  return field == DateField::kMilliseconds ? 3 : 0;
}

struct ExtractOfTimestamp {
  std::shared_ptr<const LocalClock> clock;
  DateField field;
  uint8_t operator()(int64_t instant_us, int64_t* result) const {
    if (field == DateField::kEpoch) {
      *result = instant_us;
      return 0;
    }
    const int64_t second = FloorDivide(instant_us, kMicrosPerSecond);
    const int64_t micros = instant_us - second * kMicrosPerSecond;
    const int64_t local = clock->LocalOf(second);
    const int64_t day = FloorDivide(local, kSecondsPerDay);
    *result = IsOfTime(field)
                  ? FieldOfTime(field, (local - day * kSecondsPerDay) * kMicrosPerSecond + micros)
                  : FieldOfDay(field, day);
    return 0;
  }
};

/// A day has no time; its epoch is that of its midnight in UTC, as in PostgreSQL.
struct ExtractOfDate {
  DateField field;
  uint8_t operator()(int64_t value, int64_t* result) const {
    const int64_t day = std::clamp(value, kMinDay, kMaxDay);  // beyond: a slot without a value
    if (field == DateField::kEpoch) {
      return __builtin_mul_overflow(day, kMicrosPerDay, result) ? 1 : 0;
    }
    *result = IsOfTime(field) ? 0 : FieldOfDay(field, day);
    return 0;
  }
};

/// As PostgreSQL shows a difference of timestamps: days of 24 hours, and the time left, both with
/// the sign of the whole.
struct ExtractOfDuration {
  DateField field;
  uint8_t operator()(int64_t duration_us, int64_t* result) const {
    if (field == DateField::kEpoch) {
      *result = duration_us;
    } else if (IsOfTime(field)) {
      *result = FieldOfTime(field, duration_us % kMicrosPerDay);
    } else if (field == DateField::kDay) {
      *result = duration_us / kMicrosPerDay;
    } else {
      *result = field == DateField::kQuarter ? 1 : 0;  // of no months
    }
    return 0;
  }
};

/// To the scale of the result's type.
struct Scale {
  int64_t factor;
  int64_t limit;
  uint8_t operator()(int64_t value, int64_t* result) const {
    const bool overflows = __builtin_mul_overflow(value, factor, result);
    return static_cast<uint8_t>(overflows | (*result >= limit) | (*result <= -limit));
  }
};
struct ScaleWide {
  int128_t factor;
  uint8_t operator()(int64_t value, Wide* result) const {
    *result = StoreInt128(value * factor);
    return 0;
  }
};

/// Midnight-based units: the first local second of the unit that holds `day`.
int64_t FirstDayOfUnit(DateField unit, int64_t day) {
  const CivilDate date = CivilOfDay(day);
  switch (unit) {
    case DateField::kDay:
      return day;
    case DateField::kWeek:
      return day - IsoWeekday(day) + 1;
    case DateField::kMonth:
      return DayOfCivil({date.year, date.month, 1});
    case DateField::kQuarter:
      return DayOfCivil({date.year, (date.month - 1) / 3 * 3 + 1, 1});
    case DateField::kYear:
      return DayOfCivil({date.year, 1, 1});
    case DateField::kDecade:
      return DayOfCivil({DecadeOfYear(date.year) * 10, 1, 1});
    case DateField::kCentury:
      return DayOfCivil({FirstYearOfUnit(date.year, 100), 1, 1});
    case DateField::kMillennium:
      return DayOfCivil({FirstYearOfUnit(date.year, 1000), 1, 1});
    default:
      SEXTANT_CHECK(false) << "date_trunc knows no such unit";
      return day;
  }
}

int64_t SecondsOfUnit(DateField unit) {
  return unit == DateField::kHour ? 3600 : unit == DateField::kMinute ? 60 : 1;
}

struct CutAtFraction {
  int64_t unit_us;
  uint8_t operator()(int64_t instant_us, int64_t* result) const {
    *result = FloorDivide(instant_us, unit_us) * unit_us;
    return 0;
  }
};

/// Units below a day keep the offset of the instant from UTC, so that a repeated hour is two.
struct CutAtTime {
  std::shared_ptr<const LocalClock> clock;
  int64_t unit_seconds;
  uint8_t operator()(int64_t instant_us, int64_t* result) const {
    const int64_t second = FloorDivide(instant_us, kMicrosPerSecond);
    const int64_t offset = clock->OffsetAt(second);
    const int64_t local = FloorDivide(second + offset, unit_seconds) * unit_seconds;
    return ToInstant(local - offset, 0, result);
  }
};

struct CutAtDay {
  std::shared_ptr<const LocalClock> clock;
  DateField unit;
  uint8_t operator()(int64_t instant_us, int64_t* result) const {
    const int64_t local = clock->LocalOf(FloorDivide(instant_us, kMicrosPerSecond));
    const int64_t day = FirstDayOfUnit(unit, FloorDivide(local, kSecondsPerDay));
    return ToInstant(clock->PostgresInstant(day * kSecondsPerDay), 0, result);
  }
};

/// timestamptz + interval, as PostgreSQL does it: months, then days, both on the local clock and
/// resolved one after the other, then the time that has passed.
class AddIntervalStep final : public ExpressionStep {
 public:
  AddIntervalStep(const absl::TimeZone& zone, ExpressionSteps arguments)
      : clock_(LocalClock::Of(zone)), arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    arguments_[0]->Evaluate(chunk, rows, values);
    const Lease<ValueVector> intervals;
    arguments_[1]->Evaluate(chunk, rows, *intervals);
    int64_t* instants = values.As<int64_t>();
    for (size_t k = 0; k < rows.size(); ++k) {
      const uint8_t both = values.valid[k] & intervals->valid[k];
      const bool fits = both == 0 || Add(IntervalOfWide(intervals->As<Wide>()[k]), &instants[k]);
      values.valid[k] = both & static_cast<uint8_t>(fits);
      values.failed[k] |= static_cast<uint8_t>(intervals->failed[k] | !fits);
    }
  }
  int cost() const override { return 60 + arguments_[0]->cost() + arguments_[1]->cost(); }

 private:
  /// Moves the local day of `instant_us` by `move`; the local time stays.
  template <typename Move>
  bool MoveDay(Move move, int64_t* instant_us) const {
    const int64_t second = FloorDivide(*instant_us, kMicrosPerSecond);
    const int64_t micros = *instant_us - second * kMicrosPerSecond;
    const int64_t local = clock_->LocalOf(second);
    const int64_t day = FloorDivide(local, kSecondsPerDay);
    const int64_t moved = move(day);
    if (moved < kMinDay || moved > kMaxDay) return false;
    const int64_t at = clock_->PostgresInstant(local + (moved - day) * kSecondsPerDay);
    return ToInstant(at, micros, instant_us) == 0;
  }

  bool Add(const IntervalValue& interval, int64_t* instant_us) const {
    const auto add_months = [&](int64_t day) {
      CivilDate date = CivilOfDay(day);
      const int64_t month = date.year * 12 + (date.month - 1) + interval.months;
      date.year = FloorDivide(month, 12);
      date.month = static_cast<int32_t>(month - date.year * 12) + 1;
      date.day = std::min(date.day, DaysOfMonth(date.year, date.month));
      return DayOfCivil(date);
    };
    if (interval.months != 0 && !MoveDay(add_months, instant_us)) return false;
    const auto add_days = [&](int64_t day) { return day + interval.days; };
    if (interval.days != 0 && !MoveDay(add_days, instant_us)) return false;
    return !__builtin_add_overflow(*instant_us, interval.microseconds, instant_us) &&
           IsNamed(*instant_us);
  }

  const std::shared_ptr<const LocalClock> clock_;
  const ExpressionSteps arguments_;
};

struct NegateInterval {
  uint8_t operator()(Wide value, Wide* result) const {
    const IntervalValue interval = IntervalOfWide(value);
    IntervalValue negated;
    const int overflows =
        int{__builtin_sub_overflow(0, interval.months, &negated.months)} |
        int{__builtin_sub_overflow(0, interval.days, &negated.days)} |
        int{__builtin_sub_overflow(int64_t{0}, interval.microseconds, &negated.microseconds)};
    *result = WideOfInterval(negated);
    return static_cast<uint8_t>(overflows);
  }
};

}  // namespace

ExpressionStepPtr MakeExtractStep(const BoundExpression& expression, ExpressionStepPtr argument) {
  const DateField field = expression.field;
  ExpressionStepPtr step;
  switch (expression.arguments[0].type.kind) {
    case TypeKind::kDate:
      step = MakeConvert<int64_t, int64_t>(ExtractOfDate{field}, std::move(argument));
      break;
    case TypeKind::kDuration:
      step = MakeConvert<int64_t, int64_t>(ExtractOfDuration{field}, std::move(argument));
      break;
    default:
      step = MakeConvert<int64_t, int64_t>(
          ExtractOfTimestamp{LocalClock::Of(expression.time_zone), field}, std::move(argument));
  }
  const int digits = expression.type.scale - ScaleOfField(field);
  SEXTANT_CHECK(digits >= 0 && digits <= 18) << "extract() of another scale";
  const int128_t factor = PowerOfTen(digits);
  if (SlotFormOf(expression.type) == SlotForm::kWide) {
    return MakeConvert<int64_t, Wide>(ScaleWide{factor}, std::move(step));
  }
  return MakeConvert<int64_t, int64_t>(
      Scale{static_cast<int64_t>(factor),
            static_cast<int64_t>(PowerOfTen(expression.type.precision))},
      std::move(step));
}

ExpressionStepPtr MakeDateTruncStep(const BoundExpression& expression, ExpressionStepPtr argument) {
  const DateField unit = expression.field;
  if (unit <= DateField::kSecond) {
    const int64_t unit_us = unit == DateField::kMicroseconds   ? 1
                            : unit == DateField::kMilliseconds ? 1000
                                                               : kMicrosPerSecond;
    return MakeConvert<int64_t, int64_t>(CutAtFraction{unit_us}, std::move(argument));
  }
  auto clock = LocalClock::Of(expression.time_zone);
  if (unit <= DateField::kHour) {
    return MakeConvert<int64_t, int64_t>(CutAtTime{std::move(clock), SecondsOfUnit(unit)},
                                         std::move(argument));
  }
  return MakeConvert<int64_t, int64_t>(CutAtDay{std::move(clock), unit}, std::move(argument));
}

ExpressionStepPtr MakeAddIntervalStep(const BoundExpression& expression,
                                      ExpressionSteps arguments) {
  return std::make_unique<AddIntervalStep>(expression.time_zone, std::move(arguments));
}

ExpressionStepPtr MakeNegateIntervalStep(ExpressionStepPtr argument) {
  return MakeConvert<Wide, Wide>(NegateInterval{}, std::move(argument));
}

}  // namespace sextant
