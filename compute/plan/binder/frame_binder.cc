#include "compute/plan/binder/frame_binder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/calendar.h"
#include "compute/plan/civil_arithmetic.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/relative_time.h"

namespace sextant {
namespace {

constexpr size_t kMaxShownBytes = 64;
constexpr char kOffset[] = "compare_to.offset";
constexpr int kMonthsOfYear = 12;
constexpr int kDaysOf52Weeks = 364;

TimeFrame FrameOf(const BoundQuery& query) {
  TimeFrame frame;
  frame.time_zone = query.time_zone;
  frame.week_start = query.week_start;
  frame.exclude_partial = query.exclude_partial;
  frame.max_intervals = static_cast<size_t>(query.limits.max_intervals);
  return frame;
}

/// How long the range before is, in its largest unit.
IntervalValue LengthOf(InstantRange range, const absl::TimeZone& zone) {
  const std::optional<absl::CivilDay> first = DayThatBegins(range.from_us, zone);
  const std::optional<absl::CivilDay> after = DayThatBegins(range.to_us, zone);
  if (!first || !after) return {0, 0, range.to_us - range.from_us};
  if (first->day() == 1 && after->day() == 1) {
    return {static_cast<int32_t>(absl::CivilMonth(*after) - absl::CivilMonth(*first)), 0, 0};
  }
  return {0, static_cast<int32_t>(*after - *first), 0};
}

absl::Status OutOfTime() {
  return FieldError(kOffset,
                    "the range to compare with begins before 4714 BC, the first year that "
                    "is allowed");
}

absl::StatusOr<InstantRange> RangeBefore(InstantRange range, const IntervalValue& length,
                                         const absl::TimeZone& zone) {
  const std::optional<int64_t> from_us = InstantBeforeUs(range.from_us, length, zone);
  const std::optional<int64_t> to_us = InstantBeforeUs(range.to_us, length, zone);
  if (!from_us || !to_us) return OutOfTime();
  if (*from_us >= *to_us) {
    return FieldError(kOffset,
                      "the range that long before is empty: its ends are on the last day of a "
                      "short month, or on a day that the zone skipped; allowed: another offset, "
                      "or a longer range");
  }
  return InstantRange{*from_us, *to_us};
}

/// Periods are compared one by one: a part of one, or more of them on one side, would put each
/// beside another.
absl::Status CheckPeriodsLongAgo(const BoundQuery& query, InstantRange range,
                                 InstantRange earlier) {
  const auto text = [&](InstantRange span) {
    return absl::StrCat(FormatInstant(span.from_us, query.time_zone), " to ",
                        FormatInstant(span.to_us, query.time_zone));
  };
  for (const TimeSeries& series : query.series) {
    if (series.calendar == nullptr) continue;
    const PeriodCalendar& calendar = *series.calendar;
    for (const InstantRange& span : {earlier, range}) {
      if (WholePeriodsOf(calendar, span)) continue;
      return FieldError(
          kOffset,
          absl::StrCat("the range ", text(span), " is not of whole periods of calendar '",
                       calendar.name, "'; allowed: previous, or ranges between borders of it"));
    }
    const size_t count = WholePeriodsOf(calendar, range)->count;
    const size_t count_earlier = WholePeriodsOf(calendar, earlier)->count;
    if (count == count_earlier) continue;
    return FieldError(
        kOffset, absl::StrCat("the range is of ", count, " periods of calendar '", calendar.name,
                              "', that so long ago, ", text(earlier), ", of ", count_earlier,
                              "; allowed: previous, or an offset that leads to as many"));
  }
  return absl::OkStatus();
}

/// Of whole periods `previous` means as many before them: fewer, or a range as long as they are,
/// would put each beside another one.
absl::Status CheckPeriodsBefore(const BoundQuery& query, InstantRange range, InstantRange before) {
  const auto text = [&](int64_t instant_us) { return FormatInstant(instant_us, query.time_zone); };
  for (const TimeSeries& series : query.series) {
    if (series.calendar == nullptr) continue;
    const PeriodCalendar& calendar = *series.calendar;
    const std::optional<WholePeriods> whole = WholePeriodsOf(calendar, range);
    if (whole && whole->count > whole->count_before) {
      return FieldError(
          kOffset,
          absl::StrCat("found 'previous' of ", whole->count, " periods of calendar '",
                       calendar.name, "', which asks for as many before time_range.from, ",
                       text(range.from_us), "; the calendar has ", whole->count_before,
                       " there; allowed: a time range with no more periods than are before it"));
    }
    const std::vector<int64_t>& borders_us = calendar.borders_us;
    if (whole || (before.from_us >= borders_us.front() && before.to_us <= borders_us.back())) {
      continue;
    }
    return FieldError(
        kOffset,
        absl::StrCat("found 'previous' of a time range that cuts periods of calendar '",
                     calendar.name, "'; the range before that is as long, ", text(before.from_us),
                     " to ", text(before.to_us), ", is not within the calendar; allowed: from ",
                     text(borders_us.front()), " to ", text(borders_us.back())));
  }
  return absl::OkStatus();
}

std::string Shown(const std::string& text) {
  return absl::StrCat("'", text.substr(0, kMaxShownBytes), "'");
}

/// A length of time that is not nothing.
std::optional<IntervalValue> ReadSomePeriod(const std::string& text) {
  const std::optional<IntervalValue> period = ReadPeriod(absl::AsciiStrToLower(text));
  if (!period || period->months + period->days + period->microseconds == 0) return std::nullopt;
  return period;
}

constexpr CalendarUnit kUnitsToDate[] = {CalendarUnit::kDay, CalendarUnit::kWeek,
                                         CalendarUnit::kMonth, CalendarUnit::kQuarter,
                                         CalendarUnit::kYear};

}  // namespace

absl::StatusOr<std::shared_ptr<const TimeFrame>> BindComparison(const PeriodComparison& comparison,
                                                                const BoundQuery& query) {
  if (!query.from_us || !query.to_us) {
    return FieldError("compare_to",
                      "the time range is open, so that no other one is as long; allowed: "
                      "time_range.from and time_range.to");
  }
  const InstantRange range = {*query.from_us, *query.to_us};
  TimeFrame frame = FrameOf(query);
  TimeFrame::Shift& shift = frame.shift.emplace();
  shift.of = range;
  if (absl::AsciiStrToLower(comparison.offset) == "previous") {
    const std::optional<int64_t> from_us =
        InstantBeforeUs(range.from_us, LengthOf(range, query.time_zone), query.time_zone);
    if (!from_us) return OutOfTime();
    shift.range = shift.of_weeks = {*from_us, range.from_us};
    shift.is_previous = true;
    SEXTANT_RETURN_IF_ERROR(CheckPeriodsBefore(query, range, shift.range));
    for (const TimeSeries& series : query.series) {
      if (series.calendar == nullptr || shift.of_periods) continue;
      shift.of_periods = PeriodsBefore(*series.calendar, range);
    }
    return std::make_shared<const TimeFrame>(std::move(frame));
  }
  const std::optional<IntervalValue> offset = ReadSomePeriod(comparison.offset);
  if (!offset) {
    return FieldError(kOffset, absl::StrCat("found ", Shown(comparison.offset),
                                            "; allowed: previous, or how long ago, as 1y, 3mo, 2w, "
                                            "30d, 12h or 15min"));
  }
  SEXTANT_ASSIGN_OR_RETURN(shift.range, RangeBefore(range, *offset, query.time_zone));
  shift.of_weeks = shift.range;
  if (offset->months != 0 && offset->months % kMonthsOfYear == 0) {
    const IntervalValue weeks = {0, offset->months / kMonthsOfYear * kDaysOf52Weeks, 0};
    SEXTANT_ASSIGN_OR_RETURN(shift.of_weeks, RangeBefore(range, weeks, query.time_zone));
  }
  SEXTANT_RETURN_IF_ERROR(CheckPeriodsLongAgo(query, range, shift.range));
  return std::make_shared<const TimeFrame>(std::move(frame));
}

absl::StatusOr<std::shared_ptr<const TimeFrame>> BindWindow(
    const Metric::Cumulative& cumulative, const std::string& path,
    const std::shared_ptr<const TimeFrame>& within, const BoundQuery& query) {
  const std::string field = absl::StrCat(path, ".cumulative");
  TimeFrame frame = within == nullptr ? FrameOf(query) : *within;
  if (frame.window != TimeFrame::Window::kNone) {
    return FieldError(field, "found windows within windows; allowed: of metrics without them");
  }
  if (cumulative.window.empty() == cumulative.to_date.empty()) {
    return FieldError(field, "allowed: one of `window` and `to_date`");
  }
  if (!cumulative.window.empty()) {
    const std::optional<IntervalValue> length = ReadSomePeriod(cumulative.window);
    if (!length) {
      return FieldError(absl::StrCat(field, ".window"),
                        absl::StrCat("found ", Shown(cumulative.window),
                                     "; allowed: a length of time, as 28d, 4w, 3mo, 1y, 12h or "
                                     "15min"));
    }
    frame.window = TimeFrame::Window::kTrailing;
    frame.length = *length;
    return std::make_shared<const TimeFrame>(std::move(frame));
  }
  const auto* const unit =
      std::find_if(std::begin(kUnitsToDate), std::end(kUnitsToDate),
                   [&](CalendarUnit one) { return cumulative.to_date == UnitName(one); });
  if (unit == std::end(kUnitsToDate)) {
    return FieldError(
        absl::StrCat(field, ".to_date"),
        absl::StrCat("found ", Shown(cumulative.to_date),
                     "; allowed: day, week, month, quarter, year; periods of a calendar "
                     "are intervals of a series only"));
  }
  frame.window = TimeFrame::Window::kToDate;
  frame.unit = *unit;
  return std::make_shared<const TimeFrame>(std::move(frame));
}

absl::Status ApplyFrame(const std::shared_ptr<const TimeFrame>& frame, const Metric& metric,
                        const std::string& path, BoundPin& pin) {
  if (frame == nullptr) return absl::OkStatus();
  const bool has_window = frame->window != TimeFrame::Window::kNone;
  const bool is_state = pin.kind == TimePin::Kind::kAsOfEnd && has_window;
  if (pin.kind != TimePin::Kind::kNone && !is_state) {
    pin.frame = frame;
    return absl::OkStatus();
  }
  ErrorDetail detail;
  detail.field = path;
  detail.reason = is_state ? "WINDOW_OF_STATE" : "FRAME_WITHOUT_TIME";
  detail.metadata = {{"metric", metric.name}};
  return WithDetail(
      absl::FailedPreconditionError(absl::StrCat(
          path, ": metric '", metric.name,
          is_state ? "' is the state at the end of each interval (`as_of_end`), which is that of "
                     "its window; allowed in `cumulative`: metrics with `at` or `during`"
                   : "' has no time column, so that no other time has another value; allowed: "
                     "metrics with `at`, `during` or `as_of_end`")),
      detail);
}

}  // namespace sextant
