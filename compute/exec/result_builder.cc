#include "compute/exec/result_builder.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "compute/exec/checked_sort.h"
#include "compute/exec/having.h"
#include "compute/exec/metric_order.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/time_zone.h"

namespace sextant {

absl::StatusOr<std::unique_ptr<FinishedResult>> ResultBuilder::Build() {
  FillHeader();
  SEXTANT_RETURN_IF_ERROR(MakeCells());
  SEXTANT_RETURN_IF_ERROR(KeepHaving());
  SEXTANT_RETURN_IF_ERROR(OrderAndLimit());
  SEXTANT_RETURN_IF_ERROR(AddOtherRows());
  return std::make_unique<FinishedResult>(input_.context, std::move(cells_));
}

void ResultBuilder::FillHeader() {
  ResultHeader& header = cells_.header;
  const BoundQuery& query = input_.query;
  for (const BoundAxis& axis : query.axes()) {
    const bool has_unit = axis.kind != GroupAxis::Kind::kSets;
    header.columns.push_back({axis.name, axis.type,
                              has_unit ? query.datasets[0].schema->field(axis.column).unit : "",
                              ResultRole::kAxis});
  }
  if (input_.series.size() > 1) {
    header.columns.push_back({"interval", DataType::Of(TypeKind::kInt32), "", ResultRole::kSeries});
  }
  if (query.HasTimeAxis()) {
    header.columns.push_back({"start", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kStart});
  }
  if (query.HasGrouping()) {
    header.columns.push_back(
        {"grouping", DataType::Of(TypeKind::kInt32), "", ResultRole::kGrouping});
  }
  for (const BoundMetric& metric : query.metrics) {
    header.columns.push_back({metric.name, metric.result_type, metric.unit, ResultRole::kMetric});
  }
  header.series = input_.series;
  header.time_zone = query.time_zone_name;
  header.tz_database_version = TimeZoneDatabaseVersion();
  header.datasets = input_.identities;
  for (const ResolvedSeries& series : input_.series) {
    for (const ResolvedInterval& interval : series.intervals) starts_.push_back(interval.start_us);
  }
}

absl::Status ResultBuilder::MakeCells() {
  SEXTANT_ASSIGN_OR_RETURN(ResultRows rows,
                           MakeResultRows({.context = input_.context,
                                           .query = input_.query,
                                           .passes = input_.passes,
                                           .num_intervals = static_cast<uint32_t>(starts_.size()),
                                           .is_dense = input_.query.fill == FillMode::kDense}));
  std::vector<uint32_t> metrics(input_.query.metrics.size());
  std::iota(metrics.begin(), metrics.end(), 0);
  SEXTANT_ASSIGN_OR_RETURN(
      MetricColumns columns,
      FinishMetrics({input_.context, input_.query, input_.passes, rows}, metrics));
  num_excluded_ = columns.excluded;
  cells_.values = std::move(columns.values);
  cells_.metrics = std::move(columns.of_metric);
  cells_.axes = std::move(rows.axes);
  cells_.intervals = std::move(rows.intervals);
  num_cells_ = rows.pass_begins[1];
  for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
    cells_.grouping_begins.push_back(rows.pass_begins[pass]);
    cells_.groupings.push_back(input_.passes[pass].grouping);
  }
  return absl::OkStatus();
}

absl::Status ResultBuilder::KeepHaving() {
  if (input_.query.having) {
    return KeepCellsHaving(input_.context, input_.query, cells_, num_cells_, starts_, cells_.order);
  }
  SEXTANT_RETURN_IF_ERROR(cells_.order.Resize(num_cells_));
  std::iota(cells_.order.data(), cells_.order.data() + num_cells_, 0);
  return absl::OkStatus();
}

/// NULL and no value come last in both directions.
int ResultBuilder::Compare(const BoundOrder& order, uint32_t a, uint32_t b) const {
  const auto directed = [&](int compared) { return order.descending ? -compared : compared; };
  if (order.target == BoundOrder::Target::kStart) {
    return directed(CompareValues(starts_[cells_.intervals[a]], starts_[cells_.intervals[b]]));
  }
  const AxisColumn& axis = cells_.axes[order.index];
  const uint32_t left = axis.ranks[a];
  const uint32_t right = axis.ranks[b];
  if (left == right) return 0;
  if (axis.values.valid[left] == 0) return 1;
  if (axis.values.valid[right] == 0) return -1;
  return directed(CompareValues(left, right));
}

absl::Status ResultBuilder::OrderAndLimit() {
  const std::vector<BoundOrder>& keys = input_.query.order_by;
  std::vector<std::optional<MetricOrder>> metrics(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].target != BoundOrder::Target::kMetric) continue;
    metrics[i].emplace(OrderOf(input_.query, keys[i].index,
                               cells_.values[cells_.metrics[keys[i].index]], keys[i].descending));
  }
  if (!keys.empty()) {
    SEXTANT_RETURN_IF_ERROR(
        SortWithChecks(input_.context, cells_.order.span(), [&](uint32_t a, uint32_t b) {
          for (size_t i = 0; i < keys.size(); ++i) {
            const int compared = metrics[i] ? metrics[i]->Compare(a, b) : Compare(keys[i], a, b);
            if (compared != 0) return compared < 0;
          }
          return a < b;
        }));
  }
  const std::optional<uint64_t>& limit = input_.query.limit;
  if (limit && *limit < cells_.order.size()) return cells_.order.Resize(*limit);
  return absl::OkStatus();
}

/// Others and totals, in the order of their passes.
absl::Status ResultBuilder::AddOtherRows() {
  for (size_t row = num_cells_; row < cells_.intervals.size(); ++row) {
    SEXTANT_RETURN_IF_ERROR(cells_.order.Append(static_cast<uint32_t>(row)));
  }
  return absl::OkStatus();
}

}  // namespace sextant
