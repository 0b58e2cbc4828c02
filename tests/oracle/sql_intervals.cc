#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

/// A SELECT of the local borders (timestamp, column l) of a series from before `f` to after `t`,
/// which are local times (rule 13).
std::string LocalBordersSql(const SeriesSpec& series, int week_start) {
  const int n = series.count;
  switch (series.unit) {
    case Unit::kDay:
      return absl::StrCat(
          "SELECT timestamp '1970-01-01' + make_interval(days => (k * ", n,
          ")::int) AS l FROM b, generate_series(floor((f::date - date '1970-01-01')::numeric / ", n,
          ") - 1, floor((t::date - date '1970-01-01')::numeric / ", n, ") + 2) AS k");
    case Unit::kWeek: {
      // isodow of 2000-01-01 is 6.
      const std::string anchor = absl::StrCat(
          "(SELECT d::date FROM generate_series(date "
          "'2000-01-01', date '2000-01-07', '1 day') AS d "
          "WHERE extract(isodow FROM d) = ",
          week_start, ")");
      return absl::StrCat("SELECT ", anchor, "::timestamp + make_interval(days => (k * ", 7 * n,
                          ")::int) AS l FROM b, generate_series(floor((f::date - ", anchor,
                          ")::numeric / ", 7 * n, ") - 1, floor((t::date - ", anchor,
                          ")::numeric / ", 7 * n, ") + 2) AS k");
    }
    default: {
      const int months =
          n * (series.unit == Unit::kMonth ? 1 : (series.unit == Unit::kQuarter ? 3 : 12));
      // Months since year 0, counted from 2000-01, whose number is 24000.
      const auto number = [](const std::string& time) {
        return absl::StrCat("(extract(year FROM ", time, ") * 12 + extract(month FROM ", time,
                            ") - 1)");
      };
      return absl::StrCat("SELECT timestamp '2000-01-01' + make_interval(months => (k * ", months,
                          " - 24000)::int) AS l FROM b, generate_series(floor(", number("f"), " / ",
                          months, ") - 1, floor(", number("t"), " / ", months, ") + 2) AS k");
    }
  }
}

/// A SELECT of the instants (column s) at which the intervals of a series begin, from before the
/// range to after it.
std::string BordersSql(const RequestCase& request, const SeriesSpec& series) {
  if (series.unit == Unit::kPeriod) {
    std::vector<std::string> borders;
    for (const int64_t border_us : series.borders_us) {
      borders.push_back(absl::StrCat("(", InstantSql(border_us), ")"));
    }
    return absl::StrCat("SELECT s FROM (VALUES ", absl::StrJoin(borders, ", "), ") AS v(s)");
  }
  const std::string zone = QuoteText(request.zone);
  const bool is_fine = series.unit == Unit::kMinute || series.unit == Unit::kHour;
  const std::string step =
      absl::StrCat("interval '", series.count * (series.unit == Unit::kQuarter ? 3 : 1), " ",
                   series.unit == Unit::kQuarter ? "month" : UnitName(series.unit), "'");
  if (series.is_rolling && is_fine) {
    return absl::StrCat("SELECT s FROM r, generate_series(from_at, to_at + ", step, " * 2, ", step,
                        ") AS s");
  }
  if (series.is_rolling) {
    const std::string local = absl::StrCat("(from_at AT TIME ZONE ", zone, ")");
    return absl::StrCat(
        "SELECT from_at AS s FROM r UNION SELECT oracle_first_instant(", local, " + k * ", step,
        ", ", zone, ") FROM r, generate_series(1, 2 + ceil(extract(epoch FROM to_at - from_at) / ",
        "extract(epoch FROM ", step, " * 0.97))::int) AS k");
  }
  if (is_fine) {
    return absl::StrCat("SELECT DISTINCT s FROM b, generate_series(date_trunc('day', f), t + ",
                        "interval '2 days', ", step, ") AS l, oracle_instants(l, ", zone, ") AS s");
  }
  // A day that the zone skipped begins when the next one does: DISTINCT.
  return absl::StrCat("SELECT DISTINCT oracle_first_instant(l, ", zone, ") AS s FROM (",
                      LocalBordersSql(series, request.week_start), ") AS locals");
}

std::string EpochSql(const std::string& instant) {
  return absl::StrCat("trunc(extract(epoch FROM ", instant, ") * 1000000)");
}

}  // namespace

std::string InstantSql(int64_t instant_us) {
  return "timestamptz " + QuoteText(LocalText(instant_us) + "+00");
}

std::string InstantSql(const RangeEnd& end, const std::string& zone) {
  if (end.form == RangeEnd::Form::kInstant) return InstantSql(end.value);
  if (end.form == RangeEnd::Form::kRelative) return end.sql;
  if (end.form == RangeEnd::Form::kLocal) {
    return absl::StrCat("(timestamp ", QuoteText(LocalText(end.value)), " AT TIME ZONE ",
                        QuoteText(zone), ")");
  }
  return absl::StrCat("oracle_first_instant(timestamp ", QuoteText(DateText(end.value)), ", ",
                      QuoteText(zone), ")");
}

std::string IntervalsSql(const RequestCase& request, const std::string& from,
                         const std::string& to) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < request.series.size(); ++i) {
    const SeriesSpec& series = request.series[i];
    if (series.unit == Unit::kAll) {
      parts.push_back(absl::StrCat("SELECT ", i,
                                   " AS series, from_at AS s, to_at AS e, false AS "
                                   "is_partial FROM r"));
      continue;
    }
    parts.push_back(
        absl::StrCat("SELECT ", i,
                     ", greatest(s, from_at), least(e, to_at), s < from_at OR e > to_at FROM r, "
                     "(SELECT s, lead(s) OVER (ORDER BY s) AS e FROM (",
                     BordersSql(request, series),
                     ") AS borders) AS i WHERE greatest(s, from_at) < least(e, to_at) "
                     "AND e IS NOT NULL"));
  }
  const std::string zone = QuoteText(request.zone);
  return absl::StrCat("WITH r AS (SELECT ", from, " AS from_at, ", to, " AS to_at), b AS (SELECT ",
                      "(from_at AT TIME ZONE ", zone,
                      ") - interval '2 days' AS f, (to_at AT TIME ZONE ", zone,
                      ") + interval '2 days' AS t FROM r) SELECT series, ", EpochSql("s"), ", ",
                      EpochSql("e"), ", is_partial FROM (", absl::StrJoin(parts, " UNION ALL "),
                      ") AS all_series(series, s, e, is_partial)",
                      request.exclude_partial ? " WHERE NOT is_partial" : "", " ORDER BY 1, 2");
}

}  // namespace sextant::oracle
