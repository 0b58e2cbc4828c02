#include "storage/postgres/query_sql/cells_sql.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/postgres/query_sql/aggregate_sql.h"
#include "storage/postgres/query_sql/axis_sql.h"
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

std::string CellsPrinter::LaneSql(const Lane& lane, const std::string& intervals,
                                  const CellGrouping& grouping) const {
  const BoundDataset& dataset = query_.datasets[lane.dataset];
  const SqlScope scope = rows_[lane.dataset].scope();
  std::string joins;
  std::string all_joins;
  std::vector<std::string> columns = {absl::StrCat(grouping.id, " AS grouping_id"),
                                      "i.id AS interval_id"};
  std::vector<std::string> keys;
  std::vector<std::string> all_keys;
  std::vector<std::string> groups = {"i.id"};
  std::vector<std::string> conditions;
  for (size_t index = 0; index < dataset.axes.size(); ++index) {
    const BoundAxis& axis = dataset.axes[index];
    const AxisSql sql = AxisSqlOf(scope, axis, index);
    absl::StrAppend(&all_joins, sql.join);
    all_keys.push_back(AxisKeySql(axis, sql.value));
    if (grouping.Sums(index)) {
      if (!sql.exists.empty()) conditions.push_back(sql.exists);
      keys.emplace_back("NULL::text");
      columns.push_back(absl::StrCat("NULL AS axis_", index));
      continue;
    }
    absl::StrAppend(&joins, sql.join);
    keys.push_back(all_keys.back());
    groups.push_back(sql.value);
    columns.push_back(absl::StrCat(sql.value, " AS axis_", index));
  }
  columns.push_back(absl::StrCat("ARRAY[", absl::StrJoin(keys, ", "), "]::text[] AS axis_key"));
  for (const uint32_t index : lane.aggregates) {
    const AggregateSql sql = AggregateSqlOf(scope, query_.aggregates[index]);
    columns.push_back(absl::StrCat(sql.value, " AS value_", index));
    columns.push_back(absl::StrCat(sql.samples, " AS samples_", index));
  }
  if (grouping.id == CellGrouping::kOthers) {
    conditions.push_back(absl::StrCat("NOT EXISTS (SELECT FROM (SELECT) AS one", all_joins,
                                      "\n    JOIN kept ON kept.axis_key = ARRAY[",
                                      absl::StrJoin(all_keys, ", "), "]::text[])"));
  }
  const BoundPin& pin = query_.aggregates[lane.aggregates[0]].pin;
  return absl::StrCat(
      "  SELECT ", absl::StrJoin(columns, ",\n         "), "\n  FROM ",
      rows_[lane.dataset].rows_name(), " AS r", joins, PinJoinSql(scope, query_, pin, intervals),
      conditions.empty() ? "" : "\n  WHERE ", absl::StrJoin(conditions, "\n    AND "),
      "\n  GROUP BY ", absl::StrJoin(groups, ", "));
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

std::string CellsPrinter::Print(const std::string& name, const std::string& intervals,
                                const std::vector<CellGrouping>& groupings) const {
  const std::vector<Lane> lanes = Lanes();
  std::vector<std::string> expressions;
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    std::vector<std::string> parts;
    for (const CellGrouping& grouping : groupings) {
      parts.push_back(LaneSql(lanes[lane], intervals, grouping));
    }
    expressions.push_back(
        absl::StrCat(name, "_l", lane, " AS (\n", absl::StrJoin(parts, "\n  UNION ALL\n"), "\n)"));
  }
  expressions.push_back(JoinLanes(name, lanes));
  return absl::StrJoin(expressions, ",\n");
}

}  // namespace sextant
