#include "compute/exec/result_builder.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "compute/exec/having.h"
#include "compute/exec/row_order.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/time_zone.h"

namespace sextant {

absl::StatusOr<std::unique_ptr<FinishedResult>> ResultBuilder::Build() {
  FillHeader();
  SEXTANT_RETURN_IF_ERROR(MakeCells());
  const BoundQuery& query = input_.query;
  cells_->is_in_order = !query.having && query.order_by.empty() && !query.limit;
  if (!cells_->is_in_order) {
    SEXTANT_RETURN_IF_ERROR(KeepHaving());
    SEXTANT_RETURN_IF_ERROR(OrderAndLimit());
    SEXTANT_RETURN_IF_ERROR(AddOtherRows());
  }
  const bool is_explained = input_.context.profile() != nullptr;  // num_cells will be asked for
  return FinishedResult::Create(input_.context, is_explained ? cells_ : std::move(cells_));
}

size_t ResultBuilder::num_cells(size_t pass) const {
  const bool is_last = pass + 1 == cells_->grouping_begins.size();
  const size_t end = is_last ? cells_->intervals.size() : cells_->grouping_begins[pass + 1];
  return end - cells_->grouping_begins[pass];
}

void ResultBuilder::FillHeader() {
  ResultHeader& header = cells_->header;
  const BoundQuery& query = input_.query;
  for (const ResolvedSeries& series : input_.series) {
    for (const ResolvedInterval& interval : series.intervals) starts_.push_back(interval.start_us);
  }
  header.columns.reserve(query.axes().size() + 3 + query.metrics.size());
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
    ResultColumn& column = header.columns.emplace_back();
    column.name = metric.name;
    column.type = metric.result_type;
    column.unit = metric.unit;
    column.role = ResultRole::kMetric;
    column.statistic = metric.statistic;
  }
  header.compared_series = std::move(input_.compared_series);
  header.series = std::move(input_.series);
  header.range = input_.range;
  header.time_zone = query.time_zone_name;
  header.tz_database_version = TimeZoneDatabaseVersion();
  header.datasets = std::move(input_.identities);
}

absl::Status ResultBuilder::MakeCells() {
  SEXTANT_ASSIGN_OR_RETURN(ResultRows rows,
                           MakeResultRows({.context = input_.context,
                                           .query = input_.query,
                                           .passes = input_.passes,
                                           .num_intervals = static_cast<uint32_t>(starts_.size()),
                                           .is_dense = input_.query.fill == FillMode::kDense}));
  absl::InlinedVector<uint32_t, 8> metrics(input_.query.metrics.size());
  std::iota(metrics.begin(), metrics.end(), 0);
  SEXTANT_ASSIGN_OR_RETURN(
      MetricColumns columns,
      FinishMetrics({input_.context, input_.query, input_.passes, rows}, metrics));
  num_excluded_ = columns.excluded;
  cells_->values = std::move(columns.values);
  cells_->metrics = std::move(columns.of_metric);
  cells_->axes = std::move(rows.axes);
  cells_->intervals = std::move(rows.intervals);
  num_cells_ = rows.pass_begins[1];
  for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
    cells_->grouping_begins.push_back(rows.pass_begins[pass]);
    cells_->groupings.push_back(input_.passes[pass].grouping);
  }
  return absl::OkStatus();
}

absl::Status ResultBuilder::KeepHaving() {
  if (input_.query.having) {
    return KeepCellsHaving(input_.context, input_.query, *cells_, num_cells_, starts_,
                           cells_->order);
  }
  SEXTANT_RETURN_IF_ERROR(cells_->order.ResizeUninitialized(num_cells_));
  std::iota(cells_->order.data(), cells_->order.data() + num_cells_, 0);
  return absl::OkStatus();
}

absl::Status ResultBuilder::OrderAndLimit() {
  if (!input_.query.order_by.empty()) {
    SEXTANT_RETURN_IF_ERROR(
        OrderRows(input_.context, input_.query, *cells_, starts_, cells_->order.span()));
  }
  const std::optional<uint64_t>& limit = input_.query.limit;
  if (limit && *limit < cells_->order.size()) return cells_->order.Resize(*limit);
  return absl::OkStatus();
}

/// Others and totals, in the order of their passes.
absl::Status ResultBuilder::AddOtherRows() {
  TrackedVector<uint32_t>& order = cells_->order;
  const size_t num_others = cells_->intervals.size() - num_cells_;
  SEXTANT_RETURN_IF_ERROR(order.Reserve(order.size() + num_others));
  return ForBlocks(num_others, AskToGoOn, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      order.AppendUnchecked(static_cast<uint32_t>(num_cells_ + i));
    }
  });
}

}  // namespace sextant
