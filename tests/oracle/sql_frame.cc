#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/frames.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

int64_t ToInteger(const std::optional<std::string>& text) {
  return static_cast<int64_t>(*ParseInt128(*text));
}

std::string Microseconds(const std::string& instant) {
  return absl::StrCat("trunc(extract(epoch FROM ", instant, ") * 1000000)");
}

std::string PeriodSql(const PeriodSpec& period) {
  return absl::StrCat("interval '", period.months, " months ", period.days, " days ",
                      period.microseconds, " microseconds'");
}

std::string BeforeSql(const std::string& instant, const PeriodSpec& period,
                      const std::string& zone) {
  if (period.microseconds != 0) return absl::StrCat(instant, " - ", PeriodSql(period));
  return absl::StrCat("oracle_before(", instant, ", ", PeriodSql(period), ", ", QuoteText(zone),
                      ")");
}

/// The range before [f, t), microseconds: by months, by days or by length.
std::string PreviousSql(const Interval& whole, const std::string& zone) {
  const auto is_midnight = [&](const char* at) {
    return absl::StrCat("oracle_first_instant(date_trunc('day', ", at, " AT TIME ZONE ", zone,
                        "), ", zone, ") = ", at);
  };
  return absl::StrCat(
      "SELECT CASE WHEN NOT (", is_midnight("f"), " AND ", is_midnight("t"), ") THEN ",
      whole.start_us - (whole.end_us - whole.start_us),
      " WHEN extract(day FROM fl) = 1 AND extract(day FROM tl) = 1 THEN ",
      Microseconds(
          absl::StrCat("oracle_before(f, make_interval(months => ((extract(year FROM tl) - "
                       "extract(year FROM fl)) * 12 + extract(month FROM tl) - "
                       "extract(month FROM fl))::int), ",
                       zone, ")")),
      " ELSE ",
      Microseconds(
          absl::StrCat("oracle_before(f, make_interval(days => tl::date - fl::date), ", zone, ")")),
      " END, ", whole.start_us, " FROM (SELECT *, f AT TIME ZONE ", zone, " AS fl, t AT TIME ZONE ",
      zone, " AS tl FROM (SELECT ", InstantSql(whole.start_us), " AS f, ", InstantSql(whole.end_us),
      " AS t) AS i) AS j");
}

Interval RangeOf(PostgresLink& postgres, const std::string& sql) {
  const auto rows = postgres.RunOrDie(sql);
  return {0, ToInteger(rows[0][0]), ToInteger(rows[0][1]), false};
}

Interval RangeBefore(PostgresLink& postgres, const Interval& whole, const PeriodSpec& period,
                     const std::string& zone) {
  const auto before = [&](int64_t instant_us) {
    return Microseconds(absl::StrCat("(", BeforeSql(InstantSql(instant_us), period, zone), ")"));
  };
  return RangeOf(postgres,
                 absl::StrCat("SELECT ", before(whole.start_us), ", ", before(whole.end_us)));
}

std::vector<Interval> IntervalsIn(PostgresLink& postgres, const RequestCase& request,
                                  const Interval& range) {
  std::vector<Interval> intervals;
  const std::string sql =
      IntervalsSql(request, InstantSql(range.start_us), InstantSql(range.end_us));
  for (const auto& row : postgres.RunOrDie(sql)) {
    intervals.push_back({static_cast<size_t>(std::atoi(row[0]->c_str())), ToInteger(row[1]),
                         ToInteger(row[2]), *row[3] == "t"});
  }
  return intervals;
}

/// Of each calendar whose periods make up the range, as many before it.
std::vector<Interval> PeriodsBefore(PostgresLink& postgres, const RequestCase& request,
                                    const Interval& whole) {
  std::vector<Interval> periods;
  for (size_t i = 0; i < request.series.size(); ++i) {
    if (request.series[i].unit != Unit::kPeriod) continue;
    std::vector<std::string> borders;
    for (const int64_t border_us : request.series[i].borders_us) {
      borders.push_back(absl::StrCat("(", InstantSql(border_us), ")"));
    }
    const std::string sql = absl::StrCat(
        "WITH b AS (SELECT s, lead(s) OVER (ORDER BY s) AS e, row_number() OVER (ORDER BY s) AS k ",
        "FROM (VALUES ", absl::StrJoin(borders, ", "), ") AS v(s)) SELECT ", Microseconds("b.s"),
        ", ", Microseconds("b.e"),
        " FROM b, b AS f, b AS t WHERE f.s = ", InstantSql(whole.start_us),
        " AND t.s = ", InstantSql(whole.end_us),
        " AND b.k < f.k AND b.k >= f.k - (t.k - f.k) ORDER BY b.s");
    for (const auto& row : postgres.RunOrDie(sql)) {
      periods.push_back({i, ToInteger(row[0]), ToInteger(row[1]), false});
    }
  }
  return periods;
}

std::string WindowStartSql(const RequestCase& request, const FrameSpec& frame) {
  if (frame.window == FrameSpec::Window::kTrailing)
    return BeforeSql("e", frame.length, request.zone);
  const std::string zone = QuoteText(request.zone);
  const std::string last = absl::StrCat(
      "((CASE WHEN s < e THEN e - interval '1 microsecond' ELSE s END) AT TIME ZONE ", zone, ")");
  std::string start = absl::StrCat("date_trunc('", UnitName(frame.unit), "', ", last, ")");
  if (frame.unit == Unit::kWeek) {
    const std::string days = absl::StrCat("make_interval(days => ", request.week_start - 1, ")");
    start = absl::StrCat("date_trunc('week', ", last, " - ", days, ") + ", days);
  }
  return absl::StrCat("oracle_first_instant(", start, ", ", zone, ")");
}

/// `interval` over its window.
void SetWindows(PostgresLink& postgres, const RequestCase& request, const FrameSpec& frame,
                const std::vector<Interval*>& intervals) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < intervals.size(); ++i) {
    rows.push_back(absl::StrCat("(", i, ", ", InstantSql(intervals[i]->start_us), ", ",
                                InstantSql(intervals[i]->end_us), ")"));
  }
  const std::string start = WindowStartSql(request, frame);
  const std::string sql =
      absl::StrCat("SELECT i, ", Microseconds(absl::StrCat("least(e, ", start, ")")),
                   " FROM (VALUES ", absl::StrJoin(rows, ", "), ") AS v(i, s, e)");
  for (const auto& row : postgres.RunOrDie(sql)) {
    intervals[static_cast<size_t>(ToInteger(row[0]))]->start_us = ToInteger(row[1]);
  }
}

}  // namespace

FramedIntervals SqlFrame(PostgresLink& postgres, const RequestCase& request, const FrameSpec& frame,
                         const AskedIntervals& asked) {
  FramedIntervals framed = {{asked.intervals.begin(), asked.intervals.end()}, asked.whole};
  if (frame.is_compared) {
    const CompareSpec& compare = *request.compare;
    const PeriodSpec& offset = compare.offset;
    framed.whole = compare.is_previous
                       ? RangeOf(postgres, PreviousSql(asked.whole, QuoteText(request.zone)))
                       : RangeBefore(postgres, asked.whole, offset, request.zone);
    Interval of_weeks = framed.whole;
    if (!compare.is_previous && offset.months != 0 && offset.months % 12 == 0) {
      of_weeks =
          RangeBefore(postgres, asked.whole, {.days = offset.months / 12 * 364}, request.zone);
    }
    const RequestCase all = WithPartialIntervals(request);
    const EarlierIntervals earlier = {
        IntervalsIn(postgres, all, framed.whole), IntervalsIn(postgres, all, of_weeks),
        compare.is_previous ? PeriodsBefore(postgres, request, asked.whole)
                            : std::vector<Interval>()};
    framed.intervals =
        Paired(request, asked.intervals, IntervalsIn(postgres, all, asked.whole), earlier);
    framed.whole = earlier.WholePeriods().value_or(framed.whole);
  }
  if (frame.window == FrameSpec::Window::kNone) return framed;
  std::vector<Interval*> all = {&framed.whole};
  for (std::optional<Interval>& interval : framed.intervals) {
    if (interval) all.push_back(&*interval);
  }
  SetWindows(postgres, request, frame, all);
  return framed;
}

}  // namespace sextant::oracle
