#include "storage/postgres/query_sql/cells_sql.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/clip_tiles.h"
#include "storage/postgres/query_sql/aggregate_sql.h"
#include "storage/postgres/query_sql/axis_sql.h"
#include "storage/postgres/query_sql/concurrency_sql.h"
#include "storage/postgres/query_sql/interval_sql.h"

namespace sextant {

namespace {

/// The label of `other` as one of the enum type of `first`: types of two datasets may differ, their
/// labels do not.
std::string SameLabelSql(const std::string& first, const std::string& other) {
  return absl::StrCat("(enum_range(", first, "))[array_position(enum_range(", other, "), ", other,
                      ")]");
}

}  // namespace

std::vector<CellGrouping> TotalsOf(const BoundQuery& query) {
  const auto num_axes = static_cast<uint32_t>(query.axes().size());
  std::vector<CellGrouping> groupings = {{0, num_axes}};
  if (query.totals == Totals::kNone) return groupings;  // with totals the axes are few
  const int all = (1 << num_axes) - 1;
  for (int id = 1; id <= all; ++id) {
    const bool is_suffix = ((id + 1) & id) == 0;
    const bool is_asked = query.totals == Totals::kCube ||
                          (query.totals == Totals::kRollup && is_suffix) ||
                          (query.totals == Totals::kGrand && id == all);
    if (is_asked) groupings.push_back({id, num_axes});
  }
  return groupings;
}

std::string CellsPrinter::AxisColumns(const BoundQuery& query, const std::string& prefix) {
  std::string columns;
  for (size_t axis = 0; axis < query.axes().size(); ++axis) {
    absl::StrAppend(&columns, ", ", prefix, "axis_", axis);
  }
  return columns;
}

std::vector<CellsPrinter::Lane> CellsPrinter::Lanes() const {
  std::vector<Lane> lanes;
  for (size_t dataset = 0; dataset < query_.datasets.size(); ++dataset) {
    const size_t first = lanes.size();
    for (const uint32_t aggregate : query_.datasets[dataset].aggregates) {
      const std::string pin = ToString(query_.aggregates[aggregate].pin);
      size_t lane = first;
      while (lane < lanes.size() &&
             ToString(query_.aggregates[lanes[lane].aggregates[0]].pin) != pin) {
        ++lane;
      }
      if (lane == lanes.size()) lanes.push_back({dataset, {}});
      lanes[lane].aggregates.push_back(aggregate);
    }
  }
  return lanes;
}

CellsPrinter::GroupedRows CellsPrinter::RowsOf(size_t index, const CellGrouping& grouping) const {
  const BoundDataset& dataset = query_.datasets[index];
  const SqlScope scope = rows_[index].scope();
  GroupedRows rows;
  std::string all_joins;
  std::vector<std::string> keys;
  std::vector<std::string> all_keys;
  for (size_t axis = 0; axis < dataset.axes.size(); ++axis) {
    const AxisSql sql = AxisSqlOf(scope, dataset.axes[axis], axis);
    absl::StrAppend(&all_joins, sql.join);
    all_keys.push_back(AxisKeySql(dataset.axes[axis], sql.value));
    if (grouping.Sums(axis)) {
      if (!sql.exists.empty()) rows.conditions.push_back(sql.exists);
      keys.emplace_back("NULL::text");
      rows.columns.push_back(absl::StrCat("NULL AS axis_", axis));
      continue;
    }
    absl::StrAppend(&rows.joins, sql.join);
    keys.push_back(all_keys.back());
    rows.groups.push_back(sql.value);
    rows.columns.push_back(absl::StrCat(sql.value, " AS axis_", axis));
  }
  rows.group = {absl::StrCat(grouping.id),
                absl::StrCat("ARRAY[", absl::StrJoin(keys, ", "), "]::text[]")};
  if (grouping.id == CellGrouping::kOthers) {
    rows.conditions.push_back(absl::StrCat("NOT EXISTS (SELECT FROM (SELECT) AS one", all_joins,
                                           "\n    JOIN kept ON kept.axis_key = ARRAY[",
                                           absl::StrJoin(all_keys, ", "), "]::text[])"));
  }
  return rows;
}

std::string CellsPrinter::LaneSql(const Lane& lane, const Tables& tables,
                                  const CellGrouping& grouping) const {
  const SqlScope scope = rows_[lane.dataset].scope();
  GroupedRows rows = RowsOf(lane.dataset, grouping);
  std::vector<std::string> columns = {absl::StrCat(grouping.id, " AS grouping_id"),
                                      "i.id AS interval_id"};
  columns.insert(columns.end(), rows.columns.begin(), rows.columns.end());
  columns.push_back(absl::StrCat(rows.group.axis_key, " AS axis_key"));
  rows.groups.insert(rows.groups.begin(), "i.id");
  std::string clip_joins;
  std::set<std::string> joined;
  for (const uint32_t index : lane.aggregates) {
    const BoundAggregate& aggregate = query_.aggregates[index];
    std::string is_kept;
    if (aggregate.clip) {
      const ClipSql clip(scope, query_, aggregate, tables.range);
      const std::string& cuts =
          tables.cuts.at(absl::StrCat(lane.dataset, " ", ClipText(aggregate)));
      const std::string alias = absl::StrCat(cuts, "_of_row");
      if (joined.insert(alias).second) {
        absl::StrAppend(&clip_joins, clip.Join(rows.group, cuts, alias));
      }
      is_kept = clip.Condition(rows.group, cuts, alias);
    }
    const AggregateSql sql = IsConcurrency(aggregate.kind)
                                 ? ConcurrencySqlOf(scope, query_, aggregate)
                                 : AggregateSqlOf(scope, aggregate, is_kept);
    columns.push_back(absl::StrCat(sql.value, " AS value_", index));
    columns.push_back(absl::StrCat(sql.samples, " AS samples_", index));
  }
  const BoundPin& pin = query_.aggregates[lane.aggregates[0]].pin;
  return absl::StrCat("  SELECT ", absl::StrJoin(columns, ",\n         "), "\n  FROM ",
                      rows_[lane.dataset].rows_name(), " AS r", rows.joins,
                      PinJoinSql(scope, query_, pin, IntervalsOf(query_, pin, tables.intervals)),
                      clip_joins, rows.conditions.empty() ? "" : "\n  WHERE ",
                      absl::StrJoin(rows.conditions, "\n    AND "), "\n  GROUP BY ",
                      absl::StrJoin(rows.groups, ", "));
}

std::string CellsPrinter::CutsSql(size_t dataset, const BoundAggregate& aggregate,
                                  const Tables& tables,
                                  const std::vector<CellGrouping>& groupings) const {
  const SqlScope scope = rows_[dataset].scope();
  const ClipSql clip(scope, query_, aggregate, tables.range);
  std::vector<std::string> parts;
  for (const CellGrouping& grouping : groupings) {
    const GroupedRows rows = RowsOf(dataset, grouping);
    parts.push_back(clip.Cuts(rows.group,
                              absl::StrCat(rows_[dataset].rows_name(), " AS r", rows.joins),
                              absl::StrJoin(rows.conditions, " AND ")));
  }
  return absl::StrJoin(parts, "\n  UNION ALL\n");
}

std::string CellsPrinter::JoinLanes(const std::string& name, const std::vector<Lane>& lanes) const {
  std::string sql = absl::StrCat(name, " AS (\n  SELECT grouping_id, interval_id, axis_key");
  for (size_t axis = 0; axis < query_.axes().size(); ++axis) {
    std::vector<std::string> sources;
    const bool is_enum = query_.axes()[axis].type.kind == TypeKind::kEnum;
    for (size_t lane = 0; lane < lanes.size(); ++lane) {
      std::string source = absl::StrCat("l", lane, ".axis_", axis);
      if (is_enum && lanes[lane].dataset != lanes[0].dataset) {
        source = SameLabelSql("l0.axis_" + std::to_string(axis), source);
      }
      sources.push_back(std::move(source));
    }
    absl::StrAppend(&sql, ", ",
                    sources.size() == 1
                        ? sources[0]
                        : absl::StrCat("coalesce(", absl::StrJoin(sources, ", "), ")"),
                    " AS axis_", axis);
  }
  std::vector<std::string> samples;
  for (const Lane& lane : lanes) {
    for (const uint32_t aggregate : lane.aggregates) {
      absl::StrAppend(&sql, ", value_", aggregate);
      samples.push_back(absl::StrCat("samples_", aggregate, " > 0"));
    }
  }
  absl::StrAppend(&sql, "\n  FROM ", name, "_l0 AS l0");
  for (size_t lane = 1; lane < lanes.size(); ++lane) {
    absl::StrAppend(&sql, "\n  FULL JOIN ", name, "_l", lane, " AS l", lane,
                    " USING (grouping_id, interval_id, axis_key)");
  }
  absl::StrAppend(&sql, "\n  WHERE ", absl::StrJoin(samples, " OR "), "\n)");
  return sql;
}

std::string CellsPrinter::Print(const std::string& name, const Intervals& intervals,
                                const std::vector<CellGrouping>& groupings) const {
  const std::vector<Lane> lanes = Lanes();
  std::vector<std::string> expressions;
  Tables tables = {intervals.table, intervals.range, {}};
  for (size_t dataset = 0; dataset < query_.datasets.size(); ++dataset) {
    for (const uint32_t index : query_.datasets[dataset].aggregates) {
      const BoundAggregate& aggregate = query_.aggregates[index];
      if (!aggregate.clip) continue;
      const std::string cuts = absl::StrCat(name, "_cuts_", tables.cuts.size());
      const bool is_new =
          tables.cuts.emplace(absl::StrCat(dataset, " ", ClipText(aggregate)), cuts).second;
      if (!is_new) continue;
      expressions.push_back(
          absl::StrCat(cuts, " AS (\n", CutsSql(dataset, aggregate, tables, groupings), "\n)"));
    }
  }
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    std::vector<std::string> parts;
    for (const CellGrouping& grouping : groupings) {
      parts.push_back(LaneSql(lanes[lane], tables, grouping));
    }
    expressions.push_back(
        absl::StrCat(name, "_l", lane, " AS (\n", absl::StrJoin(parts, "\n  UNION ALL\n"), "\n)"));
  }
  expressions.push_back(JoinLanes(name, lanes));
  return absl::StrJoin(expressions, ",\n");
}

}  // namespace sextant
