#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/linked_cases.h"
#include "tests/oracle/sql_aggregate.h"
#include "tests/oracle/sql_oracle.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

ExpressionWriter Writer(const TableCase& table) { return {ExpressionWriter::Reader::kSql, table}; }

std::string IntervalsTable(const std::string& name,
                           const std::vector<std::optional<Interval>>& intervals) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < intervals.size(); ++i) {
    if (!intervals[i]) continue;
    rows.push_back(absl::StrCat("(", i, ", ", InstantSql(intervals[i]->start_us), ", ",
                                InstantSql(intervals[i]->end_us), ")"));
  }
  if (rows.empty()) rows.emplace_back("(NULL::int, NULL::timestamptz, NULL::timestamptz)");
  return absl::StrCat(name, "(i, s, e) AS (SELECT * FROM (VALUES ", absl::StrJoin(rows, ", "),
                      ") AS v(i, s, e) WHERE i IS NOT NULL)");
}

/// Whether a sample of the lane is in the interval `iv`.
std::string PinCondition(const TableCase& table, const Lane& lane) {
  const auto within = [](const std::string& instant) {
    return absl::StrCat(instant, " >= iv.s AND ", instant, " < iv.e");
  };
  if (lane.pin == MetricSpec::Pin::kAt) {
    const bool is_list = table.columns[static_cast<size_t>(lane.start)].type.kind == Kind::kList;
    if (!is_list) return within("pin_start");
    return absl::StrCat("EXISTS (SELECT FROM unnest(pin_start) AS u WHERE ", within("u"), ")");
  }
  if (lane.pin == MetricSpec::Pin::kAsOfEnd) {
    return "pin_start < iv.e AND (pin_end IS NULL OR iv.e <= pin_end)";
  }
  return absl::StrCat("iv.s < iv.e AND CASE WHEN pin_end IS NULL THEN pin_start < iv.e WHEN ",
                      "pin_start = pin_end THEN ", within("pin_start"), " WHEN pin_start < ",
                      "pin_end THEN pin_start < iv.e AND pin_end > iv.s ELSE false END");
}

/// `kept`: what the lane leaves out, or nothing.
std::string AggregateTable(const TableCase& table, const RequestCase& request, const Lane& lane,
                           const std::string& kept, const std::string& intervals) {
  const AggregateSql sql = WriteAggregate(Writer(table), lane.aggregate);
  return absl::StrCat("(SELECT oracle_key AS k, oracle_g AS g, iv.i, ", sql.value, " AS v, ",
                      sql.count, " AS n, ", sql.sum_of_magnitudes, " AS a, ", sql.sum_of_squares,
                      " AS q FROM x", PinJoin(table, lane, request.zone, intervals), " WHERE ",
                      sql.condition, kept, " GROUP BY oracle_key, oracle_g, iv.i)");
}

}  // namespace

std::vector<Lane> AllLanes(const RequestCase& request) {
  std::vector<Lane> lanes;
  for (const MetricSpec& metric : request.metrics) {
    for (Lane& lane : LanesOf(metric)) lanes.push_back(std::move(lane));
  }
  return lanes;
}

size_t FirstLane(const RequestCase& request, size_t metric) {
  size_t first = 0;
  for (size_t i = 0; i < metric; ++i) first += LanesOf(request.metrics[i]).size();
  return first;
}

std::string IntervalsOf(const CellIntervals& of, size_t lane) {
  return of.frames.contains(lane) ? absl::StrCat("iv", lane) : "iv";
}

std::string PinJoin(const TableCase& table, const Lane& lane, const std::string& zone,
                    const std::string& intervals) {
  if (lane.pin == MetricSpec::Pin::kNone)
    return absl::StrCat(" JOIN ", intervals, " AS iv ON true");
  // Found once per row: OFFSET keeps it from being written out for each interval.
  const std::string pin = absl::StrCat(
      " CROSS JOIN LATERAL (SELECT ", PinSql(table, lane.start, zone), " AS pin_start, ",
      lane.end < 0 ? "NULL" : PinSql(table, lane.end, zone), " AS pin_end OFFSET 0) AS pin");
  return absl::StrCat(pin, " JOIN ", intervals, " AS iv ON ", PinCondition(table, lane));
}

std::string PinSql(const TableCase& table, int column, const std::string& zone) {
  const std::string value = Writer(table).WriteColumn(column);
  if (table.columns[static_cast<size_t>(column)].type.kind != Kind::kDate) return value;
  // A date is the midnight of its day in the request's zone (rule 10).
  return absl::StrCat("oracle_first_instant(", value, "::timestamp, ", QuoteText(zone), ")");
}

std::string ScopeSql(const TableCase& table, const RequestCase& request) {
  std::string sql = absl::StrCat(" FROM ", RowsName(table), " WHERE oracle_live");
  if (table.tenant >= 0) {
    const std::string& name = table.columns[static_cast<size_t>(table.tenant)].name;
    absl::StrAppend(&sql, " AND ", QuoteName(name), "::text = ", QuoteText(request.tenant));
  }
  if (!request.filter.empty())
    absl::StrAppend(&sql, " AND ", Writer(table).Write(request.filter[0]));
  return sql;
}

std::string CellsSql(const TableCase& table, const RequestCase& request, const CellIntervals& of) {
  const std::optional<Interval>& whole = of.whole;
  std::vector<std::string> tables = {
      IntervalsTable("iv", {of.intervals.begin(), of.intervals.end()}), BaseTable(table, request)};
  for (const auto& [lane, framed] : of.frames) {
    tables.push_back(IntervalsTable(IntervalsOf(of, lane), framed.intervals));
  }
  if (request.top_n) tables.push_back(KeptTables(table, request, of));
  tables.push_back(GroupedTable(table, request));
  std::vector<std::string> cells;
  std::string joins;
  std::string values;
  const std::vector<Lane> lanes = AllLanes(request);
  for (size_t i = 0; i < lanes.size(); ++i) {
    const std::string name = absl::StrCat("g", i);
    std::string kept;
    if (!lanes[i].clip_value.empty()) {
      const Clipping clipping = {absl::StrCat("o", i), "x", whole.value_or(Interval())};
      tables.push_back(OutlierTables(table, request, lanes[i], clipping));
      kept = NoOutlier(table, clipping);
    }
    tables.push_back(
        absl::StrCat(name, " AS MATERIALIZED ",
                     AggregateTable(table, request, lanes[i], kept, IntervalsOf(of, i))));
    cells.push_back(absl::StrCat("SELECT k, g, i FROM ", name));
    absl::StrAppend(&joins, " LEFT JOIN ", name, " ON ", name, ".k = cells.k AND ", name,
                    ".g = cells.g AND ", name, ".i = cells.i");
    // Rule 17: what counts is 0 where it has no sample.
    const bool counts = IsCountLike(lanes[i].aggregate.kind);
    absl::StrAppend(
        &values, ", ", counts ? absl::StrCat("coalesce(", name, ".v, '0')") : name + ".v",
        ", coalesce(", name, ".n, 0), coalesce(", name, ".a, 0), coalesce(", name, ".q, 0)");
  }
  std::string keys;
  for (size_t i = 0; i < request.axes.size(); ++i) {
    absl::StrAppend(&keys, ", cells.k[", i + 1, "]");
  }
  std::string all = absl::StrJoin(cells, " UNION ");
  if (request.is_dense) {
    all = absl::StrCat("SELECT DISTINCT k, g, iv.i FROM (", all, ") AS seen CROSS JOIN iv");
  }
  return absl::StrCat("WITH ", absl::StrJoin(tables, ",\n"), "\nSELECT cells.i, cells.g", keys,
                      values, " FROM (", all, ") AS cells", joins, HavingSql(request));
}

}  // namespace sextant::oracle
