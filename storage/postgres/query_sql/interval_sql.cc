#include "storage/postgres/query_sql/interval_sql.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/binder.h"
#include "compute/plan/calendar.h"
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

/// The range of the query. Where it is of the samples and partial intervals are left out, no border
/// tells it: then all samples lie between the first and the last instant.
IntervalRow WholeRange(const BoundQuery& query, std::span<const ResolvedSeries> series) {
  IntervalRow row = {.id = kWholeRangeId, .series = 0, .name = "all"};
  bool is_first = true;
  bool has_all = false;
  for (size_t s = 0; s < series.size(); ++s) {
    if (series[s].series.unit == CalendarUnit::kAll) {
      row.series = s;
      has_all = true;
    }
    for (const ResolvedInterval& interval : series[s].intervals) {
      row.start_us = is_first ? interval.start_us : std::min(row.start_us, interval.start_us);
      row.end_us = is_first ? interval.end_us : std::max(row.end_us, interval.end_us);
      is_first = false;
    }
  }
  if (query.exclude_partial && !has_all) {
    row.start_us = kMinInstantUs;
    row.end_us = kMaxInstantUs;
  }
  row.start_us = query.from_us.value_or(row.start_us);
  row.end_us = query.to_us.value_or(row.end_us);
  return row;
}

}  // namespace

std::string IntervalsSql(const BoundQuery& query, std::span<const ResolvedSeries> series) {
  std::vector<std::string> rows;
  for (size_t s = 0; s < series.size(); ++s) {
    for (const ResolvedInterval& interval : series[s].intervals) {
      rows.push_back(RowSql(query, {static_cast<int64_t>(rows.size()), s, series[s].name,
                                    interval.start_us, interval.end_us}));
    }
  }
  const bool is_empty = rows.empty();
  if (is_empty) rows.push_back(RowSql(query, {}));
  return absl::StrCat("intervals", ColumnsSql(query), " AS (\n  SELECT * FROM (VALUES\n    ",
                      absl::StrJoin(rows, ",\n    "), ") AS borders",
                      is_empty ? " WHERE false" : "", "\n)");
}

std::string RankedIntervalsSql(const BoundQuery& query, std::span<const ResolvedSeries> series) {
  std::string sql =
      absl::StrCat("ranked_intervals", ColumnsSql(query), " AS (\n  SELECT * FROM (VALUES\n    ",
                   RowSql(query, WholeRange(query, series)), ") AS borders");
  const bool has_states = std::any_of(
      query.aggregates.begin(), query.aggregates.end(),
      [](const auto& aggregate) { return aggregate.pin.kind == TimePin::Kind::kAsOfEnd; });
  // A state at the end of an interval need not be one at the end of the range.
  if (has_states) absl::StrAppend(&sql, "\n  UNION ALL SELECT * FROM intervals");
  return sql + "\n)";
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
