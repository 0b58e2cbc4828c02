#include "compute/plan/relative_time.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "compute/column/data_type.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"
#include "compute/plan/civil_arithmetic.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr char kAllowed[] =
    "now, today, yesterday, this_ or last_ with day, week, month, quarter or year, a time back "
    "from now of at most 6 digits (-15min, -12h, -30d, -2w, -3mo, -1y), 'YYYY-MM-DD', 'YYYY-MM-DD "
    "HH:MM[:SS]', and "
    "RFC 3339 such as '2024-01-31T10:00:00Z'";
constexpr size_t kMaxDigits = 6;
constexpr size_t kMaxShownBytes = 64;
constexpr int64_t kMinuteUs = int64_t{60} * 1'000'000;

constexpr CalendarUnit kNamedUnits[] = {CalendarUnit::kDay, CalendarUnit::kWeek,
                                        CalendarUnit::kMonth, CalendarUnit::kQuarter,
                                        CalendarUnit::kYear};

std::string NameOf(CalendarUnit unit, bool is_last) {
  return absl::StrCat(is_last ? "last_" : "this_", ToAbsl(UnitName(unit)));
}

/// "today", "last_month".
std::optional<int64_t> ReadName(std::string_view name, const RangeClock& clock) {
  if (name == "now") return clock.as_of_us;
  if (name == "today") name = "this_day";
  if (name == "yesterday") name = "last_day";
  const absl::CivilDay today(clock.time_zone.At(absl::FromUnixMicros(clock.as_of_us)).cs);
  for (const CalendarUnit unit : kNamedUnits) {
    for (const bool is_last : {false, true}) {
      if (name != NameOf(unit, is_last)) continue;
      absl::CivilDay day = StartOfUnit(unit, today, clock.week_start);
      if (is_last) day = StartOfUnit(unit, day - 1, clock.week_start);
      return FirstInstantUs(absl::CivilSecond(day), clock.time_zone);
    }
  }
  return std::nullopt;
}

/// The interval of "-30d", negative.
std::optional<IntervalValue> ReadLength(std::string_view text) {
  if (!text.starts_with('-')) return std::nullopt;
  const std::optional<IntervalValue> length = ReadPeriod(text.substr(1));
  if (!length) return std::nullopt;
  return IntervalValue{-length->months, -length->days, -length->microseconds};
}

/// What a relative text may have meant, nearest first.
std::vector<std::string> Nearest(std::string_view text) {
  std::vector<std::string> names;
  if (text.starts_with('-')) {
    const std::string_view digits =
        text.substr(0, std::min(text.find_first_not_of("0123456789", 1), text.size()));
    if (digits.size() - 1 > kMaxDigits) return {};  // another unit does not mend it
    for (const char* unit : {"min", "h", "d", "w", "mo", "y"}) {
      names.push_back(absl::StrCat(ToAbsl(digits), unit));
    }
    std::vector<std::string> longer;
    std::copy_if(names.begin(), names.end(), std::back_inserter(longer),
                 [&](const std::string& name) { return name.starts_with(text) && name != text; });
    return longer.empty() ? NearestNames(text, names) : longer;
  }
  names = {"now", "today", "yesterday"};
  for (const CalendarUnit unit : kNamedUnits) {
    for (const bool is_last : {false, true}) names.push_back(NameOf(unit, is_last));
  }
  return NearestNames(text, names);
}

absl::Status Refuse(std::string_view text, const std::string& field) {
  std::vector<std::string> nearest = Nearest(text);
  std::string hint;
  for (const std::string& name : nearest) {
    absl::StrAppend(&hint, hint.empty() ? "; did you mean '" : "', '", name);
  }
  if (!hint.empty()) hint += "'?";
  const std::string shown(text.substr(0, kMaxShownBytes));
  return FieldError(field,
                    absl::StrCat("'", shown, "' is not a date or time; allowed: ", kAllowed, hint),
                    -1, std::move(nearest));
}

}  // namespace

std::optional<IntervalValue> ReadPeriod(std::string_view text) {
  const size_t num_digits = std::min(text.find_first_not_of("0123456789"), text.size());
  int32_t count = 0;
  if (num_digits > kMaxDigits || !absl::SimpleAtoi(ToAbsl(text.substr(0, num_digits)), &count)) {
    return std::nullopt;
  }
  const std::string_view unit = text.substr(num_digits);
  if (unit == "min") return IntervalValue{0, 0, count * kMinuteUs};
  if (unit == "h") return IntervalValue{0, 0, count * 60 * kMinuteUs};
  if (unit == "d") return IntervalValue{0, count, 0};
  if (unit == "w") return IntervalValue{0, count * 7, 0};
  if (unit == "mo") return IntervalValue{count, 0, 0};
  if (unit == "y") return IntervalValue{count * 12, 0, 0};
  return std::nullopt;
}

absl::StatusOr<int64_t> ParseRangeEndUs(std::string_view text, const RangeClock& clock,
                                        const std::string& field) {
  const std::string trimmed = absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(text)));
  const bool is_relative =
      !trimmed.empty() &&
      (trimmed[0] == '-' || absl::ascii_isalpha(static_cast<unsigned char>(trimmed[0])));
  if (!is_relative) {
    const absl::StatusOr<int64_t> instant_us = ParseRangeInstantUs(text, clock.time_zone);
    if (instant_us.ok()) return *instant_us;
    return FieldError(field,
                      absl::StrCat(std::string(instant_us.status().message()),
                                   "; or relative to now: today, this_month, last_week, -30d"));
  }
  if (const std::optional<int64_t> start_us = ReadName(trimmed, clock)) return *start_us;
  const std::optional<IntervalValue> length = ReadLength(trimmed);
  if (!length) return Refuse(trimmed, field);
  const std::optional<int64_t> instant_us = AddIntervalUs(clock.as_of_us, *length, clock.time_zone);
  if (instant_us) return *instant_us;
  return FieldError(field, absl::StrCat("'", trimmed,
                                        "' is outside of the years 4714 BC to 294246, which are "
                                        "allowed"));
}

}  // namespace sextant
