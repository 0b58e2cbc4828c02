#include "storage/postgres/query_sql/interval_sql.h"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/time_frame.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/zone_sql.h"

namespace sextant {
namespace {

constexpr char kColumns[] = "(id, series, name, start_at, end_at";
constexpr char kDayColumns[] = ", start_day, end_day, day_after_start";

struct IntervalRow {
  int64_t id = 0;
  size_t series = 0;
  std::string name;
  int64_t start_us = 0;
  int64_t end_us = 0;
};

bool IsDate(const BoundValue& value) { return value.type.kind == TypeKind::kDate; }

/// Days are compared with the first days of intervals, which only some queries need.
bool PinsDays(const BoundQuery& query) {
  return std::any_of(query.aggregates.begin(), query.aggregates.end(), [](const auto& aggregate) {
    return aggregate.pin.kind != TimePin::Kind::kNone && IsDate(aggregate.pin.start);
  });
}

std::string ColumnsSql(const BoundQuery& query) {
  return absl::StrCat(kColumns, PinsDays(query) ? kDayColumns : "", ")");
}

std::string RowSql(const BoundQuery& query, const IntervalRow& row) {
  const auto first_day = [&](int64_t instant_us) {
    return DaySql(FirstDayNotBefore(query.time_zone, instant_us));
  };
  const std::string instants =
      absl::StrCat("(", row.id, ", ", row.series, ", ", TextSql(row.name), ", ",
                   InstantSql(row.start_us), ", ", InstantSql(row.end_us));
  if (!PinsDays(query)) return instants + ")";
  const bool has_next = row.start_us < std::numeric_limits<int64_t>::max();
  return absl::StrCat(instants, ", ", first_day(row.start_us), ", ", first_day(row.end_us), ", ",
                      first_day(has_next ? row.start_us + 1 : row.start_us), ")");
}

/// An empty range holds no instant, so no sample lies in it, what spans it neither. It has an end,
/// at which there is a state (rule 16).
constexpr char kIsNotEmpty[] = " AND i.start_at < i.end_at";

/// A date beside an instant is its midnight.
std::string AsInstant(const SqlScope& scope, const BoundQuery& query, const BoundValue& value) {
  const std::string sql = ValueSql(scope, value);
  return IsDate(value) ? MidnightSql(scope, query.time_zone, sql) : sql;
}

std::string AtCondition(const SqlScope& scope, const BoundPin& pin) {
  const std::string at = ValueSql(scope, pin.start);
  if (pin.start.type.kind == TypeKind::kList) {
    return absl::StrCat("EXISTS (SELECT FROM unnest(", at,
                        ") AS u(e) WHERE u.e >= i.start_at AND u.e < i.end_at)");
  }
  return IsDate(pin.start) ? absl::StrCat(at, " >= i.start_day AND ", at, " < i.end_day")
                           : absl::StrCat(at, " >= i.start_at AND ", at, " < i.end_at");
}

/// Of [start, end), where end NULL is open: an instant counts where it lies, start after end
/// nowhere. Days are compared as days where they are in the order of their midnights.
std::string DuringCondition(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin) {
  const bool are_days = IsDate(pin.start) && IsDate(pin.end) && !SkipsADay(query.time_zone);
  const std::string start =
      are_days ? ValueSql(scope, pin.start) : AsInstant(scope, query, pin.start);
  const std::string end = are_days ? ValueSql(scope, pin.end) : AsInstant(scope, query, pin.end);
  const char* before_end = are_days ? " < i.end_day" : " < i.end_at";
  const char* after_start = are_days ? " >= i.day_after_start" : " > i.start_at";
  const char* from_start = are_days ? " >= i.start_day" : " >= i.start_at";
  return absl::StrCat(start, before_end, " AND (", end, " IS NULL OR (", start, " <= ", end,
                      " AND ", end, after_start, ") OR (", start, " = ", end, " AND ", start,
                      from_start, "))");
}

std::string AsOfEndCondition(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin) {
  const bool are_days = IsDate(pin.start) && IsDate(pin.end);
  const std::string start =
      are_days ? ValueSql(scope, pin.start) : AsInstant(scope, query, pin.start);
  const std::string end = are_days ? ValueSql(scope, pin.end) : AsInstant(scope, query, pin.end);
  const char* border = are_days ? "i.end_day" : "i.end_at";
  return absl::StrCat(start, " < ", border, " AND (", end, " IS NULL OR ", end, " >= ", border,
                      ")");
}

/// The range of the query, in the series `all` if that is asked.
IntervalRow WholeRange(const BoundQuery& query, const AnswerTimes& times) {
  IntervalRow row = {.id = kWholeRangeId, .series = 0, .name = "all"};
  bool is_first = true;
  for (size_t s = 0; s < times.series.size(); ++s) {
    if (times.series[s].series.unit == CalendarUnit::kAll) row.series = s;
    for (const ResolvedInterval& interval : times.series[s].intervals) {
      row.start_us = is_first ? interval.start_us : std::min(row.start_us, interval.start_us);
      row.end_us = is_first ? interval.end_us : std::max(row.end_us, interval.end_us);
      is_first = false;
    }
  }
  if (times.range) {
    row.start_us = times.range->from_us;
    row.end_us = times.range->to_us;
  }
  row.start_us = query.from_us.value_or(row.start_us);
  row.end_us = query.to_us.value_or(row.end_us);
  return row;
}

/// The distinct frames of the pins, in the order of the aggregates.
std::vector<const TimeFrame*> FramesOf(const BoundQuery& query) {
  std::vector<const TimeFrame*> frames;
  std::set<std::string> texts;
  for (const BoundAggregate& aggregate : query.aggregates) {
    const TimeFrame* const frame = aggregate.pin.frame.get();
    if (frame != nullptr && texts.insert(ToString(*frame)).second) frames.push_back(frame);
  }
  return frames;
}

/// What stands for the intervals of a table in frame number `frame`.
std::string FramedName(const std::string& table, size_t frame) {
  return absl::StrCat(table, "_", frame + 1);
}

/// The rows of `framed`, numbered as the intervals that they stand for.
std::vector<IntervalRow> RowsOf(std::span<const ResolvedSeries> series,
                                std::span<const ResolvedSeries> framed) {
  std::vector<IntervalRow> rows;
  int64_t first_id = 0;
  for (size_t s = 0; s < series.size(); ++s) {
    for (size_t i = 0; i < framed[s].intervals.size(); ++i) {
      const ResolvedInterval& interval = framed[s].intervals[i];
      if (IsLeftOut(interval)) continue;
      rows.push_back({first_id + static_cast<int64_t>(i), s, series[s].name, interval.start_us,
                      interval.end_us});
    }
    first_id += static_cast<int64_t>(series[s].intervals.size());
  }
  return rows;
}

std::string TableSql(const BoundQuery& query, const std::string& name,
                     const std::vector<IntervalRow>& rows) {
  std::vector<std::string> texts;
  for (const IntervalRow& row : rows) texts.push_back(RowSql(query, row));
  if (rows.empty()) texts.push_back(RowSql(query, {}));
  return absl::StrCat(name, ColumnsSql(query), " AS (\n  SELECT * FROM (VALUES\n    ",
                      absl::StrJoin(texts, ",\n    "), ") AS borders",
                      rows.empty() ? " WHERE false" : "", "\n)");
}

/// `row`, and all of another table unless that is empty.
std::string RankedSql(const BoundQuery& query, const std::string& name, const IntervalRow& row,
                      const std::string& others) {
  return absl::StrCat(name, ColumnsSql(query), " AS (\n  SELECT * FROM (VALUES\n    ",
                      RowSql(query, row), ") AS borders",
                      others.empty() ? "" : "\n  UNION ALL SELECT * FROM ", others, "\n)");
}

}  // namespace

absl::StatusOr<std::string> IntervalsSql(const BoundQuery& query,
                                         std::span<const ResolvedSeries> series) {
  std::string sql = TableSql(query, "intervals", RowsOf(series, series));
  const std::vector<const TimeFrame*> frames = FramesOf(query);
  for (size_t i = 0; i < frames.size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedSeries> framed,
                             FrameSeries(*frames[i], series));
    absl::StrAppend(&sql, ",\n",
                    TableSql(query, FramedName("intervals", i), RowsOf(series, framed)));
  }
  return sql;
}

absl::StatusOr<std::string> RankedIntervalsSql(const BoundQuery& query, const AnswerTimes& times) {
  const IntervalRow range = WholeRange(query, times);
  const std::vector<const TimeFrame*> frames = FramesOf(query);
  const bool has_states = std::any_of(
      query.aggregates.begin(), query.aggregates.end(),
      [](const auto& aggregate) { return aggregate.pin.kind == TimePin::Kind::kAsOfEnd; });
  // A state at the end of an interval need not be one at the end of the range, and a window of it
  // need not be within that of the range.
  const bool has_others = has_states || !frames.empty();
  std::string sql = RankedSql(query, "ranked_intervals", range, has_others ? "intervals" : "");
  for (size_t i = 0; i < frames.size(); ++i) {
    const ResolvedSeries whole = {
        .series = {}, .name = "all", .intervals = {{range.start_us, range.end_us, false}}};
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedSeries> framed,
                             FrameSeries(*frames[i], {&whole, 1}));
    IntervalRow row = range;
    row.start_us = framed[0].intervals[0].start_us;
    row.end_us = framed[0].intervals[0].end_us;
    absl::StrAppend(
        &sql, ",\n",
        RankedSql(query, FramedName("ranked_intervals", i), row, FramedName("intervals", i)));
  }
  return sql;
}

ClipSql::Range RangeSql(const BoundQuery& query, const AnswerTimes& times) {
  const IntervalRow whole = WholeRange(query, times);
  return {InstantSql(whole.start_us), InstantSql(whole.end_us)};
}

std::string IntervalsOf(const BoundQuery& query, const BoundPin& pin,
                        const std::string& intervals) {
  if (pin.frame == nullptr) return intervals;
  const std::vector<const TimeFrame*> frames = FramesOf(query);
  const auto number = std::find_if(frames.begin(), frames.end(), [&](const TimeFrame* frame) {
    return ToString(*frame) == ToString(*pin.frame);
  });
  return FramedName(intervals, static_cast<size_t>(number - frames.begin()));
}

SpanSql SpanSqlOf(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin) {
  return {AsInstant(scope, query, pin.start), AsInstant(scope, query, pin.end)};
}

std::string PinJoinSql(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin,
                       const std::string& intervals) {
  std::string condition;
  switch (pin.kind) {
    case TimePin::Kind::kNone: {
      // The whole range is one interval and no time test is made.
      std::vector<std::string> wholes;
      for (size_t s = 0; s < query.series.size(); ++s) {
        if (query.series[s].unit == CalendarUnit::kAll) wholes.push_back(absl::StrCat(s));
      }
      condition = wholes.empty() ? "false"
                                 : absl::StrCat("i.series IN (", absl::StrJoin(wholes, ", "), ")");
      break;
    }
    case TimePin::Kind::kAt:
      condition = AtCondition(scope, pin);
      break;
    case TimePin::Kind::kDuring:
      condition = DuringCondition(scope, query, pin) + kIsNotEmpty;
      break;
    case TimePin::Kind::kAsOfEnd:
      condition = AsOfEndCondition(scope, query, pin);
      break;
  }
  return absl::StrCat("\n  JOIN ", intervals, " AS i ON ", condition);
}

}  // namespace sextant
