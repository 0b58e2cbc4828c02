#include "compute/plan/binder/time_binder.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/relative_time.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

absl::Status BindZone(const Query& query, BoundQuery& bound) {
  const absl::StatusOr<absl::TimeZone> zone = FindTimeZone(query.time_zone);
  if (!zone.ok()) return FieldError("time_zone", std::string(zone.status().message()));
  bound.time_zone = *zone;
  bound.time_zone_name = query.time_zone;
  return absl::OkStatus();
}

absl::Status BindWeekStart(const Query& query, BoundQuery& bound) {
  if (query.week_start < 1 || query.week_start > 7) {
    return FieldError("week_start", absl::StrCat("found day ", query.week_start,
                                                 "; allowed: 1 (Monday) to 7 (Sunday)"));
  }
  bound.week_start = query.week_start;
  return absl::OkStatus();
}

absl::Status BindRange(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  const RangeClock clock = {bound.time_zone, as_of_us, bound.week_start};
  if (!query.from.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(bound.from_us, ParseRangeEndUs(query.from, clock, "time_range.from"));
  }
  if (!query.to.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(bound.to_us, ParseRangeEndUs(query.to, clock, "time_range.to"));
  }
  if (!bound.from_us || !bound.to_us || *bound.from_us < *bound.to_us) return absl::OkStatus();
  return FieldError(
      "time_range",
      absl::StrCat("from (", query.from, ") must be before to (", query.to, ") in ",
                   query.time_zone, "; they are ", FormatInstant(*bound.from_us, bound.time_zone),
                   " and ", FormatInstant(*bound.to_us, bound.time_zone)));
}

absl::Status BindSeries(const Query& query, BoundQuery& bound) {
  bound.exclude_partial = query.exclude_partial;
  bound.series = query.series;
  if (bound.series.empty()) bound.series.push_back({});
  std::set<std::string> names;
  for (size_t i = 0; i < bound.series.size(); ++i) {
    const TimeSeries& series = bound.series[i];
    const auto field = [i] { return absl::StrCat("series[", i, "]"); };
    const absl::Status means_something = CheckSeries(series);
    if (!means_something.ok()) {
      return FieldError(field(), std::string(means_something.message()));
    }
    if (series.is_rolling && !bound.from_us) {
      return FieldError(field(), absl::StrCat("the series '", SeriesName(series),
                                              "' begins at time_range.from, which is not given; "
                                              "allowed: a rolling series with time_range.from"));
    }
    if (bound.series.size() > 1 && !names.insert(SeriesName(series)).second) {
      return FieldError(field(), absl::StrCat("the series '", SeriesName(series),
                                              "' is given twice; allowed: once"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BindTime(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  SEXTANT_RETURN_IF_ERROR(BindZone(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindWeekStart(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindRange(query, as_of_us, bound));
  return BindSeries(query, bound);
}

}  // namespace sextant
