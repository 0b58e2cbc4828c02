#include "compute/plan/series_text.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr size_t kMaxTextBytes = 64;
constexpr CalendarUnit kUnits[] = {
    CalendarUnit::kAll,  CalendarUnit::kMinute, CalendarUnit::kHour,    CalendarUnit::kDay,
    CalendarUnit::kWeek, CalendarUnit::kMonth,  CalendarUnit::kQuarter, CalendarUnit::kYear};

bool ReadSeries(const std::vector<std::string>& words, TimeSeries& series) {
  size_t next = 0;
  if (next < words.size() && words[next] == "rolling") {
    series.is_rolling = true;
    ++next;
  }
  const bool is_counted = next + 1 < words.size();
  if (is_counted && (!absl::SimpleAtoi(words[next++], &series.count) || series.count < 1)) {
    return false;
  }
  if (next + 1 != words.size()) return false;
  const auto* const unit =
      std::find_if(std::begin(kUnits), std::end(kUnits),
                   [&](CalendarUnit one) { return words[next] == UnitName(one); });
  if (unit == std::end(kUnits)) return false;
  series.unit = *unit;
  return series.unit != CalendarUnit::kAll || (!is_counted && !series.is_rolling);
}

/// The calendar that the last of several words names; null: none.
const std::string* CalendarAtEnd(const std::string& text,
                                 const std::vector<std::string>& calendars) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipWhitespace());
  if (words.size() < 2) return nullptr;
  const auto found = std::find(calendars.begin(), calendars.end(), words.back());
  return found == calendars.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<TimeSeries> ParseSeries(std::string_view text, const std::string& field,
                                       const std::vector<std::string>& calendars) {
  const std::string shown(text.substr(0, kMaxTextBytes));
  const std::vector<std::string> words =
      absl::StrSplit(absl::AsciiStrToLower(shown), ' ', absl::SkipWhitespace());
  TimeSeries series;
  if (text.size() <= kMaxTextBytes && ReadSeries(words, series)) return series;
  if (const std::string* const calendar = CalendarAtEnd(shown, calendars)) {
    return FieldError(field, absl::StrCat("found '", shown, "'; '", *calendar,
                                          "' is a calendar, which takes no number and is not "
                                          "rolling; allowed: its name alone"));
  }
  std::vector<std::string> units;
  for (const CalendarUnit unit : kUnits) units.emplace_back(UnitName(unit));
  const std::string unit = words.empty() ? "" : words.back();
  units.insert(units.end(), calendars.begin(), calendars.end());
  const bool is_unit = std::find(units.begin(), units.end(), unit) != units.end();
  return FieldError(
      field,
      absl::StrCat("found '", shown,
                   "'; allowed: all, minute, hour, day, week, month, quarter, year, several of a "
                   "unit ('2 week'), and such intervals from the start of the time range on "
                   "('rolling 7 day')",
                   calendars.empty() ? "" : ", and the calendars of the catalogue",
                   is_unit ? "" : DidYouMean(unit, units)),
      -1, is_unit ? std::vector<std::string>() : NearestNames(unit, units));
}

}  // namespace sextant
