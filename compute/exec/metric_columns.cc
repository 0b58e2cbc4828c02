#include "compute/exec/metric_columns.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "compute/exec/metric_expression.h"
#include "compute/exec/partitioned_groups.h"
#include "compute/exec/value_parts.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/aggregate_uses.h"

namespace sextant {
namespace {

/// Rows between two questions whether to go on.
constexpr size_t kRowsPerCheck = size_t{1} << 13;

/// Where the states of an aggregate are.
struct AggregatePlace {
  size_t dataset = 0;
  size_t index = 0;  // among the dataset's
};

/// Of an aggregate whose values are not made.
constexpr uint32_t kNowhere = 0xFFFFFFFF;

bool IsAbsent(uint32_t cell) { return cell == ResultRows::kNoCell; }

AggregatePlace PlaceOf(const BoundQuery& query, uint32_t aggregate) {
  for (size_t dataset = 0; dataset < query.datasets.size(); ++dataset) {
    const std::vector<uint32_t>& own = query.datasets[dataset].aggregates;
    const auto found = std::find(own.begin(), own.end(), aggregate);
    if (found != own.end()) return {dataset, static_cast<size_t>(found - own.begin())};
  }
  SEXTANT_CHECK(false) << "aggregate " << aggregate << " is of no dataset";
  return {};
}

class MetricFinisher {
 public:
  explicit MetricFinisher(const MetricColumnsInput& input)
      : input_(input), place_(input.query.aggregates.size(), kNowhere) {}

  absl::StatusOr<MetricColumns> Finish(std::span<const uint32_t> metrics) {
    columns_.of_metric.reserve(metrics.size());
    columns_.values.reserve(metrics.size());
    std::vector<uint32_t> computed;  // positions in `metrics`
    for (uint32_t i = 0; i < metrics.size(); ++i) {
      const BoundExpression& value = input_.query.metrics[metrics[i]].expression;
      if (value.op == ExpressionOp::kColumn) {
        SEXTANT_RETURN_IF_ERROR(FinishAggregate(value.column));
        columns_.of_metric.push_back(place_[value.column]);
        continue;
      }
      for (const uint32_t aggregate : AggregatesOf(value)) {
        SEXTANT_RETURN_IF_ERROR(FinishAggregate(aggregate));
      }
      columns_.of_metric.push_back(0);
      computed.push_back(i);
    }
    for (const uint32_t i : computed) {
      columns_.of_metric[i] = static_cast<uint32_t>(columns_.values.size());
      SEXTANT_RETURN_IF_ERROR(Compute(input_.query.metrics[metrics[i]]));
    }
    return std::move(columns_);
  }

 private:
  absl::Status FinishAggregate(uint32_t aggregate) {
    if (place_[aggregate] != kNowhere) return absl::OkStatus();
    place_[aggregate] = static_cast<uint32_t>(columns_.values.size());
    const AggregatePlace place = PlaceOf(input_.query, aggregate);
    const BoundAggregate& bound = input_.query.aggregates[aggregate];
    if (PartitionedGroups* const groups = input_.passes[0].partitioned) {
      SEXTANT_ASSIGN_OR_RETURN(MetricValues finished, groups->TakeValues(place.index));
      columns_.values.push_back(std::move(finished));
      return absl::OkStatus();
    }
    MetricValues& values = columns_.values.emplace_back(bound.result_type, input_.context.budget());
    SEXTANT_RETURN_IF_ERROR(values.Reserve(input_.rows.size()));
    const std::span<const uint32_t> cells = input_.rows.cells[place.dataset].span();
    for (size_t pass = 0; pass < input_.passes.size(); ++pass) {
      const AggregateState& state =
          *input_.passes[pass].states[place.dataset]->metrics[place.index];
      const size_t begin = input_.rows.pass_begins[pass];
      const size_t end = input_.rows.pass_begins[pass + 1];
      SEXTANT_RETURN_IF_ERROR(
          FinishPass(state, bound.IsCountLike(), cells.subspan(begin, end - begin), values));
    }
    return absl::OkStatus();
  }

  absl::Status FinishPass(const AggregateState& state, bool is_count,
                          std::span<const uint32_t> cells, MetricValues& values) {
    if (cells.size() >= kLeastSharedValues) {
      SEXTANT_RETURN_IF_ERROR(BeginFinish(state, cells, values.type));
    }
    return AppendInParts(
        input_.context, cells.size(), values, [&](size_t begin, size_t end, MetricValues& own) {
          return FinishCells(state, is_count, cells.subspan(begin, end - begin), own);
        });
  }

  /// The first call of Finish, which may do the work of all.
  absl::Status BeginFinish(const AggregateState& state, std::span<const uint32_t> cells,
                           const DataType& type) const {
    const auto present = std::find_if_not(cells.begin(), cells.end(), IsAbsent);
    if (present == cells.end()) return absl::OkStatus();
    MetricValues unused(type, input_.context.budget());
    return state.Finish({present, present + 1}, unused, [this] { return input_.context.Check(); });
  }

  /// Runs of cells that are there, and runs of such that are not.
  absl::Status FinishCells(const AggregateState& state, bool is_count,
                           std::span<const uint32_t> cells, MetricValues& values) const {
    for (size_t begin = 0; begin < cells.size();) {
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      const std::span<const uint32_t> rest =
          cells.subspan(begin, std::min(kRowsPerCheck, cells.size() - begin));
      const auto absent = input_.rows.may_lack_cells
                              ? std::find_if(rest.begin(), rest.end(), IsAbsent)
                              : rest.end();
      const auto num_present = static_cast<size_t>(absent - rest.begin());
      if (num_present > 0) {
        SEXTANT_RETURN_IF_ERROR(state.Finish(rest.first(num_present), values,
                                             [this] { return input_.context.Check(); }));
        begin += num_present;
        continue;
      }
      const auto present = std::find_if_not(rest.begin(), rest.end(), IsAbsent);
      const auto num_absent = static_cast<size_t>(present - rest.begin());
      for (size_t i = 0; i < num_absent; ++i) {
        SEXTANT_RETURN_IF_ERROR(is_count ? AppendZero(values) : values.AppendMissing());
      }
      begin += num_absent;
    }
    return absl::OkStatus();
  }

  static absl::Status AppendZero(MetricValues& values) {
    return values.form == MetricValues::Form::kFloat ? values.AppendFloat(0)
                                                     : values.AppendInteger(0);
  }

  absl::Status Compute(const BoundMetric& metric) {
    std::vector<const MetricValues*> operands(input_.query.aggregates.size());
    for (uint32_t aggregate = 0; aggregate < place_.size(); ++aggregate) {
      if (place_[aggregate] == kNowhere) continue;
      operands[aggregate] = &columns_.values[place_[aggregate]];
    }
    MetricExpressionInput input = {input_.context, input_.query,       metric,
                                   operands,       input_.rows.size(), input_.rows.pass_begins[1]};
    SEXTANT_ASSIGN_OR_RETURN(MetricExpressionResult result, EvaluateMetric(input));
    columns_.excluded += result.excluded;
    columns_.values.push_back(std::move(result.values));
    return absl::OkStatus();
  }

  const MetricColumnsInput& input_;
  MetricColumns columns_;
  /// Per aggregate of the query: which of the values.
  absl::InlinedVector<uint32_t, 16> place_;
};

}  // namespace

absl::StatusOr<MetricColumns> FinishMetrics(const MetricColumnsInput& input,
                                            std::span<const uint32_t> metrics) {
  return MetricFinisher(input).Finish(metrics);
}

}  // namespace sextant
