#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/answer_times.h"
#include "storage/postgres/query_sql/clip_sql.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The borders of the intervals, resolved once, as a common table expression (rule 11):
/// "intervals AS (VALUES ..)" with columns id, series, name, start_at, end_at and, for pins
/// that are dates, the days whose midnights are the first not before start_at, end_at and just
/// after start_at. After it what stands for them in each frame of the pins: "intervals_1 AS ..",
/// with the same ids. Errors: those of FrameSeries.
absl::StatusOr<std::string> IntervalsSql(const BoundQuery& query,
                                         std::span<const ResolvedSeries> series);

/// Of the whole range among the ranked intervals.
inline constexpr int64_t kWholeRangeId = -1;

/// The same for the ranking of top-N, called ranked_intervals: the whole range, called
/// kWholeRangeId, and the intervals that may have groups which the whole range has not.
absl::StatusOr<std::string> RankedIntervalsSql(const BoundQuery& query, const AnswerTimes& times);

/// The range of the query.
ClipSql::Range RangeSql(const BoundQuery& query, const AnswerTimes& times);

/// The one of the tables above that stands for `intervals` in the frame of the pin.
std::string IntervalsOf(const BoundQuery& query, const BoundPin& pin, const std::string& intervals);

/// "JOIN intervals AS i ON .." between the rows r and the intervals that the pin puts them in
/// (rules 10, 14, 16). `intervals` is one of the above.
std::string PinJoinSql(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin,
                       const std::string& intervals);

/// The span of time of a row, as instants; NULL where it is.
struct SpanSql {
  std::string start;
  std::string end;
};
/// REQUIRES: a pin of two ends.
SpanSql SpanSqlOf(const SqlScope& scope, const BoundQuery& query, const BoundPin& pin);

}  // namespace sextant
