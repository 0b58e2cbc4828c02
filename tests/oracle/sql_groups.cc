#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/sql_aggregate.h"
#include "tests/oracle/sql_oracle.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

/// A canonical text as a value that orders as what it stands for.
std::string OrderedSql(const Type& type, const std::string& text) {
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kText:
    case Kind::kBpchar:
    case Kind::kUuid:
    case Kind::kBytea:
      return absl::StrCat("(", text, ") COLLATE \"C\"");
    case Kind::kEnum:
      return absl::StrCat("(", text, ")::", kEnumType);
    case Kind::kFloat4:
    case Kind::kFloat8:
      return absl::StrCat("(", text, ")::float8");
    default:
      return absl::StrCat("(", text, ")::numeric");
  }
}

std::string OrderedMemberSql(const TableCase& table, const AxisSpec& axis,
                             const std::string& text) {
  if (axis.by != AxisSpec::By::kSets) return OrderedSql(AxisType(table, axis), text);
  std::vector<std::string> names;
  for (const auto& [name, condition] : axis.members) names.push_back(QuoteText(name));
  return absl::StrCat("array_position(ARRAY[", absl::StrJoin(names, ", "), "]::text[], ", text,
                      ")");
}

std::string ColumnsSql(const TableCase& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(QuoteName(column.name));
  return absl::StrJoin(names, ", ");
}

/// The key of a total: NULL where an axis is summed.
std::string KeySql(size_t num_axes, int summed) {
  std::vector<std::string> parts;
  for (size_t axis = 0; axis < num_axes; ++axis) {
    const bool is_summed = (summed >> (num_axes - 1 - axis)) % 2 == 1;
    parts.push_back(is_summed ? "NULL" : absl::StrCat("oracle_key[", axis + 1, "]"));
  }
  return absl::StrCat("ARRAY[", absl::StrJoin(parts, ", "), "]::text[]");
}

}  // namespace

std::string BaseTable(const TableCase& table, const RequestCase& request) {
  std::vector<std::string> keys;
  std::string axes;
  for (size_t i = 0; i < request.axes.size(); ++i) {
    keys.push_back(absl::StrCat("axis", i, ".k"));
    absl::StrAppend(&axes, AxisSql(table, request.axes[i], i));
  }
  return absl::StrCat("base AS (SELECT ", ColumnsSql(table), ", ARRAY[", absl::StrJoin(keys, ", "),
                      "]::text[] AS oracle_key, 0 AS oracle_g FROM (SELECT *",
                      ScopeSql(table, request), ") AS scope", axes, ")");
}

std::string GroupedTable(const TableCase& table, const RequestCase& request) {
  const size_t num_axes = request.axes.size();
  const std::string id = QuoteName(table.columns[0].name);
  const std::string columns = ColumnsSql(table);
  std::vector<std::string> parts;
  parts.push_back(absl::StrCat("SELECT * FROM base",
                               request.top_n ? " WHERE oracle_key IN (SELECT k FROM kept)" : ""));
  const auto add = [&](int summed, int grouping, const std::string& condition) {
    const std::string key = KeySql(num_axes, summed);
    parts.push_back(absl::StrCat("SELECT DISTINCT ON (", id, ", ", key, ") ", columns, ", ", key,
                                 ", ", grouping, " FROM base", condition));
  };
  if (request.top_n && request.top_n->others) {
    // Rows in no kept tuple but in another (rule 18).
    add((1 << num_axes) - 1, -1,
        absl::StrCat(" WHERE ", id, " NOT IN (SELECT ", id,
                     " FROM base WHERE oracle_key IN (SELECT k FROM kept))"));
  }
  for (const int grouping : request.Groupings()) add(grouping, grouping, "");
  return absl::StrCat("x AS (", absl::StrJoin(parts, "\nUNION ALL "), ")");
}

std::string AllIntervals(const std::string& intervals, const Interval& whole) {
  return absl::StrCat("all_", intervals, " AS (SELECT * FROM ", intervals, " UNION ALL SELECT -1, ",
                      InstantSql(whole.start_us), ", ", InstantSql(whole.end_us), "),\n");
}

std::string KeptTables(const TableCase& table, const RequestCase& request,
                       const CellIntervals& of) {
  const Interval& whole = *of.whole;
  std::string tables = AllIntervals("iv", whole);
  for (const auto& [lane, framed] : of.frames) {
    absl::StrAppend(&tables, AllIntervals(IntervalsOf(of, lane), framed.whole));
  }
  const ExpressionWriter writer(ExpressionWriter::Reader::kSql, table);
  std::vector<std::string> seen;
  std::vector<std::string> kept;  // per lane: what it leaves out, or nothing
  std::string outliers;
  for (const Lane& lane : AllLanes(request)) {
    std::string& of_lane = kept.emplace_back();
    if (!lane.clip_value.empty()) {
      const Clipping clipping = {absl::StrCat("ob", kept.size()), "base", whole};
      absl::StrAppend(&outliers, OutlierTables(table, request, lane, clipping), ",\n");
      of_lane = NoOutlier(table, clipping);
    }
    seen.push_back(
        absl::StrCat("SELECT DISTINCT oracle_key, iv.i FROM base",
                     PinJoin(table, lane, request.zone, "all_" + IntervalsOf(of, seen.size())),
                     " WHERE ", WriteAggregate(writer, lane.aggregate).condition, of_lane));
  }
  const Lane ranked = LanesOf(request.metrics[request.top_n->metric])[0];
  const AggregateSql aggregate = WriteAggregate(writer, ranked.aggregate);
  const bool counts = IsCountLike(ranked.aggregate.kind);
  const std::string value = counts ? "CASE WHEN in_whole THEN coalesce(v, '0') END" : "v";
  std::string ties;
  for (size_t i = 0; i < request.axes.size(); ++i) {
    absl::StrAppend(
        &ties, ", ",
        OrderedMemberSql(table, request.axes[i], absl::StrCat("tuples.k[", i + 1, "]")));
  }
  const size_t ranked_lane = FirstLane(request, request.top_n->metric);
  return absl::StrCat(
      tables, outliers, "tuples AS (SELECT oracle_key AS k, bool_or(i = -1) AS ", "in_whole FROM (",
      absl::StrJoin(seen, " UNION "), ") AS seen GROUP BY oracle_key),\n",
      "ranked AS (SELECT oracle_key AS k, ", aggregate.value, " AS v FROM base",
      PinJoin(table, ranked, request.zone, "all_" + IntervalsOf(of, ranked_lane)),
      " AND i = -1 WHERE ", aggregate.condition, kept[ranked_lane], " GROUP BY oracle_key),\n",
      "kept AS MATERIALIZED (SELECT tuples.k FROM tuples LEFT JOIN ranked ON ranked.k = tuples.k ",
      "ORDER BY ", OrderedSql(ResultType(ranked.aggregate), value),
      request.top_n->smallest ? " NULLS LAST" : " DESC NULLS LAST", ties, " LIMIT ",
      request.top_n->count, ")");
}

std::string HavingSql(const RequestCase& request) {
  std::string sql;
  for (const HavingSpec& having : request.having) {
    if (!having.is_of_axis && !request.metrics[having.metric].IsAggregate()) continue;
    absl::StrAppend(&sql, sql.empty() ? " WHERE " : " AND ", "(cells.g <> 0 OR (");
    if (having.is_of_axis) {
      absl::StrAppend(&sql, "cells.k[", having.metric + 1, "]) ", having.op, ")");
      continue;
    }
    const MetricSpec& metric = request.metrics[having.metric];
    const std::string name = absl::StrCat("g", FirstLane(request, having.metric), ".v");
    const std::string as = IsFloat(ResultType(metric).kind) ? "::float8" : "::numeric";
    const std::string value =
        IsCountLike(metric.aggregate.kind) ? absl::StrCat("coalesce(", name, ", '0')") : name;
    // Whether a value is NULL is asked of any type.
    absl::StrAppend(&sql, value, ")", having.number.empty() ? "" : as, " ", having.op, " ",
                    having.number, ")");
  }
  return sql;
}

}  // namespace sextant::oracle
